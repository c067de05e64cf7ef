/**
 * Reads objects back from the embedded database.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type { Condition, Listing } from "../../ports/object-listing.ts";
import {
  type Metadata,
  type ObjectKind,
  type Relation,
  type RelationId,
  otherKind,
} from "../../ports/object-record.ts";
import type {
  MetadataListing,
  MetadataPlace,
  PageOutcome,
  RelationItem,
  RelationsListing,
} from "../../ports/object-store.ts";
import { type CollectionKind, type MetadataRow, type RelationRow, metadataOf, relationOf } from "./object-columns.ts";
import { type ListingBounds, ObjectListing } from "./object-listings.ts";
import { metadataTarget, relationsTarget } from "./object-targets.ts";

interface CollectionRow {
  readonly id: bigint;
  readonly records: bigint;
}

/** A relation with the metadata at its other end: NULL where there is none, without columns where it was not needed. */
type JoinedRow = RelationRow & Partial<OtherColumns>;
type OtherColumns = { readonly [Column in keyof MetadataRow as `o_${Column}`]: MetadataRow[Column] | null };

const NO_COLLECTION: CollectionRow = { id: -1n, records: 0n };

/** The reads of one connection. */
export class ObjectReads {
  readonly #database: Database;
  readonly #bounds: ListingBounds;
  readonly #collection: Statement<CollectionRow, [keyset: string, kind: CollectionKind]>;
  readonly #metadata: Statement<MetadataRow, [collection: bigint, id: string]>;
  readonly #relation: Statement<RelationRow, [collection: bigint, uuid: string, channel: string]>;
  readonly #channels: Statement<{ readonly channel: string }, [collection: bigint, uuid: string]>;
  readonly #tally: Statement<{ readonly relations: bigint }, [collection: bigint, kind: ObjectKind, id: string]>;

  /** @param database opened with `safeIntegers`. */
  constructor(database: Database, bounds: ListingBounds) {
    this.#database = database;
    this.#bounds = bounds;
    this.#collection = database.prepare("SELECT id, records FROM object_collection WHERE keyset = ? AND kind = ?");
    this.#metadata = database.prepare("SELECT * FROM object_metadata WHERE collection_id = ? AND id = ?");
    this.#relation = database.prepare(
      "SELECT * FROM object_relation WHERE collection_id = ? AND uuid = ? AND channel = ?",
    );
    this.#channels = database.prepare(
      "SELECT channel FROM object_relation WHERE collection_id = ? AND uuid = ? ORDER BY channel",
    );
    this.#tally = database.prepare(
      "SELECT relations FROM object_relation_tally WHERE collection_id = ? AND kind = ? AND id = ?",
    );
  }

  metadata({ keyset, kind, id }: MetadataPlace): Metadata | undefined {
    const row = this.#metadata.get(this.#collectionOf(keyset, kind).id, id);
    return row ? metadataOf(row) : undefined;
  }

  relation(keyset: string, { uuid, channel }: RelationId): Relation | undefined {
    const row = this.#relation.get(this.#collectionOf(keyset, "relation").id, uuid, channel);
    return row ? relationOf(row) : undefined;
  }

  /** The channels that a user is a member of, by name. */
  channelsOf(keyset: string, uuid: string): readonly string[] {
    return this.#channels.all(this.#collectionOf(keyset, "relation").id, uuid).map(({ channel }) => channel);
  }

  /** How many memberships a user, or members a channel has. */
  relationsOf({ keyset, kind, id }: MetadataPlace): number {
    return Number(this.#tally.get(this.#collectionOf(keyset, "relation").id, kind, id)?.relations ?? 0);
  }

  listMetadata({ keyset, kind, ...listing }: MetadataListing): PageOutcome<Metadata> {
    const { id, records } = this.#collectionOf(keyset, kind);
    const target = metadataTarget(id, Number(records));
    return itemsBy(new ObjectListing<MetadataRow>(this.#database, target, listing, this.#bounds).run(), metadataOf);
  }

  listRelations({ keyset, kind, id, includesOther, ...listing }: RelationsListing): PageOutcome<RelationItem> {
    const relations = this.#collectionOf(keyset, "relation").id;
    const others = this.#collectionOf(keyset, otherKind(kind)).id;
    const needsOther = includesOther || asksOther(listing);
    const target = relationsTarget({ kind, id, relations, others, needsOther }, this.relationsOf({ keyset, kind, id }));
    return itemsBy(new ObjectListing<JoinedRow>(this.#database, target, listing, this.#bounds).run(), itemOf);
  }

  #collectionOf(keyset: string, kind: CollectionKind): CollectionRow {
    return this.#collection.get(keyset, kind) ?? NO_COLLECTION;
  }
}

function itemsBy<Row, Item>(outcome: PageOutcome<Row>, itemOf: (row: Row) => Item): PageOutcome<Item> {
  return outcome.kind === "page" ? { ...outcome, items: outcome.items.map((row) => itemOf(row)) } : outcome;
}

function itemOf(row: JoinedRow): RelationItem {
  return { relation: relationOf(row), other: otherOf(row) };
}

function asksOther({ condition, sort }: Listing): boolean {
  return (
    sort.some(({ field }) => field.owner === "other") || (condition !== undefined && conditionAsksOther(condition))
  );
}

function conditionAsksOther(condition: Condition): boolean {
  if ("conditions" in condition) return condition.conditions.some(conditionAsksOther);
  return condition.kind === "not" ? conditionAsksOther(condition.condition) : condition.field.owner === "other";
}

function otherOf({ o_id: id, o_updated_us: updated, o_etag: etag, ...row }: JoinedRow): Metadata | undefined {
  if (typeof id !== "string" || typeof updated !== "bigint" || typeof etag !== "string") return undefined;
  return metadataOf({
    id,
    name: row.o_name ?? null,
    external_id: row.o_external_id ?? null,
    profile_url: row.o_profile_url ?? null,
    email: row.o_email ?? null,
    description: row.o_description ?? null,
    type: row.o_type ?? null,
    status: row.o_status ?? null,
    custom: row.o_custom ?? null,
    updated_us: updated,
    etag,
  });
}
