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
  type SubscribeName,
  type Timetoken,
  parseSubscribeName,
  parseTimetoken,
} from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import { isUuid } from "./publish-request.ts";
import { type Query, decodePathList, splitQueryList } from "./target.ts";

/**
 * Checks a request and makes the command of it.
 *
 * @param channels the path segment: names, each encoded, joined by commas; a lone comma for none.
 * @param timetoken the cursor of the legacy form's path; the others carry it in the query.
 * @throws {NetworkError} the first refusal, in the order: names, cursor, uuid.
 */
export function readSubscribeRequest(
  keyset: Keyset,
  channels: string,
  query: Query,
  timetoken?: string,
): SubscribeCommand {
  const names = readNames(decodePathList(channels), splitQueryList(query.get("channel-group") ?? ""));
  const after = timetoken === undefined ? readCursor(query) : parseTimetoken(timetoken);
  const uuid = query.get("uuid");
  if (uuid !== undefined && uuid !== "" && !isUuid(uuid)) throw new NetworkError("uuidMalformed");
  return { keyset: keyset.subscribeKey, names, after };
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

function timetokenOfJson(text: string): string {
  const member = /"t"\s*:\s*(?:"(\d{1,18})"|(\d{1,18}))/.exec(text);
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
