/**
 * Requests about grants of the older kind: read, and answered in the forms that clients of theirs expect.
 *
 * Pure. Rules: spec/ACCESS.md ACC30-ACC35, ACC65-ACC68.
 *
 * @module
 */
import {
  LIMITS,
  NetworkError,
  PERMISSION_LETTERS,
  type PermissionLetter,
  hasControlCharacter,
  maskOf,
  permits,
} from "@longwave/protocol";
import type { GrantLevel, GrantRecord } from "../ports/keyset-store.ts";

/** What a request is about; empty lists where it names nothing of a kind. */
export interface GrantNames {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
  readonly uuids: readonly string[];
  /** Empty for everybody. */
  readonly auths: readonly string[];
}

/** A request to grant, checked. */
export interface GrantRequest extends GrantNames {
  readonly mask: number;
  readonly ttlMinutes: number;
}

/** How a query's values are asked for: decoded, or nothing. */
export type QueryReader = (name: string) => string | undefined;

const LETTERS = Object.keys(PERMISSION_LETTERS) as readonly PermissionLetter[];
const TTL_MINUTES_DEFAULT = 1_440;

/** Reads what a request names. @throws {NetworkError} `requestMalformed` for names that no grant can be about. */
export function readGrantNames(query: QueryReader): GrantNames {
  const auths = listOf(query("auth"), LIMITS.authKeyCharactersMax);
  const names = (parameter: string): readonly string[] => listOf(query(parameter), LIMITS.patternCharactersMax);
  return { channels: names("channel"), groups: names("channel-group"), uuids: names("target-uuid"), auths };
}

function listOf(value: string | undefined, charactersMax: number): readonly string[] {
  const names = [...new Set((value ?? "").split(","))].filter((name) => name !== "");
  if (names.some((name) => name.length > charactersMax || hasControlCharacter(name))) {
    throw new NetworkError("requestMalformed");
  }
  return names;
}

/**
 * Reads a request to grant.
 *
 * @throws {NetworkError} `authOnlyGrant`, `requestMalformed`, `grantTtlMalformed`.
 */
export function readGrantRequest(query: QueryReader): GrantRequest {
  const names = readGrantNames(query);
  const { channels, groups, uuids, auths } = names;
  const isOfKeyset = channels.length + groups.length + uuids.length === 0;
  if (isOfKeyset && auths.length > 0) throw new NetworkError("authOnlyGrant");
  const isUuidAlone = channels.length + groups.length === 0 && auths.length > 0;
  if (uuids.length > 0 && !isUuidAlone) throw new NetworkError("requestMalformed");
  const mask = maskOf(LETTERS.filter((letter) => isSet(query(letter))).map((letter) => PERMISSION_LETTERS[letter]));
  // What grants nothing takes something back, and was recorded to say that it lives a minute.
  return { ...names, mask, ttlMinutes: mask === 0 ? 1 : readTtl(query("ttl")) };
}

const isSet = (flag: string | undefined): boolean => flag === "1" || flag === "true" || flag === "True";

function readTtl(text: string | undefined): number {
  if (text === undefined || text === "") return TTL_MINUTES_DEFAULT;
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(minutes <= LIMITS.grantTtlMinutesMax)) throw new NetworkError("grantTtlMalformed");
  return minutes;
}

/** The records of a request: one for every name and auth key. */
export function grantsOf(keyset: string, request: GrantRequest, nowMs: number): readonly GrantRecord[] {
  const { mask, ttlMinutes } = request;
  const auths = request.auths.length > 0 ? request.auths : [""];
  const expiresMs = ttlMinutes === 0 ? 0 : nowMs + ttlMinutes * 60_000;
  const of = (level: GrantLevel, names: readonly string[]): readonly GrantRecord[] =>
    names.flatMap((resource) => auths.map((auth) => ({ keyset, level, resource, auth, mask, ttlMinutes, expiresMs })));
  const named = [...of("channel", request.channels), ...of("group", request.groups), ...of("uuid", request.uuids)];
  return named.length > 0 ? named : of("subkey", [""]);
}

type Flags = Readonly<Record<PermissionLetter, 0 | 1>>;

function flagsOf(mask: number): Flags {
  const flags = LETTERS.map((letter) => [letter, permits(mask, PERMISSION_LETTERS[letter]) ? 1 : 0] as const);
  return Object.fromEntries(flags) as Flags;
}

const mapOf = (names: readonly string[], value: unknown): object =>
  Object.fromEntries(names.map((name) => [name, value])); // own members only, whatever the names are

