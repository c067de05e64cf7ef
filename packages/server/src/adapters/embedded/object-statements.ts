/**
 * The statements by which the embedded store changes objects.
 *
 * What is to be written has been decided; these only write it. Rules: spec/OBJECTS.md OBJ40-OBJ45.
 *
 * @module
 */
import type { Metadata, Relation, RelationId } from "../../ports/object-record.ts";
import type { MetadataPlace } from "../../ports/object-store.ts";
import { COLUMNS, RELATION_COLUMNS, TEXT_NAMES } from "./object-columns.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

const COLLECTION = "(SELECT id FROM object_collection WHERE keyset = ? AND kind = ?)";

/** Makes the collections of a keyset, where it has none yet. */
export function collections(keyset: string): SqlStatement {
  const sql = `INSERT INTO object_collection (keyset, kind) VALUES (?1, 'uuid'), (?1, 'channel'), (?1, 'relation')
    ON CONFLICT (keyset, kind) DO NOTHING`;
  return { sql, values: [keyset] };
}

const TEXTS = TEXT_NAMES.map((name) => COLUMNS[name]);
const METADATA_COLUMNS = [...TEXTS, "custom", "updated_us", "etag"];
const RELATION_VALUES = [...RELATION_COLUMNS, "custom", "updated_us", "etag"];

function upsert(table: string, key: readonly string[], columns: readonly string[]): string {
  const all = [...key, ...columns];
  return `INSERT INTO ${table} (collection_id, ${all.join(", ")}) SELECT c.id, ${all.map(() => "?").join(", ")}
    FROM object_collection c WHERE c.keyset = ? AND c.kind = ?
    ON CONFLICT (collection_id, ${key.join(", ")}) DO UPDATE SET
    ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`;
}

const UPSERT_METADATA = upsert("object_metadata", ["id"], METADATA_COLUMNS);
const UPSERT_RELATION = upsert("object_relation", ["uuid", "channel"], RELATION_VALUES);

/** Keeps metadata as it is given. */
export function keepMetadata({ keyset, kind }: MetadataPlace, metadata: Metadata): SqlStatement {
  const { id, texts, custom, updatedUs, eTag } = metadata;
  const values = [id, ...TEXT_NAMES.map((name) => texts[name] ?? null), custom ?? null, updatedUs, eTag, keyset, kind];
  return { sql: UPSERT_METADATA, values };
}

/** Deletes metadata. */
export function deleteMetadata({ keyset, kind, id }: MetadataPlace): SqlStatement {
  return {
    sql: `DELETE FROM object_metadata WHERE collection_id = ${COLLECTION} AND id = ?`,
    values: [keyset, kind, id],
  };
}

/** Deletes all memberships of a user, or all members of a channel. */
export function deleteRelationsOf({ keyset, kind, id }: MetadataPlace): SqlStatement {
  const sql = `DELETE FROM object_relation WHERE collection_id = ${COLLECTION} AND ${kind} = ?`;
  return { sql, values: [keyset, "relation", id] };
}

/** Keeps a relation as it is given. */
export function keepRelation(keyset: string, relation: Relation): SqlStatement {
  const { uuid, channel, texts, custom, updatedUs, eTag } = relation;
  const content = [...RELATION_COLUMNS.map((name) => texts[name] ?? null), custom ?? null, updatedUs, eTag];
  return { sql: UPSERT_RELATION, values: [uuid, channel, ...content, keyset, "relation"] };
}

/** Deletes a relation. */
export function deleteRelation(keyset: string, { uuid, channel }: RelationId): SqlStatement {
  const sql = `DELETE FROM object_relation WHERE collection_id = ${COLLECTION} AND uuid = ? AND channel = ?`;
  return { sql, values: [keyset, "relation", uuid, channel] };
}
