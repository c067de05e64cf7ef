/**
 * What a subscriber asked for: names of channels and wildcards, and channel groups with their members.
 *
 * Says for a channel under which of the requested names it is wanted. Plain data; made by the edge, completed with the
 * groups' members by {@link Subscriptions}. Rules: spec/SUBSCRIBE.md SUB12, SUB13, SUB18.
 *
 * @module
 */
import { PRESENCE_SUFFIX, type SubscribeName, isPresenceName, wildcardsOf } from "@longwave/protocol";

/** A channel group as it was requested: `g` for its messages, `g-pnpres` for the presence of its members. */
export interface GroupName {
  /** As requested, with its ending. */
  readonly name: string;
  /** Without the ending. */
  readonly group: string;
  readonly isPresence: boolean;
}

/** A requested group and the channels that are in it now. */
export interface RequestedGroup extends GroupName {
  readonly members: ReadonlySet<string>;
}

/** Everything that one subscriber asked for; without repetition, and not empty. */
export interface Selection {
  readonly names: readonly SubscribeName[];
  readonly groups: readonly RequestedGroup[];
}

/** Reads a group of a subscribe request. @param name decoded. */
export function groupName(name: string): GroupName {
  const isPresence = isPresenceName(name);
  return { name, group: isPresence ? name.slice(0, -PRESENCE_SUFFIX.length) : name, isPresence };
}

/** Whether a channel's messages are wanted through a group. */
export function isInGroup({ members, isPresence }: RequestedGroup, channel: string): boolean {
  if (!isPresence) return members.has(channel);
  return isPresenceName(channel) && members.has(channel.slice(0, -PRESENCE_SUFFIX.length));
}

/** Whether answers name what matched even where that is the channel itself: always, but for a single name (SUB13). */
export function namesItsMatches({ names, groups }: Pick<Selection, "names" | "groups">): boolean {
  return names.length + groups.length > 1;
}

/** Every name under which a channel is wanted: itself, then wildcards, shortest first, then groups. */
export function requestedAs(selection: Selection, requested: ReadonlySet<string>, channel: string): readonly string[] {
  const names = [channel, ...wildcardsOf(channel)].filter((name) => requested.has(name));
  if (selection.groups.length === 0) return names;
  return [...names, ...selection.groups.filter((group) => isInGroup(group, channel)).map(({ name }) => name)];
}

/** The names to read a selection's past by: its own, and each member of its groups. */
export function namesToRead({ names, groups }: Selection): readonly SubscribeName[] {
  if (groups.length === 0) return names;
  const members = groups.flatMap(({ members, isPresence }) =>
    [...members].map((channel) => (isPresence ? `${channel}${PRESENCE_SUFFIX}` : channel)),
  );
  const known = new Set(names.map(({ name }) => name));
  const more = [...new Set(members)].filter((name) => !known.has(name));
  return [...names, ...more.map((name) => ({ kind: "channel", name }) as const)];
}
