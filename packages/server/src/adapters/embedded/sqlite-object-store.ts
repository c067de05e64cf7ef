/**
 * The object store of a single process, on SQLite.
 *
 * A change is decided on what the reading connection shows and written by the one writer. That is one step because
 * changes of a keyset take turns and nobody else writes these tables. Rules: spec/OBJECTS.md OBJ40-OBJ49.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS } from "@longwave/protocol";
import {
  type Metadata,
  NO_CONTENT,
  type Relation,
  type RelationId,
  changedAtUs,
  contentBytes,
  metadataTag,
  otherKind,
  patched,
  relationTag,
} from "../../ports/object-record.ts";
import type {
  MetadataListing,
  MetadataPlace,
  MetadataRemoval,
  MetadataRemoveOutcome,
  MetadataSet,
  MetadataSetOutcome,
  ObjectStore,
  ObjectStoreRefusal,
  PageOutcome,
  RelationItem,
  RelationsChange,
  RelationsChangeOutcome,
  RelationsListing,
} from "../../ports/object-store.ts";
import { LISTING_BOUNDS, type ListingBounds } from "./object-listings.ts";
import { ObjectReads } from "./object-reads.ts";
import {
  collections,
  deleteMetadata,
  deleteRelation,
  deleteRelationsOf,
  keepMetadata,
  keepRelation,
} from "./object-statements.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";
import { Turns } from "./turns.ts";

/** How much a keyset's objects may grow, and how many of their changes may wait. */
export interface ObjectBounds {
  readonly objectBytesMax: number;
  readonly membershipsPerUserMax: number;
  readonly objectChangesPerKeysetMax: number;
  readonly listings: ListingBounds;
}

/** The bounds of a network; tests have smaller ones. */
export const OBJECT_BOUNDS: ObjectBounds = Object.freeze({ ...LIMITS, listings: LISTING_BOUNDS });

/** Keeps objects in an SQLite database. */
export class SqliteObjectStore implements ObjectStore {
  readonly #reads: ObjectReads;
  readonly #writer: Writer;
  readonly #refused: (reason: string) => void;
  readonly #bounds: ObjectBounds;
  readonly #turns: Turns;
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer.
   * @param refused told the database's own word when it refuses a change, for the log.
   */
  constructor(reading: Database, writer: Writer, refused: (reason: string) => void, bounds = OBJECT_BOUNDS) {
    this.#reads = new ObjectReads(reading, bounds.listings);
    this.#writer = writer;
    this.#refused = refused;
    this.#bounds = bounds;
    this.#turns = new Turns(bounds.objectChangesPerKeysetMax);
  }

  async setMetadata(request: MetadataSet): Promise<MetadataSetOutcome> {
    return this.#inTurn(request.keyset, () => this.#set(request));
  }

  async removeMetadata(request: MetadataRemoval): Promise<MetadataRemoveOutcome> {
    return this.#inTurn(request.keyset, () => this.#remove(request));
  }

  async changeRelations(request: RelationsChange): Promise<RelationsChangeOutcome> {
    return this.#inTurn(request.keyset, () => this.#changeRelations(request));
  }

  async metadata(place: MetadataPlace): Promise<Metadata | undefined> {
    return this.#reads.metadata(place);
  }

  async listMetadata(request: MetadataListing): Promise<PageOutcome<Metadata>> {
    return this.#reads.listMetadata(request);
  }

  async listRelations(request: RelationsListing): Promise<PageOutcome<RelationItem>> {
    return this.#reads.listRelations(request);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#turns.ended();
  }

  async #inTurn<Outcome>(keyset: string, work: () => Promise<Outcome>): Promise<Outcome | ObjectStoreRefusal> {
    if (this.#isStopped) return { kind: "unavailable" };
    const outcome = this.#turns.take(keyset, work);
    return outcome ?? { kind: "overloaded" };
  }

  async #set(request: MetadataSet): Promise<MetadataSetOutcome> {
    const { keyset, kind, id, patch, ifMatch, nowUs } = request;
    const before = this.#reads.metadata(request);
    if (ifMatch !== undefined && before?.eTag !== ifMatch) return { kind: "modified" };
    const { content, changed, isChanged } = patched(before ?? NO_CONTENT, patch);
    if (before && !isChanged) return { kind: "unchanged", metadata: before };
    if (contentBytes(content) > this.#bounds.objectBytesMax) return { kind: "tooLarge" };
    const updatedUs = changedAtUs(nowUs, before?.updatedUs);
    const metadata = { id, ...content, updatedUs, eTag: metadataTag(kind, id, content) };
    const channels = this.#channelsOf(request);
    const isWritten = await this.#write([collections(keyset), keepMetadata(request, metadata)]);
    return isWritten ? { kind: "set", metadata, changed, channels } : { kind: "unavailable" };
  }

