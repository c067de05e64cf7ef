/**
 * The group store of a single process, on SQLite.
 *
 * A change is decided on what the reading connection shows and written by the one writer. That is one step because
 * changes of a keyset take turns and nobody else writes these tables. Rules: spec/GROUPS.md GRP20-GRP27.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS, printGroup, splitGroup } from "@longwave/protocol";
import type { GroupChange, GroupChangeOutcome, GroupStore } from "../../ports/group-store.ts";
import { GroupReads } from "./sqlite-group-reads.ts";
import {
  type GroupEdit,
  deleteGroupStatements,
  deleteNamespaceStatements,
  editStatements,
} from "./sqlite-group-writes.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";
import { Turns } from "./turns.ts";

/** How much a keyset's groups may grow. */
export interface GroupBounds {
  readonly channelsPerGroupMax: number;
  readonly groupsPerKeysetMax: number;
  readonly groupChangesPerKeysetMax: number;
}

/** What the store tells those who watch it. */
export interface GroupStoreObserver {
  /** The database refused a change, in its own word. */
  refused(reason: string): void;
}

/** What a change comes to, once it is known what is there. */
type Decision =
  | { readonly kind: "tooMany" }
  | { readonly kind: "nothing" }
  | {
      readonly kind: "write";
      readonly statements: readonly SqlStatement[];
      readonly changed: readonly string[];
      /** Groups that begin, less those that end. */
      readonly groupsAdded: number;
    };

const NOTHING: Decision = { kind: "nothing" };

/** Keeps channel groups in an SQLite database. */
export class SqliteGroupStore implements GroupStore {
  readonly #reads: GroupReads;
  readonly #writer: Writer;
  readonly #observer: GroupStoreObserver;
  readonly #bounds: GroupBounds;
  readonly #turns: Turns;
  // Counting a keyset's groups takes as long as there are groups, so it is done once: only this store changes them.
  readonly #groupCounts = new Map<string, number>();
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer.
   */
  constructor(reading: Database, writer: Writer, observer: GroupStoreObserver, bounds: GroupBounds = LIMITS) {
    this.#reads = new GroupReads(reading);
    this.#writer = writer;
    this.#observer = observer;
    this.#bounds = bounds;
    this.#turns = new Turns(bounds.groupChangesPerKeysetMax);
  }

  async change(keyset: string, change: GroupChange): Promise<GroupChangeOutcome> {
    if (this.#isStopped) return { kind: "unavailable" };
    const outcome = this.#turns.take(keyset, () => this.#perform(keyset, change));
    return outcome ?? { kind: "overloaded" };
  }

  async members(keyset: string, group: string): Promise<readonly string[]> {
    return this.#reads.members(keyset, splitGroup(group));
  }

  async groups(keyset: string, namespace: string): Promise<readonly string[]> {
    return this.#reads.groups(keyset, namespace);
  }

  async namespaces(keyset: string): Promise<readonly string[]> {
    return this.#reads.namespaces(keyset);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#turns.ended();
  }

  async #perform(keyset: string, change: GroupChange): Promise<GroupChangeOutcome> {
    const decision = this.#decide(keyset, change);
    if (decision.kind === "tooMany") return decision;
    if (decision.kind === "nothing") return { kind: "kept", changed: [] };
    const { statements, changed, groupsAdded } = decision;
    const groups = this.#groupCount(keyset);
    this.#groupCounts.delete(keyset); // counted anew after a failure: a writer that died may have written
    const outcome = await this.#writer.write({ statements });
    if (outcome.kind === "refused") {
      this.#observer.refused(outcome.reason);
      return { kind: "unavailable" };
    }
    this.#groupCounts.set(keyset, groups + groupsAdded);
    return { kind: "kept", changed };
  }

  #decide(keyset: string, change: GroupChange): Decision {
    switch (change.kind) {
      case "edit":
        return this.#decideEdit(keyset, change);
      case "deleteGroup":
        return this.#decideDelete(keyset, change.group);
      case "deleteNamespace":
        return this.#decideDeleteNamespace(keyset, change.namespace);
    }
  }

  #decideEdit(keyset: string, { group, add, remove }: Extract<GroupChange, { readonly kind: "edit" }>): Decision {
    const name = splitGroup(group);
    const before = new Set(this.#reads.members(keyset, name));
    const after = new Set([...before, ...add]);
    if (after.size > before.size && !this.#hasRoom(keyset, before, after)) return { kind: "tooMany" };
    for (const channel of remove) after.delete(channel);
    const edit: GroupEdit = {
      added: [...after].filter((channel) => !before.has(channel)),
      removed: [...before].filter((channel) => !after.has(channel)),
      begins: before.size === 0,
      ends: after.size === 0,
    };
    if (edit.added.length + edit.removed.length === 0) return NOTHING;
    const groupsAdded = Number(edit.begins) - Number(edit.ends);
    return { kind: "write", statements: editStatements(keyset, name, edit), changed: [group], groupsAdded };
  }

  #hasRoom(keyset: string, before: ReadonlySet<string>, after: ReadonlySet<string>): boolean {
    if (after.size > this.#bounds.channelsPerGroupMax) return false;
    return before.size > 0 || this.#groupCount(keyset) < this.#bounds.groupsPerKeysetMax;
  }

  #decideDelete(keyset: string, group: string): Decision {
    const name = splitGroup(group);
    if (!this.#reads.hasGroup(keyset, name)) return NOTHING;
    return { kind: "write", statements: deleteGroupStatements(keyset, name), changed: [group], groupsAdded: -1 };
  }

  #decideDeleteNamespace(keyset: string, namespace: string): Decision {
    const names = this.#reads.groups(keyset, namespace);
    if (names.length === 0) return NOTHING;
    const changed = names.map((name) => printGroup({ namespace, name }));
    const statements = deleteNamespaceStatements(keyset, namespace);
    return { kind: "write", statements, changed, groupsAdded: -names.length };
  }

  #groupCount(keyset: string): number {
    const known = this.#groupCounts.get(keyset);
    if (known !== undefined) return known;
    const counted = this.#reads.groupCount(keyset);
    this.#groupCounts.set(keyset, counted);
    return counted;
  }
}
