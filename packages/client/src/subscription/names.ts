/**
 * The names that an application subscribes to: checked, completed by their presence companions, joined with those there are.
 *
 * Pure. Rules: spec/SDK.md SDK12, SDK22.
 *
 * @module
 */
import { NetworkError, PRESENCE_SUFFIX, isPresenceName, parseGroup, parseSubscribeName } from "@longwave/protocol";
import { type PubNubError, refusalOf } from "../errors.ts";

/** Names that are subscribed, presence companions among them: each once, in the order of their UTF-16 units. */
export interface Names {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
}

/** No names. */
export const NO_NAMES: Names = Object.freeze({ channels: Object.freeze([]), groups: Object.freeze([]) });

/** What to subscribe to: channels, groups, or both. */
export interface SubscribeParameters {
  /** Channels and wildcards (`news.*`), up to 2,000 together. Those that are subscribed already stay so. */
  readonly channels?: readonly string[] | undefined;
  /** Channel groups, up to 10, presence companions counted. */
  readonly channelGroups?: readonly string[] | undefined;
  /** Also receive who comes and goes on these channels and on the members of these groups. @defaultValue false */
  readonly withPresence?: boolean | undefined;
  /** Start after this instant, 17 digits; by default from where the subscription stands, or from now. */
  readonly timetoken?: string | undefined;
}

/** What to take out of the subscription. */
export type UnsubscribeParameters = Pick<SubscribeParameters, "channels" | "channelGroups">;

/** Whether there is no name. */
export function isEmpty({ channels, groups }: Names): boolean {
  return channels.length + groups.length === 0;
}

/** Names without presence companions: those on which a subscriber is present. */
export function plainOf({ channels, groups }: Names): Names {
  return { channels: channels.filter(isPlain), groups: groups.filter(isPlain) };
}

/** The names of the one that are not among the other. */
export function difference(one: Names, other: Names): Names {
  return {
    channels: one.channels.filter((name) => !other.channels.includes(name)),
    groups: one.groups.filter((name) => !other.groups.includes(name)),
  };
}

/** All names of both. */
export function union(one: Names, other: Names): Names {
  return {
    channels: joined(one.channels, other.channels),
    groups: joined(one.groups, other.groups),
  };
}

/**
 * Adds names to those that are subscribed.
 *
 * @param present the names that are subscribed now.
 * @throws {PubNubError} `PNValidationErrorCategory` when there is none, or one that is no name.
 */
export function withNames(
  present: Names,
  { channels, channelGroups, withPresence }: Omit<SubscribeParameters, "timetoken">,
): Names {
  const complete = (name: string): readonly string[] =>
    withPresence === true && isPlain(name) ? [name, name + PRESENCE_SUFFIX] : [name];
  const added: Names = {
    channels: listOf(channels, "channels").map(requireChannel).flatMap(complete),
    groups: listOf(channelGroups, "channelGroups").map(requireGroup).flatMap(complete),
  };
  if (!isEmpty(added)) return union(present, added);
  throw invalid("channels and channelGroups are both missing or empty; list what to subscribe to");
}

/**
 * Takes names out, with their presence companions; unknown ones do nothing.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when there is no list of them.
 */
export function withoutNames(present: Names, { channels, channelGroups }: UnsubscribeParameters = {}): Names {
  if (channels === undefined && channelGroups === undefined) {
    throw invalid("channels and channelGroups are both missing; list what to unsubscribe from");
  }
  return {
    channels: without(present.channels, listOf(channels, "channels")),
    groups: without(present.groups, listOf(channelGroups, "channelGroups")),
  };
}

function without(present: readonly string[], names: readonly unknown[]): readonly string[] {
  return present.filter((name) => {
    const plain = isPresenceName(name) ? name.slice(0, -PRESENCE_SUFFIX.length) : name;
    return !names.includes(name) && !names.includes(plain);
  });
}

function joined(one: readonly string[], other: readonly string[]): readonly string[] {
  return Array.from(new Set([...one, ...other])).toSorted();
}

const isPlain = (name: string): boolean => !isPresenceName(name);

function listOf(names: unknown, parameter: string): readonly unknown[] {
  if (names === undefined || names === null) return [];
  if (Array.isArray(names)) return names;
  throw invalid(`${parameter} is no list; give names in an array`);
}

/**
 * Checks the instant to start from.
 *
 * @returns the instant; nothing for zero, which asks for now.
 * @throws {PubNubError} `PNValidationErrorCategory` when it is anything but 1 to 17 digits in a string.
 */
export function readTimetoken(timetoken: unknown): string | undefined {
  if (timetoken === undefined) return undefined;
  if (typeof timetoken === "string" && /^\d{1,17}$/.test(timetoken))
    return /[1-9]/.test(timetoken) ? timetoken : undefined;
  throw invalid("timetoken is not 17 digits in a string; as a number it would lose its last ones");
}

function requireChannel(channel: unknown): string {
  if (typeof channel === "string" && isAccepted(() => parseSubscribeName(channel))) return channel;
  throw invalid(
    "channels holds something that is no name; use 1 to 92 characters, none of them a comma, slash or space",
  );
}

function requireGroup(group: unknown): string {
  const plain = typeof group === "string" && isPresenceName(group) ? group.slice(0, -PRESENCE_SUFFIX.length) : group;
  if (typeof group === "string" && typeof plain === "string" && isAccepted(() => parseGroup(plain))) return group;
  throw invalid(
    "channelGroups holds something that is no name; use 1 to 92 characters, none of them a comma, slash, star or space",
  );
}

function isAccepted(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (refusal) {
    if (!(refusal instanceof NetworkError)) throw refusal;
    return false;
  }
}

function invalid(reason: string): PubNubError {
  return refusalOf("The subscription was not changed", reason, "PNSubscribeOperation");
}
