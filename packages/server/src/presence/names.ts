/**
 * Which channels a request makes its uuid present on: the plain ones, wildcards by their own name, members of groups.
 *
 * Rules: spec/PRESENCE.md PRE3-PRE5.
 *
 * @module
 */
import { isPresenceName } from "@longwave/protocol";

/** The channels of a group now, by the keyset's subscribe key; none for a group that does not exist. */
export type MembersOf = (keyset: string, group: string) => Promise<ReadonlySet<string>>;

/** Names of a request, as asked for. */
export interface AskedNames {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
}

/** Names with what each group stands for. */
export interface ExpandedNames {
  /** Each once; no presence names. */
  readonly channels: readonly string[];
  /** The members of each group that was asked for. */
  readonly membersByGroup: ReadonlyMap<string, readonly string[]>;
}

/** Leaves out presence names, which make nobody present; the same list where there are none. */
export function withoutPresenceNames(names: readonly string[]): readonly string[] {
  return names.some(isPresenceName) ? names.filter((name) => !isPresenceName(name)) : names;
}

/** Finds what the groups of a request stand for. */
export async function expandNames(
  keyset: string,
  { channels, groups }: AskedNames,
  membersOf: MembersOf,
): Promise<ExpandedNames> {
  const plain = withoutPresenceNames(groups);
  const members = await Promise.all(plain.map(async (group) => [...(await membersOf(keyset, group))]));
  const membersByGroup = new Map(plain.map((group, at) => [group, withoutPresenceNames(members[at] ?? [])]));
  const all = new Set(withoutPresenceNames(channels));
  for (const names of membersByGroup.values()) for (const name of names) all.add(name);
  return { channels: [...all], membersByGroup };
}

/** State by channel, from state by channel or group: a channel's own wins over its group's. */
export function statesByChannel(
  states: ReadonlyMap<string, string> | undefined,
  { membersByGroup }: ExpandedNames,
): ReadonlyMap<string, string> | undefined {
  if (!states || states.size === 0) return undefined;
  const byChannel = new Map<string, string>();
  for (const [group, members] of membersByGroup) {
    const state = states.get(group);
    if (state !== undefined) for (const member of members) byChannel.set(member, state);
  }
  for (const [name, state] of states) byChannel.set(name, state);
  return byChannel;
}
