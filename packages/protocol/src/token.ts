/**
 * Access tokens: reading what a token grants.
 *
 * A token is base64 for URLs (padding kept by those who write it) of a CBOR map: version, instant of issue, minutes it
 * lives, masks by resource and by pattern, free data, the one uuid that may use it where there is one, a signature. Anybody
 * can read a token; only the network can tell whether it is genuine. Pure. Rules: spec/ACCESS.md ACC2-ACC5.
 *
 * @module
 */
import { decodeBase64Url } from "./base64url.ts";
import { type CborValue, decodeCbor, isCborMap } from "./cbor.ts";
import { NetworkError } from "./network-error.ts";
import { LIMITS } from "./limits.ts";
import { PERMISSION_MASK_MAX } from "./permissions.ts";

/** Masks by name, or by pattern. */
export type TokenMasks = ReadonlyMap<string, number>;

/** What a token grants on each kind of resource. */
export interface TokenGrants {
  readonly channels: TokenMasks;
  readonly groups: TokenMasks;
  readonly uuids: TokenMasks;
  /** Left over from the first form of objects; carried, and asked by nobody. */
  readonly users: TokenMasks;
  readonly spaces: TokenMasks;
}

/** What a token holds. */
export interface Token {
  readonly version: number;
  /** When it was issued, in seconds since the Unix epoch. */
  readonly issuedSeconds: number;
  readonly ttlMinutes: number;
  readonly resources: TokenGrants;
  /** By regular expressions over names. */
  readonly patterns: TokenGrants;
  /** What the granter wrote into it; JSON, by its nature. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** The only uuid that may use it; nothing where any may. */
  readonly authorizedUuid: string | undefined;
  readonly signature: Uint8Array;
}

/** The members of a token's maps, in the order in which they are written, by their names on the wire. */
export const TOKEN_GRANT_KEYS = Object.freeze({
  chan: "channels",
  grp: "groups",
  spc: "spaces",
  usr: "users",
  uuid: "uuids",
} as const satisfies Record<string, keyof TokenGrants>);

// Every map of 7 or 8 members whose first is `v` with the value 2 begins so, and no auth key of ours does.
const BEGINNING = /^(?:p0F2AkF0|qEF2AkF0)/;

/** Whether a text is meant as a token, readable or not; an auth key of the older grants is not. */
export function isTokenLike(text: string): boolean {
  return BEGINNING.test(text);
}

/**
 * Reads a token. Says nothing about whether it is genuine, alive or revoked.
 *
 * @param text base64 for URLs, with its padding or without, at most 32,768 characters; from an untrusted peer.
 * @throws {NetworkError} `tokenMalformed` for anything that is no token.
 * @see spec/ACCESS.md ACC2
 * @example
 * ```ts
 * const { resources } = parseToken("p0F2AkF0GmB4Sd9DdHRsD0NyZXOkRGNoYW6iY2ZvbwFj…");
 * resources.channels.get("foo"); // 1: read
 * ```
 */
export function parseToken(text: string): Token {
  const bytes = text.length > LIMITS.tokenCharactersMax ? undefined : decodeBase64Url(text);
  const decoded = bytes && decodeCbor(bytes);
  const token = decoded && readToken(decoded.value);
  if (!token) throw new NetworkError("tokenMalformed");
  return token;
}

/** The instant from which on a token is expired, in seconds since the Unix epoch. */
export function expirySeconds({ issuedSeconds, ttlMinutes }: Token): number {
  return issuedSeconds + 60 * ttlMinutes;
}

function readToken(value: CborValue): Token | undefined {
  if (!isCborMap(value)) return undefined;
  const [version, issuedSeconds, ttlMinutes] = [value.get("v"), value.get("t"), value.get("ttl")];
  const resources = readGrants(value.get("res"));
  const patterns = readGrants(value.get("pat"));
  const meta = readMeta(value.get("meta"));
  const [authorizedUuid, signature] = [value.get("uuid"), value.get("sig")];
  if (version !== 2 || !isCount(issuedSeconds) || !isCount(ttlMinutes) || !resources || !patterns || !meta) {
    return undefined;
  }
  if (!isTextOrAbsent(authorizedUuid) || !(signature instanceof Uint8Array)) return undefined;
  return { version, issuedSeconds, ttlMinutes, resources, patterns, meta, authorizedUuid, signature };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function readGrants(value: CborValue): TokenGrants | undefined {
  if (!isCborMap(value)) return undefined;
  const chan = readMasks(value.get("chan"));
  const grp = readMasks(value.get("grp"));
  const spc = readMasks(value.get("spc"));
  const usr = readMasks(value.get("usr"));
  const uuid = readMasks(value.get("uuid")); // tokens of early 2021 have none
  if (!chan || !grp || !spc || !usr || !uuid) return undefined;
  return { channels: chan, groups: grp, spaces: spc, users: usr, uuids: uuid };
}

function readMasks(value: CborValue): TokenMasks | undefined {
  if (value === undefined) return new Map();
  if (!isCborMap(value)) return undefined;
  const masks = new Map<string, number>();
  for (const [name, mask] of value) {
    if (!isCount(mask) || mask > PERMISSION_MASK_MAX) return undefined;
    masks.set(name, mask);
  }
  return masks;
}

function readMeta(value: CborValue): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined) return {};
  return isCborMap(value) ? toRecord(value) : undefined;
}

function toRecord(map: ReadonlyMap<string, CborValue>): Readonly<Record<string, unknown>> {
  // fromEntries makes own members only, so a key called __proto__ is a member like any other.
  return Object.fromEntries([...map].map(([key, value]) => [key, toPlain(value)]));
}

function toPlain(value: CborValue): unknown {
  if (isCborMap(value)) return toRecord(value);
  return Array.isArray(value) ? value.map(toPlain) : value;
}
