/**
 * Channel groups: names under which subscribers follow many channels, changed while they follow them.
 *
 * Called by the edge with checked names. A change is acknowledged when it is on disk and has been announced, so that who
 * publishes after the acknowledgement reaches the new member's subscribers. Rules: spec/GROUPS.md GRP5-GRP13.
 *
 * @module
 */
import type { GroupChange, GroupChangeOutcome, GroupStore } from "../ports/group-store.ts";

/** Tells every node that a group's members are others than before; its full name, `group` or `namespace:group`. */
export type AnnounceGroup = (keyset: string, group: string) => Promise<void>;

/** What channel groups need from outside. */
export interface GroupPorts {
  readonly store: GroupStore;
  readonly announce: AnnounceGroup;
}

/** What came of a request to change groups. */
export type GroupOutcome = { readonly kind: "done" } | { readonly kind: Exclude<GroupChangeOutcome["kind"], "kept"> };

/** Changes a keyset's groups: adds and removes channels, deletes a group or a namespace. Changing nothing is fine. */
export async function changeGroups(ports: GroupPorts, keyset: string, change: GroupChange): Promise<GroupOutcome> {
  if (change.kind === "edit" && change.add.length + change.remove.length === 0) return { kind: "done" };
  const outcome = await ports.store.change(keyset, change);
  if (outcome.kind !== "kept") return outcome;
  for (const group of outcome.changed) await ports.announce(keyset, group);
  return { kind: "done" };
}

/** The channels of a group in the order of their names; none where there is no such group. */
export async function listChannels({ store }: GroupPorts, keyset: string, group: string): Promise<readonly string[]> {
  return (await store.members(keyset, group)).toSorted();
}

/** The names of a namespace's groups, without the namespace, in their order; `""` has those without one. */
export async function listGroups({ store }: GroupPorts, keyset: string, namespace: string): Promise<readonly string[]> {
  return (await store.groups(keyset, namespace)).toSorted();
}

/** The namespaces that have a group, in the order of their names. */
export async function listNamespaces({ store }: GroupPorts, keyset: string): Promise<readonly string[]> {
  return (await store.namespaces(keyset)).toSorted();
}
