/**
 * Objects as JSON: in answers, and in the events that subscribers get; and the form of their instants.
 *
 * Custom data is carried as it came. Members stand in the order in which clients know them, those of events by name.
 * Rules: spec/OBJECTS.md OBJ1, OBJ2, OBJ15, OBJ30.
 *
 * @module
 */
import {
  type Content,
  type ContentPatch,
  METADATA_TEXTS,
  type Metadata,
  type ObjectKind,
  RELATION_TEXTS,
  type Relation,
  type RelationId,
  type TextName,
} from "../ports/object-record.ts";
import type { RelationItem } from "../ports/object-store.ts";

/** What is shown of a record only where it is asked for. */
export interface Extras {
  readonly custom: boolean;
  readonly type: boolean;
  readonly status: boolean;
}

/** What is shown of a membership. */
export interface RelationExtras extends Extras {
  /** What is shown of the metadata at the other end; nothing where only its id is. */
  readonly other: Extras | undefined;
}

const STANDARD = { uuid: ["name", "externalId", "profileUrl", "email"], channel: ["name", "description"] } as const;

/** Metadata as answers show it. */
export function printMetadata(kind: ObjectKind, metadata: Metadata, extras: Extras): string {
  const { id, texts, updatedUs, eTag } = metadata;
  const standard = STANDARD[kind].map((name) => member(name, texts[name as TextName] ?? null));
  return object([
    member("id", id),
    ...standard,
    ...extraMembers(metadata, extras),
    member("updated", printInstant(updatedUs)),
    member("eTag", eTag),
  ]);
}

/** A membership as answers show it. @param other the kind at the end that is shown: `channel` of a user's memberships. */
export function printRelation(other: ObjectKind, item: RelationItem, extras: RelationExtras): string {
  const { relation } = item;
  const shown =
    item.other && extras.other
      ? printMetadata(other, item.other, extras.other)
      : object([member("id", relation[other])]);
  return object([
    `"${other}":${shown}`,
    ...extraMembers(relation, extras),
    member("updated", printInstant(relation.updatedUs)),
    member("eTag", relation.eTag),
  ]);
}

function extraMembers({ texts, custom }: Content, extras: Extras): readonly string[] {
  const members: string[] = [];
  if (extras.type) members.push(member("type", texts.type ?? null));
  if (extras.status) members.push(member("status", texts.status ?? null));
  if (extras.custom) members.push(`"custom":${custom ?? "null"}`);
  return members;
}

/** The payload of the event of metadata that changed. */
export function printMetadataSet(kind: ObjectKind, metadata: Metadata, changed: ContentPatch): string {
  const names: readonly TextName[] = METADATA_TEXTS[kind];
  return printEvent("set", kind, [
    member("id", metadata.id),
    member("eTag", metadata.eTag),
    member("updated", printInstant(metadata.updatedUs)),
    ...names.flatMap((name) => (changed.texts[name] === undefined ? [] : member(name, changed.texts[name]))),
    ...(changed.custom === undefined ? [] : [`"custom":${changed.custom}`]),
  ]);
}

/** The payload of the event of metadata that was deleted. */
export function printMetadataDelete(kind: ObjectKind, id: string): string {
  return printEvent("delete", kind, [member("id", id)]);
}

/** The payload of the event of a membership that was made or changed; its instant has nanoseconds. */
export function printRelationSet(relation: Relation): string {
  const { texts, custom, updatedUs, eTag } = relation;
  return printEvent("set", "membership", [
    ...ends(relation),
    member("eTag", eTag),
    member("updated", printNanoseconds(updatedUs)),
    ...RELATION_TEXTS.flatMap((name) => (texts[name] === undefined ? [] : member(name, texts[name]))),
    ...(custom === undefined ? [] : [`"custom":${custom}`]),
  ]);
}

/** The payload of the event of a membership that was taken away. */
export function printRelationDelete(relation: RelationId): string {
  return printEvent("delete", "membership", ends(relation));
}

function ends({ uuid, channel }: RelationId): readonly string[] {
  return [`"channel":${object([member("id", channel)])}`, `"uuid":${object([member("id", uuid)])}`];
}

// Each member begins with its name in quotes, which hold no quote, so their order is that of the names.
function printEvent(event: "set" | "delete", type: ObjectKind | "membership", data: readonly string[]): string {
  return `{"source":"objects","version":"2.0","event":"${event}","type":"${type}","data":${object(data.toSorted())}}`;
}

function member(name: string, value: string | null): string {
  return `"${name}":${JSON.stringify(value)}`;
}

function object(members: readonly string[]): string {
  return `{${members.join(",")}}`;
}

/** An instant in ISO 8601 with as many decimals as it needs, at most six. @param us since the Unix epoch. */
export function printInstant(us: number): string {
  const fraction = microsecondsOf(us).replace(/0+$/, "");
  return `${secondsOf(us)}${fraction === "" ? "" : `.${fraction}`}Z`;
}

function printNanoseconds(us: number): string {
  return `${secondsOf(us)}.${microsecondsOf(us)}000Z`;
}

function secondsOf(us: number): string {
  return new Date(Math.floor(us / 1_000)).toISOString().slice(0, 19);
}

function microsecondsOf(us: number): string {
  return String(us % 1_000_000).padStart(6, "0");
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Reads an instant in ISO 8601: a date, or a date and a time, of UTC where it names no zone.
 *
 * @returns microseconds since the Unix epoch, what is finer cut off; nothing where it is none.
 */
export function parseInstant(text: string): number | undefined {
  const [, date, time = "00:00", fraction = "", zone = "Z"] = INSTANT.exec(text) ?? [];
  if (date === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms * 1_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
