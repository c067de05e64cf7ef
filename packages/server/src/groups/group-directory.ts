/**
 * The members of channel groups as the rest of the node asks for them: from memory, for as long as nothing changed.
 *
 * Whoever follows the control log calls {@link GroupDirectory.changed}; what was loaded before is then forgotten, and a
 * load that was under way is not kept. Bounded: the group longest unused leaves. Rules: spec/GROUPS.md GRP30-GRP34.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { GroupStore } from "../ports/group-store.ts";

/** How much is kept in memory. */
export interface DirectoryBounds {
  readonly cachedGroupsMax: number;
  readonly cachedGroupMembersMax: number;
}

type Members = ReadonlySet<string>;

/** Finds the members of groups. */
export class GroupDirectory {
  readonly #store: Pick<GroupStore, "members">;
  readonly #bounds: DirectoryBounds;
  readonly #known = new Map<string, Members>(); // in the order of their last use
  readonly #loading = new Map<string, Promise<Members>>();
  readonly #versions = new Map<string, number>();
  #knownMembers = 0;

  constructor(store: Pick<GroupStore, "members">, bounds: DirectoryBounds = LIMITS) {
    this.#store = store;
    this.#bounds = bounds;
  }

  /** What is in memory now. */
  get size(): { readonly groups: number; readonly members: number } {
    return { groups: this.#known.size, members: this.#knownMembers };
  }

  /**
   * The members of a group; none where there is no such group.
   *
   * They are current if {@link version} is the same afterwards as before.
   *
   * @param group its full name, `group` or `namespace:group`.
   */
  async members(keyset: string, group: string): Promise<ReadonlySet<string>> {
    const key = keyOf(keyset, group);
    const known = this.#known.get(key);
    if (known) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const loading = this.#loading.get(key) ?? this.#load(key, keyset, group);
    return loading;
  }

  /** Forgets a group, since its members are others than before. */
  changed(keyset: string, group: string): void {
    const key = keyOf(keyset, group);
    this.#forget(key);
    this.#loading.delete(key); // whoever asks from now on must not join a load that may have read what was before
    this.#versions.set(keyset, this.version(keyset) + 1);
  }

  /** A number that rises whenever any group of the keyset changed; 0 at first. */
  version(keyset: string): number {
    return this.#versions.get(keyset) ?? 0;
  }

  #load(key: string, keyset: string, group: string): Promise<Members> {
    const loading = this.#store.members(keyset, group).then(
      (channels) => {
        const members = new Set(channels);
        if (this.#loading.get(key) === loading) this.#keep(key, members);
        return members;
      },
      (failure: unknown) => {
        if (this.#loading.get(key) === loading) this.#loading.delete(key);
        throw failure;
      },
    );
    this.#loading.set(key, loading);
    return loading;
  }

  #keep(key: string, members: Members): void {
    this.#loading.delete(key);
    this.#known.set(key, members);
    this.#knownMembers += members.size;
    for (const oldest of this.#known.keys()) {
      const isFull = this.#known.size > this.#bounds.cachedGroupsMax;
      if (!isFull && this.#knownMembers <= this.#bounds.cachedGroupMembersMax) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#knownMembers -= this.#known.get(key)?.size ?? 0;
    this.#known.delete(key);
  }
}

// No group's name holds a control character, so two keysets' groups never share a key.
function keyOf(keyset: string, group: string): string {
  return `${keyset}\n${group}`;
}
