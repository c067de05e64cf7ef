/**
 * Where the embedded database keeps what objects hold, and how rows become records.
 *
 * @module
 */
import type { Content, Metadata, ObjectKind, Relation, TextName } from "../../ports/object-record.ts";

/** The columns of texts. */
export const COLUMNS = Object.freeze({
  name: "name",
  externalId: "external_id",
  profileUrl: "profile_url",
  email: "email",
  description: "description",
  type: "type",
  status: "status",
} as const satisfies Record<TextName, string>);

/** The names of texts, in the order in which statements bind them. */
export const TEXT_NAMES = Object.freeze(Object.keys(COLUMNS) as TextName[]);

/** The texts of a relation that have columns, in that order. */
export const RELATION_COLUMNS = Object.freeze(["type", "status"] as const);

/** What `object_collection.kind` tells apart. */
export type CollectionKind = ObjectKind | "relation";

/** A row of `object_metadata`. */
export interface MetadataRow extends Readonly<Record<(typeof COLUMNS)[TextName], string | null>> {
  readonly id: string;
  readonly custom: string | null;
  readonly updated_us: bigint;
  readonly etag: string;
}

/** A row of `object_relation`. */
export interface RelationRow extends Pick<MetadataRow, "type" | "status" | "custom" | "updated_us" | "etag"> {
  readonly uuid: string;
  readonly channel: string;
}

/** The record that a row holds. */
export function metadataOf(row: MetadataRow): Metadata {
  return { id: row.id, ...contentOf(row, TEXT_NAMES), updatedUs: Number(row.updated_us), eTag: row.etag };
}

/** The relation that a row holds. */
export function relationOf(row: RelationRow): Relation {
  const { uuid, channel } = row;
  return { uuid, channel, ...contentOf(row, RELATION_COLUMNS), updatedUs: Number(row.updated_us), eTag: row.etag };
}

function contentOf(row: Partial<MetadataRow>, names: readonly TextName[]): Content {
  const texts: Partial<Record<TextName, string>> = {};
  for (const name of names) {
    const text = row[COLUMNS[name]] ?? null;
    if (text !== null) texts[name] = text;
  }
  return { texts, custom: row.custom ?? undefined };
}