  async #remove(request: MetadataRemoval): Promise<MetadataRemoveOutcome> {
    if (!this.#reads.metadata(request)) return { kind: "none" };
    const channels = this.#channelsOf(request);
    const cascade = request.cascades ? [deleteRelationsOf(request)] : [];
    const isWritten = await this.#write([deleteMetadata(request), ...cascade]);
    return isWritten ? { kind: "removed", channels } : { kind: "unavailable" };
  }

  async #changeRelations(request: RelationsChange): Promise<RelationsChangeOutcome> {
    if (request.requiresMetadata && this.#isMetadataMissing(request)) return { kind: "metadataMissing" };
    const edit = new RelationsEdit(this.#reads, request);
    if (edit.bytesMax > this.#bounds.objectBytesMax) return { kind: "tooLarge" };
    if (this.#hasTooMany(request, edit)) return { kind: "tooMany" };
    const { set, removed, statements } = edit;
    if (statements.length > 0) {
      const isWritten = await this.#write([collections(request.keyset), ...statements]);
      if (!isWritten) return { kind: "unavailable" };
    }
    return { kind: "kept", set, removed };
  }

  #isMetadataMissing({ keyset, kind, id, set }: RelationsChange): boolean {
    if (set.length === 0) return false;
    const others = set.map((entry) => ({ keyset, kind: otherKind(kind), id: entry.id }));
    return [{ keyset, kind, id }, ...others].some((place) => !this.#reads.metadata(place));
  }

  // What is taken away makes room in the same step.
  #hasTooMany({ keyset }: RelationsChange, { added, removed }: RelationsEdit): boolean {
    const more = Map.groupBy(added, ({ uuid }) => uuid);
    const fewer = Map.groupBy(removed, ({ uuid }) => uuid);
    return [...more].some(([uuid, { length }]) => {
      const before = this.#reads.relationsOf({ keyset, kind: "uuid", id: uuid });
      return before + length - (fewer.get(uuid)?.length ?? 0) > this.#bounds.membershipsPerUserMax;
    });
  }

  #channelsOf({ keyset, kind, id }: MetadataPlace): readonly string[] {
    return kind === "uuid" ? this.#reads.channelsOf(keyset, id) : [];
  }

  async #write(statements: readonly SqlStatement[]): Promise<boolean> {
    const outcome = await this.#writer.write({ statements });
    if (outcome.kind === "refused") this.#refused(outcome.reason);
    return outcome.kind === "written";
  }
}

/** What a change of relations comes to, entry by entry. */
class RelationsEdit {
  /** What is different afterwards and still there. */
  readonly set: readonly Relation[];
  /** Those of them that were not there before. */
  readonly added: readonly Relation[];
  readonly removed: readonly RelationId[];
  readonly statements: readonly SqlStatement[];
  /** Bytes of the largest of them. */
  readonly bytesMax: number;

  constructor(reads: ObjectReads, request: RelationsChange) {
    const { keyset, kind, id, set, remove, nowUs } = request;
    const idOf = (other: string): RelationId =>
      kind === "uuid" ? { uuid: id, channel: other } : { uuid: other, channel: id };
    const before = new Map<string, Relation | undefined>();
    for (const other of [...set.map((entry) => entry.id), ...remove]) {
      if (!before.has(other)) before.set(other, reads.relation(keyset, idOf(other)));
    }
    const after = new Map(before);
    for (const { id: other, patch } of set) {
      const known = after.get(other);
      const { content, isChanged } = patched(known ?? NO_CONTENT, patch);
      if (known && !isChanged) continue;
      const updatedUs = changedAtUs(nowUs, before.get(other)?.updatedUs);
      after.set(other, { ...idOf(other), ...content, updatedUs, eTag: relationTag(content) });
    }
    for (const other of remove) after.set(other, undefined);
    const different = [...after].filter(([other, relation]) => isDifferent(relation, before.get(other)));
    this.set = different.flatMap(([, relation]) => relation ?? []);
    this.added = this.set.filter((relation) => !before.get(kind === "uuid" ? relation.channel : relation.uuid));
    this.removed = different.filter(([, relation]) => !relation).map(([other]) => idOf(other));
    this.bytesMax = Math.max(0, ...this.set.map(contentBytes));
    this.statements = [
      ...this.set.map((relation) => keepRelation(keyset, relation)),
      ...this.removed.map((relation) => deleteRelation(keyset, relation)),
    ];
  }
}

// Entries that undo each other leave a relation as it was.
function isDifferent(relation: Relation | undefined, before: Relation | undefined): boolean {
  return relation?.eTag !== before?.eTag;
}
