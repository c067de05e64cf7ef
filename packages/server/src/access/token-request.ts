/**
 * Reads a request to grant a token: every reason to refuse it, before anything is signed.
 *
 * Pure. Rules: spec/ACCESS.md ACC60-ACC62.
 *
 * @module
 */
import {
  LIMITS,
  NetworkError,
  PERMISSION_MASK_MAX,
  type TokenGrants,
  type TokenMasks,
  compactJson,
} from "@longwave/protocol";
import type { TokenDraft } from "./tokens.ts";

/**
 * Checks a request's body and makes a draft of it.
 *
 * @param text JSON, hopefully.
 * @throws {NetworkError} the first refusal, in the order: JSON, ttl, permissions.
 */
export function readTokenRequest(text: string): Omit<TokenDraft, "issuedSeconds"> {
  const body = readObject(text);
  const ttlMinutes = readTtl(body["ttl"]);
  const permissions = body["permissions"];
  if (!isObject(permissions)) throw new NetworkError("grantEmpty");
  const resources = readGrants(permissions["resources"]);
  const patterns = readGrants(permissions["patterns"]);
  if (countOf(resources) + countOf(patterns) === 0) throw new NetworkError("grantEmpty");
  const meta = readMeta(permissions["meta"]);
  return { ttlMinutes, resources, patterns, meta, authorizedUuid: readUuid(permissions["uuid"]) };
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The scan bounds how deep it nests, which the runtime's parser does not.
function readObject(text: string): JsonObject {
  const compact = compactJson(text);
  const body: unknown = compact === undefined ? undefined : JSON.parse(compact);
  if (!isObject(body)) throw new NetworkError("grantNotJson");
  return body;
}

function readTtl(value: unknown): number {
  const minutes = typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
  const isInRange = Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= LIMITS.tokenTtlMinutesMax;
  if (!isInRange) throw new NetworkError("grantTtlInvalid");
  return Number(minutes);
}

function readGrants(value: unknown): TokenGrants {
  if (value !== undefined && !isObject(value)) throw new NetworkError("grantMalformed");
  const masks = (kind: string): TokenMasks => readMasks(value && Object.hasOwn(value, kind) ? value[kind] : undefined);
  return {
    channels: masks("channels"),
    groups: masks("groups"),
    uuids: masks("uuids"),
    users: masks("users"),
    spaces: masks("spaces"),
  };
}

function readMasks(value: unknown): TokenMasks {
  if (value === undefined || value === null) return new Map();
  if (!isObject(value)) throw new NetworkError("grantMalformed");
  const masks = Object.entries(value).map(([name, mask]) => {
    if (name === "" || !isMask(mask)) throw new NetworkError("grantMalformed");
    return [name, mask] as const;
  });
  return new Map(masks);
}

function isMask(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= PERMISSION_MASK_MAX;
}

function countOf(grants: TokenGrants): number {
  return Object.values(grants).reduce((count: number, masks: TokenMasks) => count + masks.size, 0);
}

function readMeta(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new NetworkError("grantMalformed");
  return value;
}

function readUuid(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || [...value].length > LIMITS.uuidCharactersMax)
    throw new NetworkError("grantMalformed");
  return value;
}
