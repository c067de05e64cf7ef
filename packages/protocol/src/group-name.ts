/**
 * Names of channel groups: `group`, or `namespace:group`; and of the channels that may be their members.
 *
 * A group's full name is what the rest of the network calls it: without a colon in the namespace that has no name.
 * Pure. Rules: spec/GROUPS.md GRP1-GRP4.
 *
 * @module
 */
import { PRESENCE_SUFFIX } from "./channel-name.ts";
import { NetworkError } from "./network-error.ts";
import { LIMITS } from "./limits.ts";
import { hasForbidden, isPossible, isTooLong, isUnusable } from "./name-characters.ts";

/** The namespace of groups whose names have no colon. */
export const NO_NAMESPACE = "";

/** A group's full name in its two parts. */
export interface GroupName {
  /** {@link NO_NAMESPACE} where the name has no colon. */
  readonly namespace: string;
  readonly name: string;
}

// The colon separates a namespace from a group, so neither can hold one; in a channel it is let through (CHN2).
const FORBIDDEN_IN_GROUP = ",/\\*:";
const FORBIDDEN_IN_MEMBER = ",/\\*";

/** Whether a text is a group's full name: what {@link parseGroup} accepts. */
export function isGroupName(text: string): boolean {
  const { namespace, name } = splitGroup(text);
  return (text === name || isPart(namespace)) && !name.endsWith(PRESENCE_SUFFIX) && isPart(name);
}

const isPart = (text: string): boolean => isPossible(text, FORBIDDEN_IN_GROUP, LIMITS.groupNameCharactersMax);

/**
 * Checks a group's full name.
 *
 * @param text decoded, from an untrusted peer: `group` or `namespace:group`, each of 1 to 92 characters, none of them
 *   `,` `/` `\` `*` `:`, space or a control character.
 * @returns the full name, unchanged.
 * @throws {NetworkError} `groupInputReserved` when it is no name, or ends in `-pnpres`; `groupInputTooLong`.
 * @see spec/GROUPS.md GRP1
 * @example
 * ```ts
 * parseGroup("sport:news"); // "sport:news"
 * ```
 */
export function parseGroup(text: string): string {
  const colon = text.indexOf(":");
  if (colon >= 0) parseNamespace(text.slice(0, colon));
  parseGroupInNamespace(text.slice(colon + 1));
  return text;
}

/**
 * Checks a group's name without its namespace.
 *
 * @param text decoded, from an untrusted peer.
 * @returns the name, unchanged.
 * @throws {NetworkError} `groupInputReserved`, also for a colon; `groupInputTooLong`.
 * @see spec/GROUPS.md GRP1
 */
export function parseGroupInNamespace(text: string): string {
  if (text.endsWith(PRESENCE_SUFFIX)) throw new NetworkError("groupInputReserved");
  return parseNamespace(text);
}

/**
 * Checks a namespace's name.
 *
 * @param text decoded, from an untrusted peer.
 * @returns the name, unchanged.
 * @throws {NetworkError} `groupInputReserved`, also for a colon; `groupInputTooLong`.
 * @see spec/GROUPS.md GRP1
 */
export function parseNamespace(text: string): string {
  return check(text, FORBIDDEN_IN_GROUP, LIMITS.groupNameCharactersMax);
}

/**
 * Checks the name of a channel that is to be, or no longer to be, a group's member.
 *
 * @param text decoded, from an untrusted peer: a channel's name, or one with its `-pnpres` ending; no wildcard.
 * @returns the name, unchanged.
 * @throws {NetworkError} `groupInputReserved` or `groupInputTooLong`.
 * @see spec/GROUPS.md GRP3
 */
export function parseGroupMember(text: string): string {
  const channel = text.endsWith(PRESENCE_SUFFIX) ? text.slice(0, -PRESENCE_SUFFIX.length) : text;
  check(channel, FORBIDDEN_IN_MEMBER, LIMITS.channelNameCharactersMax);
  return text;
}

function check(text: string, forbidden: string, charactersMax: number): string {
  if (isUnusable(text) || hasForbidden(text, forbidden)) throw new NetworkError("groupInputReserved");
  if (isTooLong(text, charactersMax)) throw new NetworkError("groupInputTooLong");
  return text;
}

/** Splits a group's full name, which has been checked, into its two parts. */
export function splitGroup(group: string): GroupName {
  const colon = group.indexOf(":");
  return colon < 0
    ? { namespace: NO_NAMESPACE, name: group }
    : { namespace: group.slice(0, colon), name: group.slice(colon + 1) };
}

/** A group's full name from its two parts. */
export function printGroup({ namespace, name }: GroupName): string {
  return namespace === NO_NAMESPACE ? name : `${namespace}:${name}`;
}
