/**
 * Reads the paths and queries of requests about objects: whose, what to show, which part of a listing.
 *
 * Rules: spec/OBJECTS.md OBJ3, OBJ4, OBJ20-OBJ26.
 *
 * @module
 */
import { LIMITS, NetworkError, PRESENCE_SUFFIX, hasControlCharacter, utf8Bytes } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { Listed } from "../objects/object-fields.ts";
import { readObjectFilter } from "../objects/object-filter.ts";
import type { Extras, RelationExtras } from "../objects/object-json.ts";
import { readObjectSort } from "../objects/object-sort.ts";
import type { Place } from "../objects/objects.ts";
import type { Condition, Listing, SortKey } from "../ports/object-listing.ts";
import type { ObjectKind } from "../ports/object-record.ts";
import { type Exchange, keysetOf, param } from "./exchange.ts";
import { refuseFields, refuseQuery } from "./object-refusal.ts";
import { type Query, decodeSegment, splitQueryList } from "./target.ts";

/**
 * The keyset of a request about objects.
 *
 * @throws {NetworkError} `subscribeKeyInvalid`, `objectsDisabled`.
 */
export function readKeyset(exchange: Exchange): Keyset {
  const keyset = keysetOf(exchange);
  if (!keyset.hasObjects) throw new NetworkError("objectsDisabled");
  return keyset;
}

/**
 * The user or channel that a path names.
 *
 * @throws {NetworkError} as for the keyset, and `objectMalformed` for an id that can be none.
 */
export function readPlace(exchange: Exchange, kind: ObjectKind): Place {
  const keyset = readKeyset(exchange);
  const id = decodeSegment(param(exchange, kind));
  if (isObjectId(id)) return { keyset, kind, id };
  throw refuseFields([{ message: idSentence(kind), location: kind, locationType: "path" }]);
}

/** What an id must be, for a refusal. */
export function idSentence(kind: ObjectKind): string {
  return `${kind === "uuid" ? "User" : "Channel"} id must be 1 to 92 bytes without any of , / \\ * : and control characters.`;
}

/** Whether a text can be the id of a user or a channel, and so the name of a channel that its events go to. */
export function isObjectId(text: string): boolean {
  if (text === "" || text === "." || text === ".." || text.endsWith(PRESENCE_SUFFIX)) return false;
  if (/[,/\\*:]/.test(text) || hasControlCharacter(text) || !text.isWellFormed()) return false;
  return utf8Bytes(text, LIMITS.objectIdBytesMax) <= LIMITS.objectIdBytesMax;
}

/** What a request wants to see of metadata. Unknown and repeated tokens count for nothing. */
export function readExtras(query: Query): Extras {
  return extrasIn(tokensOf(query), "");
}

/** What a request wants to see of memberships. @param other the kind at the end that they lead to. */
export function readRelationExtras(query: Query, other: ObjectKind): RelationExtras {
  const tokens = tokensOf(query);
  const isOtherShown = [other, `${other}.custom`, `${other}.type`, `${other}.status`].some((name) => tokens.has(name));
  return { ...extrasIn(tokens, ""), other: isOtherShown ? extrasIn(tokens, `${other}.`) : undefined };
}

function extrasIn(tokens: ReadonlySet<string>, prefix: string): Extras {
  const has = (name: string): boolean => tokens.has(prefix + name);
  return { custom: has("custom"), type: has("type"), status: has("status") };
}

function tokensOf(query: Query): ReadonlySet<string> {
  return new Set(elementsOf(query, "include"));
}

// Some clients repeat a parameter where others separate by commas.
function elementsOf(query: Query, name: string): readonly string[] {
  return query.all(name).flatMap((value) => splitQueryList(value).map((element) => element.trim()));
}

/**
 * Which part of a listing a request asks for.
 *
 * @throws {NetworkError} `objectMalformed` with the first parameter that is wrong: limit, start, end, count, filter, sort.
 */
export function readListing(query: Query, listed: Listed): Listing {
  const { offset, limit } = readPage(query);
  return {
    offset,
    limit,
    counts: readCount(query.get("count")),
    condition: readFilter(query.get("filter"), listed),
    sort: readSort(query, listed),
  };
}

function readPage(query: Query): Pick<Listing, "offset" | "limit"> {
  const limit = readLimit(query.get("limit"));
  const start = readCursor(query, "start");
  const end = readCursor(query, "end");
  if (start !== undefined || end === undefined) return { offset: start ?? 0, limit };
  const offset = Math.max(0, end - limit);
  return { offset, limit: end - offset };
}

function readLimit(text: string | undefined): number {
  if (text === undefined || text === "") return LIMITS.objectsPerPageMax;
  if (!/^\d{1,9}$/.test(text)) throw refuseQuery("limit", "Limit must be a whole number.");
  return Math.min(Number(text), LIMITS.objectsPerPageMax);
}

function readCursor(query: Query, name: "start" | "end"): number | undefined {
  const text = query.get(name);
  if (text === undefined || text === "") return undefined;
  const digits = Buffer.from(text, "base64").toString("latin1");
  const isOurs = /^\d{1,9}$/.test(digits) && printCursor(Number(digits)) === text.replace(/=+$/, "");
  if (isOurs && Number(digits) <= LIMITS.objectOffsetRecordsMax) return Number(digits);
  throw refuseQuery(name, "Page must be the next or prev of an earlier answer.");
}

/** The cursor of a position: its decimal digits in base64 without padding. */
export function printCursor(position: number): string {
  return Buffer.from(String(position)).toString("base64").replace(/=+$/, "");
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false, "": false };

function readCount(text: string | undefined): boolean {
  const value = BOOLEANS[(text ?? "").toLowerCase()];
  if (value === undefined) throw refuseQuery("count", "Count must be true or false.");
  return value;
}

function readFilter(text: string | undefined, listed: Listed): Condition | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const outcome = readObjectFilter(listed, text);
  if (outcome.kind === "malformed") throw refuseQuery("filter", outcome.reason);
  return outcome.condition;
}

function readSort(query: Query, listed: Listed): readonly SortKey[] {
  const sort = readObjectSort(listed, elementsOf(query, "sort"));
  if (!sort) throw refuseQuery("sort", "Sort must name fields that exist here, each with :asc, :desc or nothing.");
  return sort;
}
