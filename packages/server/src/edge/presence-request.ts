/**
 * Reads presence requests, and the parameters of presence that a subscribe request has too.
 *
 * Rules: spec/PRESENCE.md PRE50-PRE59.
 *
 * @module
 */
import {
  LIMITS,
  NetworkError,
  type ErrorCode,
  compactJson,
  membersOf,
  parseSubscribeName,
  utf8Bytes,
} from "@longwave/protocol";
import type { AskedNames } from "../presence/names.ts";
import { isUuid } from "./publish-request.ts";
import { type Query, decodePathList, splitQueryList } from "./target.ts";

/**
 * Reads the channels and groups of a presence request.
 *
 * @param segment the path segment: names, each encoded, joined by commas; a lone comma for none.
 * @throws {NetworkError} `presenceEmpty`, `presenceTooManyNames`, `presenceNameMalformed`.
 */
export function readPresenceNames(segment: string, query: Query): AskedNames {
  const channels = decodePathList(segment);
  const groups = splitQueryList(query.get("channel-group") ?? "");
  if (channels.length + groups.length === 0) throw new NetworkError("presenceEmpty");
  if (channels.length > LIMITS.channelsPerSubscribeMax || groups.length > LIMITS.presenceGroupsMax) {
    throw new NetworkError("presenceTooManyNames");
  }
  for (const name of channels) checkName(name);
  for (const name of groups) checkName(name);
  return { channels, groups };
}

function checkName(name: string): void {
  try {
    parseSubscribeName(name);
  } catch {
    throw new NetworkError("presenceNameMalformed");
  }
}

/** Checks a uuid that a presence request cannot do without. @throws {NetworkError} `presenceUuidMissing`. */
export function requireUuid(uuid: string | undefined): string {
  if (uuid === undefined || !isUuid(uuid)) throw new NetworkError("presenceUuidMissing");
  return uuid;
}

/**
 * Reads how long a client may be silent.
 *
 * @returns seconds, brought between the least and the most that is possible; nothing where it is absent, empty or 0.
 * @throws {NetworkError} `heartbeatMalformed` for what is no whole number.
 */
export function readTimeoutSeconds(query: Query): number | undefined {
  const seconds = readWhole(query, "heartbeat", "heartbeatMalformed");
  if (seconds === undefined || seconds === 0) return undefined;
  return Math.min(Math.max(seconds, LIMITS.presenceTimeoutSecondsMin), LIMITS.presenceTimeoutSecondsMax);
}

/**
 * Reads the `state` of a sign of life: state by channel or group.
 *
 * @returns compact JSON objects; nothing for `{}`, which clients send with every heartbeat (rule WIRE13), and no entry for a
 *   name whose state is `{}`.
 * @throws {NetworkError} `presenceStateMalformed`, `presenceStateTooLarge`.
 */
export function readStates(query: Query): ReadonlyMap<string, string> | undefined {
  const text = query.get("state");
  if (text === undefined || text === "" || text === "{}") return undefined;
  const states = new Map<string, string>();
  for (const [name, state] of membersOf(requireObject(text))) {
    if (requireObject(state) !== "{}") states.set(name, requireSmall(state));
  }
  return states.size > 0 ? states : undefined;
}

/**
 * Reads the `state` of a request to set it.
 *
 * @returns a compact JSON object.
 * @throws {NetworkError} `presenceStateMissing`, `presenceStateMalformed`, `presenceStateTooLarge`.
 */
export function readNewState(query: Query): string {
  const text = query.get("state");
  if (text === undefined || text === "") throw new NetworkError("presenceStateMissing");
  return requireSmall(requireObject(text));
}

function requireObject(text: string): string {
  const compact = compactJson(text);
  if (compact === undefined || !compact.startsWith("{")) throw new NetworkError("presenceStateMalformed");
  return compact;
}

function requireSmall(state: string): string {
  const bytesMax = LIMITS.presenceStateBytesMax;
  if (utf8Bytes(state, bytesMax) > bytesMax) throw new NetworkError("presenceStateTooLarge");
  return state;
}

/** What a here-now answer is to hold. */
export interface HereNowForm {
  /** Occupants of one channel; 0 where only occupancies are wanted. */
  readonly limit: number;
  readonly offset: number;
  readonly hasState: boolean;
}

/** Reads what is wanted of here-now. @throws {NetworkError} `hereNowLimitMalformed`, `hereNowOffsetMalformed`. */
export function readHereNowForm(query: Query): HereNowForm {
  const limit = readWhole(query, "limit", "hereNowLimitMalformed") ?? LIMITS.hereNowOccupantsMax;
  const offset = readWhole(query, "offset", "hereNowOffsetMalformed") ?? 0;
  const isCountOnly = isSet(query.get("disable_uuids"));
  return {
    limit: isCountOnly ? 0 : Math.min(limit, LIMITS.hereNowOccupantsMax),
    offset,
    hasState: isSet(query.get("state")),
  };
}

function readWhole(query: Query, name: string, code: ErrorCode): number | undefined {
  const text = query.get(name);
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new NetworkError(code);
  return Number(text);
}

function isSet(text: string | undefined): boolean {
  return text === "1" || text === "true" || text === "True";
}
