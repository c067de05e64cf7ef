/**
 * Who is in a channel group: what subscribe needs of the room of channel groups.
 *
 * @module
 */
import type { SubscribeName } from "@longwave/protocol";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { GroupName, Selection } from "./selection.ts";

/** Knows the members of groups, as of the control log. */
export interface GroupMembers {
  /** The channels of a group; none for one that does not exist. */
  members(keyset: string, group: string): Promise<ReadonlySet<string>>;
  /** Forgets what it knew of a group; called when the control log says that it changed. */
  changed(keyset: string, group: string): void;
  /** Rises with every {@link changed} of the keyset: what was asked for at another version may be outdated. */
  version(keyset: string): number;
}

/** What a selection is made from. */
export interface SelectionRequest {
  readonly keyset: string;
  readonly names: readonly SubscribeName[];
  readonly groups: readonly GroupName[];
}

const NO_GROUPS: Selection["groups"] = Object.freeze([]);

/** Completes a request with the members of its groups, as they are when this is there: at once without groups. */
export function select(directory: GroupMembers, request: SelectionRequest): MaybePromise<Selection> {
  const { names, groups } = request;
  return groups.length === 0 ? { names, groups: NO_GROUPS } : selectGroups(directory, request);
}

async function selectGroups(directory: GroupMembers, request: SelectionRequest): Promise<Selection> {
  const { keyset, names, groups } = request;
  for (;;) {
    const version = directory.version(keyset);
    const complete = await Promise.all(
      groups.map(async (group) => ({ ...group, members: await directory.members(keyset, group.group) })),
    );
    if (directory.version(keyset) === version) return { names, groups: complete };
  }
}

/** Whether a selection can match nothing: there are groups, all of them without members, and no channels. */
export function isEmptySelection({ names, groups }: Selection): boolean {
  return names.length === 0 && groups.every(({ members }) => members.size === 0);
}
