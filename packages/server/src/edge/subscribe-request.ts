/**
 * Reads a subscribe request: names, groups, filter, and the cursor in any of its forms.
 *
 * Rules: spec/SUBSCRIBE.md SUB1-SUB4, SUB10, SUB18, SUB20.
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
import { type GroupName, groupName } from "../channels/selection.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import { isUuid } from "./publish-request.ts";
import { type Query, decodePathList, splitQueryList } from "./target.ts";

/** A subscribe request in any of its forms. */
export interface SubscribeRequest {
  readonly keyset: Keyset;
  /** The path segment: names, each encoded, joined by commas; a lone comma for none. */
  readonly channels: string;
  readonly query: Query;
  /** The cursor where it comes in another place than the query: the legacy form's path, an event stream's last event. */
  readonly timetoken?: string | undefined;
  readonly filters: Filters;
  /** Makes what tells, later, whether somebody who asks for these would be let in then. */
  readonly judge: (wanted: Pick<SubscribeCommand, "names" | "groups">) => () => boolean;
}

/**
 * Checks a request and makes the command of it.
 *
 * @throws {NetworkError} the first refusal, in the order: names, groups, cursor, uuid, filter.
 */
export function readSubscribeRequest(request: SubscribeRequest): SubscribeCommand {
  const { keyset, query, filters } = request;
  const asked = query.get("channel-group");
  const groups = asked === undefined ? NO_GROUPS : readGroups(splitQueryList(asked));
  const names = readNames(decodePathList(request.channels));
  if (names.length === 0 && groups.length === 0) throw new NetworkError("subscribeEmpty");
  const after = request.timetoken === undefined ? readCursor(query) : parseTimetoken(request.timetoken);
  const uuid = query.get("uuid");
  if (uuid !== undefined && uuid !== "" && !isUuid(uuid)) throw new NetworkError("uuidMalformed");
  const filter = readFilter(keyset, query.get("filter-expr"), filters);
  const tellsGaps = isOurs(query);
  const isStillAllowed = request.judge({ names, groups });
  return { keyset: keyset.subscribeKey, names, groups, after, filter, tellsGaps, isStillAllowed };
}

const NO_GROUPS: readonly GroupName[] = Object.freeze([]);

/** Whether the client asks, by `lw=1`, for what this protocol has beyond the documented one. */
export function isOurs(query: Query): boolean {
  return query.get("lw") === "1";
}

/**
 * Compiles a filter expression.
 *
 * @returns nothing where there is none; one that matches nothing where it is malformed.
 * @throws {NetworkError} `filterMalformed` where the keyset refuses malformed ones.
 */
export function readFilter(keyset: Keyset, text: string | undefined, filters: Filters): Predicate | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const { passes, isMalformed } = filters.of(text);
  if (isMalformed && keyset.refusesMalformedFilters) throw new NetworkError("filterMalformed");
  return passes;
}

/** Checks channel names, decoded. @throws {NetworkError} `subscribeTooManyChannels`, `subscribeNameMalformed`. */
export function readNames(channels: readonly string[]): readonly SubscribeName[] {
  if (channels.length > LIMITS.channelsPerSubscribeMax) throw new NetworkError("subscribeTooManyChannels");
  return channels.map(parseSubscribeName);
}

/** Checks group names, decoded. @throws {NetworkError} `subscribeTooManyGroups`, `subscribeNameMalformed`. */
export function readGroups(groups: readonly string[]): readonly GroupName[] {
  if (groups.length > LIMITS.groupsPerSubscribeMax) throw new NetworkError("subscribeTooManyGroups");
  return groups.map((group) => groupName(parseSubscribeName(group).name));
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
