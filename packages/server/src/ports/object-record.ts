/**
 * Records about users, channels and memberships: what they hold, and what a change makes of them.
 *
 * Every store changes records by {@link patched} and names their content by {@link metadataTag} and {@link relationTag}, so
 * that eTags are the same whichever store keeps them. Pure. Rules: spec/OBJECTS.md OBJ10-OBJ13.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** What has metadata, by its name on the wire: a user is a uuid. */
export type ObjectKind = "uuid" | "channel";

/** The other kind: what relations lead to. */
export const otherKind = (kind: ObjectKind): ObjectKind => (kind === "uuid" ? "channel" : "uuid");

/** The texts of metadata by their names on the wire, in the order in which clients know them. */
export const METADATA_TEXTS = Object.freeze({
  uuid: ["name", "externalId", "profileUrl", "email", "type", "status"],
  channel: ["name", "description", "type", "status"],
} as const satisfies Record<ObjectKind, readonly string[]>);

/** The texts of a membership. */
export const RELATION_TEXTS = Object.freeze(["type", "status"] as const);

/** A text of a record. */
export type TextName = (typeof METADATA_TEXTS)[ObjectKind][number];

/** What users decide about a record. A text that is not set is absent. */
export interface Content {
  readonly texts: Readonly<Partial<Record<TextName, string>>>;
  /** A flat object as compact JSON text, each name once. */
  readonly custom: string | undefined;
}

/** A change of a record: what is absent stays as it is, null clears. */
export interface ContentPatch {
  readonly texts: Readonly<Partial<Record<TextName, string | null>>>;
  /** Replaced as a whole. */
  readonly custom?: string | null | undefined;
}

interface Kept extends Content {
  /** The last change, in microseconds since the Unix epoch. Rises with every change of the record. */
  readonly updatedUs: number;
  readonly eTag: string;
}

/** What is known about a user or a channel. */
export interface Metadata extends Kept {
  readonly id: string;
}

/** Which relation. There is at most one between a user and a channel. */
export interface RelationId {
  readonly uuid: string;
  readonly channel: string;
}

/** A user's membership of a channel. */
export interface Relation extends RelationId, Kept {}

/** Content that nothing has been decided about. */
export const NO_CONTENT: Content = Object.freeze({ texts: Object.freeze({}), custom: undefined });

/** What a change makes of a record. */
export interface Patched {
  readonly content: Content;
  /** The part of the change that made a difference. */
  readonly changed: ContentPatch;
  readonly isChanged: boolean;
}

/** Applies a change. Custom data is equal when it has equal values under equal names, in whatever order. */
export function patched(content: Content, patch: ContentPatch): Patched {
  const texts: Partial<Record<TextName, string>> = { ...content.texts };
  const changed: Partial<Record<TextName, string | null>> = {};
  for (const [name, text] of Object.entries(patch.texts) as [TextName, string | null][]) {
    if ((texts[name] ?? null) === text) continue;
    changed[name] = text;
    if (text === null) delete texts[name];
    else texts[name] = text;
  }
  const isCustomChanged = patch.custom !== undefined && !isEqualCustom(content.custom, patch.custom ?? undefined);
  const custom = isCustomChanged ? (patch.custom ?? undefined) : content.custom;
  return {
    content: { texts, custom },
    changed: isCustomChanged ? { texts: changed, custom: patch.custom } : { texts: changed },
    isChanged: isCustomChanged || Object.keys(changed).length > 0,
  };
}

/** Bytes of a content as UTF-8. */
export function contentBytes({ texts, custom = "" }: Content): number {
  return [...Object.values(texts), custom].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The instant of a change: now, but after the record's earlier one. */
export function changedAtUs(nowUs: number, earlierUs: number | undefined): number {
  return earlierUs === undefined ? nowUs : Math.max(nowUs, earlierUs + 1);
}

/** The eTag of metadata: 32 hexadecimal digits, the same for the same content of the same object. */
export function metadataTag(kind: ObjectKind, id: string, content: Content): string {
  return digestOf([kind, id, canonical(content)])
    .toString("hex")
    .slice(0, 32);
}

/** The eTag of a membership: 14 characters, the same for the same content, whoever is a member of what. */
export function relationTag(content: Content): string {
  return digestOf(["membership", canonical(content)])
    .subarray(0, 10)
    .toString("base64")
    .slice(0, 14);
}

function digestOf(parts: readonly unknown[]): Buffer {
  return createHash("sha256").update(JSON.stringify(parts)).digest();
}

function canonical({ texts, custom }: Content): unknown {
  return [Object.entries(texts).toSorted(byName), custom === undefined ? null : canonicalCustom(custom)];
}

function isEqualCustom(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return JSON.stringify(canonicalCustom(one)) === JSON.stringify(canonicalCustom(other));
}

// A list, so that a name such as `__proto__` is one like any other and the order of names does not matter.
function canonicalCustom(custom: string): readonly (readonly [string, unknown])[] {
  return Object.entries(JSON.parse(custom) as Readonly<Record<string, unknown>>).toSorted(byName);
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