/** What was granted, as its answer tells it. */
export function grantPayload(subscribeKey: string, request: GrantRequest): object {
  const { ttlMinutes: ttl } = request;
  return { level: levelOf(request), subscribe_key: subscribeKey, ttl, ...grantedNames(request) };
}

function levelOf({ channels, groups, uuids, auths }: GrantNames): string {
  if (uuids.length > 0) return "uuid";
  if (channels.length > 0) return auths.length > 0 ? "user" : "channel";
  if (groups.length > 0) return auths.length > 0 ? "channel-group+auth" : "channel-group";
  return "subkey";
}

function grantedNames({ channels, groups, uuids, auths, mask }: GrantRequest): object {
  const flags = flagsOf(mask);
  if (channels.length + groups.length + uuids.length === 0) return flags;
  if (auths.length === 0) {
    return {
      ...(channels.length > 0 && { channels: mapOf(channels, flags) }),
      ...(groups.length > 0 && { "channel-groups": mapOf(groups, flags) }),
    };
  }
  const forAuths = { auths: mapOf(auths, flags) };
  return {
    ...(channels.length === 1 && { channel: channels[0], ...forAuths }),
    ...(channels.length > 1 && { channels: mapOf(channels, forAuths) }),
    // One group is told as a text, under the name of many.
    ...(groups.length === 1 && { "channel-groups": groups[0], ...forAuths }),
    ...(groups.length > 1 && { "channel-groups": mapOf(groups, forAuths) }),
    ...(uuids.length > 0 && { uuids: mapOf(uuids, forAuths) }),
  };
}

/** What is in force, as the answer to an audit tells it. */
export function auditPayload(
  subscribeKey: string,
  asked: GrantNames,
  grants: readonly GrantRecord[],
  nowMs: number,
): object {
  const told = grants.slice(0, LIMITS.grantsPerRequestMax);
  const level = levelOf({ ...asked, uuids: [] });
  return { level, subscribe_key: subscribeKey, ...auditedNames(asked, told, nowMs) };
}

function auditedNames({ channels, groups, auths }: GrantNames, grants: readonly GrantRecord[], nowMs: number): object {
  const ofNames = (level: GrantLevel, names: readonly string[]): readonly GrantRecord[] =>
    grants.filter((grant) => grant.level === level && (names.length === 0 || names.includes(grant.resource)));
  const [channel, group] = [channels[0], groups[0]];
  if (channel !== undefined) {
    const found = ofNames("channel", channels);
    return auths.length > 0 ? { channel, auths: authsOf(found, auths, nowMs) } : { channels: byName(found, nowMs) };
  }
  if (group !== undefined) {
    const found = ofNames("group", groups);
    return auths.length > 0
      ? { "channel-group": group, auths: authsOf(found, auths, nowMs) }
      : { "channel-groups": byName(found, nowMs) };
  }
  const [whole] = ofNames("subkey", []);
  return {
    ...(whole && flagsAndTtl(whole, nowMs)),
    channels: byName(ofNames("channel", []), nowMs),
    objects: byName(ofNames("uuid", []), nowMs),
    "channel-groups": byName(ofNames("group", []), nowMs),
  };
}

function byName(grants: readonly GrantRecord[], nowMs: number): object {
  const names = Map.groupBy(grants, ({ resource }) => resource);
  return Object.fromEntries([...names].map(([name, ofName]) => [name, toldOf(ofName, nowMs)]));
}

function toldOf(grants: readonly GrantRecord[], nowMs: number): object {
  const forAll = grants.find(({ auth }) => auth === "");
  const forAuths = grants.filter(({ auth }) => auth !== "");
  return {
    ...(forAll && flagsAndTtl(forAll, nowMs)),
    ...(forAuths.length > 0 && { auths: authsOf(forAuths, [], nowMs) }),
  };
}

function authsOf(grants: readonly GrantRecord[], auths: readonly string[], nowMs: number): object {
  const wanted = grants.filter(({ auth }) => auth !== "" && (auths.length === 0 || auths.includes(auth)));
  return Object.fromEntries(wanted.map((grant) => [grant.auth, flagsAndTtl(grant, nowMs)]));
}

// An audit tells what is left of a grant's time; 0 for one without an end.
function flagsAndTtl({ mask, expiresMs }: GrantRecord, nowMs: number): object {
  return { ...flagsOf(mask), ttl: expiresMs === 0 ? 0 : Math.ceil((expiresMs - nowMs) / 60_000) };
}
