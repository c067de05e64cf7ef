/**
 * What lists of users, channels, memberships and members are asked with.
 *
 * Pure. Rules: spec/SDK.md SDK57, SDK58.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { CallOptions } from "../endpoints/call.ts";
import { invalidParameter, optionalPage } from "../endpoints/parameters.ts";
import { type CallRequest, listValue } from "../endpoints/request.ts";
import { isRecord } from "../json.ts";

/** A direction for each field, by name, in the order of their weight; null is upwards. */
export type SortFields = Readonly<Record<string, "asc" | "desc" | null>>;

/** Which page of a list. */
export interface ObjectsPage {
  /** The `next` of the page before. */
  readonly next?: string | undefined;
  /** The `prev` of the page behind; counts for nothing beside `next`. */
  readonly prev?: string | undefined;
}

/** Which part of a list, in which order. */
export interface ListingParameters extends CallOptions {
  /** Only what this is true for. @see spec/OBJECTS.md OBJ22 */
  readonly filter?: string | undefined;
  /** `"name"`, `"name:desc"`, several with commas; or a direction for each field. */
  readonly sort?: string | SortFields | undefined;
  /** Items of a page, 1 to 100. @defaultValue 100 */
  readonly limit?: number | undefined;
  /** Which page; the first where this is left out. */
  readonly page?: ObjectsPage | undefined;
}

/** Whether to count. */
export interface CountOptions {
  /** Add how many there are on all pages. @defaultValue false */
  readonly totalCount?: boolean | undefined;
}

type Query = NonNullable<CallRequest["query"]>;

/** The parameters of a list. */
export function listingQuery(
  { filter, sort, limit, page }: ListingParameters,
  { totalCount }: CountOptions,
  include: readonly string[],
): Query {
  return {
    include: listValue(include),
    limit: optionalPage(limit, "limit", LIMITS.objectsPerPageMax) ?? LIMITS.objectsPerPageMax,
    filter: optionalText(filter, "filter"),
    sort: sortValue(sort),
    start: optionalText(page?.next, "page.next"),
    end: optionalText(page?.prev, "page.prev"),
    count: totalCount === true ? "true" : undefined,
  };
}

/** The tokens of those fields that are asked for. */
export function includeOf(options: object, tokens: Readonly<Record<string, string>>): readonly string[] {
  const asked = new Map<string, unknown>(Object.entries(options));
  return Object.entries(tokens).flatMap(([name, token]) => (asked.get(name) === true ? [token] : []));
}

function sortValue(sort: unknown): string | undefined {
  if (!isRecord(sort)) return optionalText(sort, "sort");
  return listValue(
    Object.entries(sort).map(([field, direction]) => {
      if (direction === null || direction === undefined) return field;
      if (direction === "asc" || direction === "desc") return `${field}:${direction}`;
      throw invalidParameter("sort has a direction that is neither asc nor desc; use one of them, or null");
    }),
  );
}

function optionalText(value: unknown, parameter: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && value.isWellFormed()) return value;
  throw invalidParameter(`${parameter} is no text of whole characters; give one, or leave it out`);
}
