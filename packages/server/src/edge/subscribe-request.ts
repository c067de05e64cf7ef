/**
 * Reads a subscribe request: names, cursor in any of its forms.
 *
 * Rules: spec/SUBSCRIBE.md SUB1-SUB4, SUB10.
 *
 * @module
 */
import {
  LIMITS,
  NetworkError,
  type Predicate,
  type SubscribeName,
  type Timetoken,
  parseSubscribeName,
  parseTimetoken,
} from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { Filters } from "../channels/filters.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import { isUuid } from "./publish-request.ts";
import { type Query, decodePathList, splitQueryList } from "./target.ts";

/** A subscribe request in any of its forms. */
export interface SubscribeRequest {
  readonly keyset: Keyset;
  /** The path segment: names, each encoded, joined by commas; a lone comma for none. */
  readonly channels: string;
  readonly query: Query;
  /** The cursor of the legacy form's path; the others carry it in the query. */
  readonly timetoken?: string | undefined;
  readonly filters: Filters;
}

/**
 * Checks a request and makes the command of it.
 *
 * @throws {NetworkError} the first refusal, in the order: names, cursor, uuid, filter.
 */
export function readSubscribeRequest({
  keyset,
  channels,
  query,
  timetoken,
  filters,
}: SubscribeRequest): SubscribeCommand {
  const names = readNames(decodePathList(channels), splitQueryList(query.get("channel-group") ?? ""));
  const after = timetoken === undefined ? readCursor(query) : parseTimetoken(timetoken);
  const uuid = query.get("uuid");
  if (uuid !== undefined && uuid !== "" && !isUuid(uuid)) throw new NetworkError("uuidMalformed");
  return { keyset: keyset.subscribeKey, names, after, filter: readFilter(keyset, query, filters) };
}

function readFilter(keyset: Keyset, query: Query, filters: Filters): Predicate | undefined {
  const text = query.get("filter-expr");
  if (text === undefined || text.trim() === "") return undefined;
  const { passes, isMalformed } = filters.of(text);
  if (isMalformed && keyset.refusesMalformedFilters) throw new NetworkError("filterMalformed");
  return passes;
}

function readNames(channels: readonly string[], groups: readonly string[]): readonly SubscribeName[] {
  if (channels.length > LIMITS.channelsPerSubscribeMax) throw new NetworkError("subscribeTooManyChannels");
  if (channels.length === 0) throw new NetworkError(groups.length > 0 ? "groupsEmpty" : "subscribeEmpty");
  return channels.map(parseSubscribeName);
}

// The cursor comes as tt (absent or empty means 0), or as one JSON parameter t; tt wins (rule WIRE17).
function readCursor(query: Query): Timetoken {
  const plain = query.get("tt");
  if (plain !== undefined && plain !== "") return parseTimetoken(plain);
  const json = query.get("t");
  return json === undefined || json === "" ? 0n : parseTimetoken(timetokenOfJson(json));
}

// Taken out as text, since a number of 17 digits does not survive JSON.parse; the whole number, since 1.5 is no cursor.
function timetokenOfJson(text: string): string {
  const member = /"t"\s*:\s*(?:"(\d{1,18})"|(\d{1,18})(?=\s*[,}]))/.exec(text);
  const timetoken = member?.[1] ?? member?.[2];
  if (timetoken === undefined || !isJson(text)) throw new NetworkError("cursorMalformed");
  return timetoken;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
