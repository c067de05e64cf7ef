/**
 * The names that an application subscribes to: checked, completed by their presence companions, joined with those there are.
 *
 * Pure. Rules: spec/SDK.md SDK12, SDK22.
 *
 * @module
 */
import { PRESENCE_SUFFIX, isGroupName, isPresenceName, isSubscribeName } from "@longwave/protocol";
import { NOBODY_NAMED, listOf, requireTimetoken } from "../endpoints/parameters.ts";
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
    channels: namesIn(channels, "channels", isSubscribeName).flatMap(complete),
    groups: namesIn(channelGroups, "channelGroups", (name) => isGroupName(withoutSuffix(name))).flatMap(complete),
  };
  if (!isEmpty(added)) return union(present, added);
  throw invalid(NOBODY_NAMED);
}

/**
 * Takes names out, with their presence companions; unknown ones do nothing.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when there is no list of them.
 */
export function withoutNames(present: Names, { channels, channelGroups }: UnsubscribeParameters = {}): Names {
  if (channels === undefined && channelGroups === undefined) {
    throw invalid(NOBODY_NAMED);
  }
  return {
    channels: without(present.channels, listOf(channels, "channels", invalid)),
    groups: without(present.groups, listOf(channelGroups, "channelGroups", invalid)),
  };
}

function without(present: readonly string[], names: readonly unknown[]): readonly string[] {
  return present.filter((name) => !names.includes(name) && !names.includes(withoutSuffix(name)));
}

function withoutSuffix(name: string): string {
  return isPlain(name) ? name : name.slice(0, -PRESENCE_SUFFIX.length);
}

function joined(one: readonly string[], other: readonly string[]): readonly string[] {
  return Array.from(new Set([...one, ...other])).toSorted();
}

const isPlain = (name: string): boolean => !isPresenceName(name);

function namesIn(list: unknown, parameter: string, isName: (name: string) => boolean): readonly string[] {
  return listOf(list, parameter, invalid).map((name) => {
    if (typeof name === "string" && isName(name)) return name;
    throw invalid(
      `${parameter} holds something that is no name; use 1 to 92 characters, none of them a comma, slash or space, a star only in a wildcard`,
    );
  });
}

/**
 * Checks the instant to start from.
 *
 * @returns the instant; nothing for zero, which asks for now.
 * @throws {PubNubError} `PNValidationErrorCategory` when it is anything but 1 to 17 digits in a string.
 */
export function readTimetoken(timetoken: unknown): string | undefined {
  const instant = timetoken === undefined ? "0" : requireTimetoken(timetoken, "timetoken", invalid);
  return /[1-9]/.test(instant) ? instant : undefined;
}

function invalid(reason: string): PubNubError {
  return refusalOf("The subscription was not changed", reason, "PNSubscribeOperation");
}
