/**
 * What listings of objects can be about, with the indexes of each: all users, all channels, a user's memberships, a channel's
 * members.
 *
 * @module
 */
import type { ObjectKind } from "../../ports/object-record.ts";
import type { ListingTarget } from "./object-listings.ts";
import type { Indexed } from "./object-paths.ts";
import { type SqlText, raw, sql } from "./sql-text.ts";

const METADATA_INDEXES = {
  table: "object_metadata",
  idColumn: "id",
  byId: "object_metadata_by_id",
  byIdInAnyCase: "object_metadata_by_id_in_any_case",
  byText: {
    name: "object_metadata_by_name",
    externalId: "object_metadata_by_external_id",
    email: "object_metadata_by_email",
    type: "object_metadata_by_type",
    status: "object_metadata_by_status",
  },
  byUpdated: "object_metadata_by_updated",
} as const;

// A user's memberships are no more than a listing may look at one by one.
const RELATION_INDEXES = {
  uuid: { idColumn: "channel", byId: "object_relation_by_uuid", byText: {}, byUpdated: undefined },
  channel: {
    idColumn: "uuid",
    byId: "object_relation_by_channel",
    byText: { type: "object_relation_by_type", status: "object_relation_by_status" },
    byUpdated: "object_relation_by_updated",
  },
} as const;

function metadataIndexed(owner: Indexed["owner"], collection: bigint): Indexed {
  return { owner, ...METADATA_INDEXES, partition: [["collection_id", collection]] };
}

/** All users or all channels. */
export function metadataTarget(collection: bigint, total: number): ListingTarget {
  return {
    self: metadataIndexed("self", collection),
    other: undefined,
    columns: "r.*",
    join: (candidates) => sql`FROM (${candidates}) r`,
    total,
  };
}

/** Whose relations, and the collections that they and the other ones' metadata are in. */
export interface RelationsOf {
  readonly kind: ObjectKind;
  readonly id: string;
  readonly relations: bigint;
  readonly others: bigint;
  /** Whether the other ones' metadata is shown or asked about; looking it up is most of what a listing costs. */
  readonly needsOther: boolean;
}

/** The columns of `object_metadata` beside those of a relation: of the one at the other end, absent where it has none. */
const OTHER_COLUMNS = `o.id AS o_id, o.name AS o_name, o.external_id AS o_external_id, o.profile_url AS o_profile_url,
  o.email AS o_email, o.description AS o_description, o.type AS o_type, o.status AS o_status, o.custom AS o_custom,
  o.updated_us AS o_updated_us, o.etag AS o_etag`;

/** A user's memberships or a channel's members. */
export function relationsTarget(of: RelationsOf, total: number): ListingTarget {
  const { kind, id, relations, others, needsOther } = of;
  const indexes = RELATION_INDEXES[kind];
  const otherId = indexes.idColumn;
  const join = (candidates: SqlText, owner: Indexed["owner"]): SqlText => {
    const metadata = sql`LEFT JOIN object_metadata o INDEXED BY object_metadata_by_id
      ON o.collection_id = ${others} AND o.id = r.${raw(otherId)}`;
    if (!needsOther) return sql`FROM (${candidates}) r`;
    if (owner === "self") return sql`FROM (${candidates}) r ${metadata}`;
    return sql`FROM (${candidates}) k CROSS JOIN object_relation r INDEXED BY ${raw(indexes.byId)}
      ON r.collection_id = ${relations} AND r.${raw(kind)} = ${id} AND r.${raw(otherId)} = k.id ${metadata}`;
  };
  return {
    self: {
      owner: "self",
      table: "object_relation",
      byIdInAnyCase: undefined,
      ...indexes,
      partition: [
        ["collection_id", relations],
        [kind, id],
      ],
    },
    other: metadataIndexed("other", others),
    columns: needsOther ? `r.*, ${OTHER_COLUMNS}` : "r.*",
    join,
    total,
  };
}
