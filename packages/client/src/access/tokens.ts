/**
 * Access tokens: the calls that grant and revoke them, and reading one.
 *
 * Rules: spec/SDK.md SDK54, SDK55.
 *
 * @module
 */
import {
  LIMITS,
  NetworkError,
  PERMISSIONS,
  type Permission,
  type TokenGrants,
  type TokenMasks,
  maskOf,
  parseToken,
  readMask,
} from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import type { Call, CallOptions } from "../endpoints/call.ts";
import { invalidParameter, requireObject, stringify } from "../endpoints/parameters.ts";
import type { CallRequest } from "../endpoints/request.ts";
import { requireToken } from "./credentials.ts";
import { isRecord, parseJson, present, recordIn, textIn } from "../json.ts";

/** What is permitted; what is left out is not. */
export type Permissions = Readonly<Partial<Record<Exclude<Permission, "create">, boolean | undefined>>>;

/** Permissions by name, or by pattern. */
export type PermissionsByName = Readonly<Record<string, Permissions>>;

/** What is permitted on which names. */
export interface TokenResources {
  readonly channels?: PermissionsByName | undefined;
  readonly groups?: PermissionsByName | undefined;
  readonly uuids?: PermissionsByName | undefined;
  /** The newer name of `channels`; give one of them. */
  readonly spaces?: PermissionsByName | undefined;
  /** The newer name of `uuids`; give one of them. */
  readonly users?: PermissionsByName | undefined;
}

/** A token to grant. */
export interface GrantTokenParameters extends CallOptions {
  /** Minutes that it lives, 1 to 43,200. */
  readonly ttl: number;
  /** By name. */
  readonly resources?: TokenResources | undefined;
  /** By regular expressions over names. */
  readonly patterns?: TokenResources | undefined;
  /** The only user id that may use the token. */
  readonly authorizedUserId?: string | undefined;
  /** The same by its older name; give one of them. */
  readonly authorized_uuid?: string | undefined;
  /** JSON that travels in the token, readable for everybody who has it. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/** What a token permits on names, or on patterns; kinds without any are left out. */
export interface ParsedTokenResources {
  readonly channels?: PermissionsByName | undefined;
  readonly groups?: PermissionsByName | undefined;
  readonly uuids?: PermissionsByName | undefined;
}

/** What a token holds. Only the network can tell whether it is genuine. */
export interface ParsedToken {
  readonly version: number;
  /** When it was issued, in seconds since 1970. */
  readonly timestamp: number;
  /** Minutes that it lives from then on. */
  readonly ttl: number;
  /** The only user id that may use it. */
  readonly authorized_uuid?: string | undefined;
  readonly resources?: ParsedTokenResources | undefined;
  readonly patterns?: ParsedTokenResources | undefined;
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  readonly signature: Uint8Array;
}

/** A token that is to be revoked. */
export interface RevokeTokenParameters extends CallOptions {
  readonly token: string;
}

/** Nothing but that it was done. */
export type RevokeTokenResult = Readonly<Record<string, never>>;

/** Grants a token. */
export const grantTokenCall: Call<GrantTokenParameters, string> = {
  operation: "PNAccessManagerGrantToken",
  request: (parameters, configuration) => ({
    ...signedRequest(configuration, ["v3", "pam", configuration.subscribeKey, "grant"]),
    body: bodyOf(parameters),
  }),
  parse: (text) => {
    return textIn(recordIn(parseJson(text), "data")?.["token"]);
  },
};

/** Revokes a token. */
export const revokeTokenCall: Call<RevokeTokenParameters, RevokeTokenResult> = {
  operation: "PNAccessManagerRevokeToken",
  request: ({ token }, configuration) => ({
    ...signedRequest(configuration, ["v3", "pam", configuration.subscribeKey, "grant", requireToken(token)]),
    method: "DELETE",
  }),
  parse: (text) => (recordIn(parseJson(text), "data") === undefined ? undefined : {}),
};

/**
 * A request that is let in by its signature.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` where there is no key to sign with.
 */
export function signedRequest(
  { secretKey }: Configuration,
  path: CallRequest["path"],
): Pick<CallRequest, "path" | "isOpen"> {
  if (secretKey !== undefined) return { path, isOpen: true };
  throw invalidParameter("secretKey is missing from the configuration; only who has it may grant and revoke");
}

/** Reads what a token holds; nothing where it is none. */
export function readToken(text: string): ParsedToken | undefined {
  try {
    const { version, issuedSeconds, ttlMinutes, resources, patterns, meta, authorizedUuid, signature } =
      parseToken(text);
    return present({
      version,
      timestamp: issuedSeconds,
      ttl: ttlMinutes,
      authorized_uuid: authorizedUuid,
      resources: unlessEmpty(grantsOf(resources)),
      patterns: unlessEmpty(grantsOf(patterns)),
      meta: unlessEmpty(meta),
      signature,
    });
  } catch (refusal) {
    if (refusal instanceof NetworkError) return undefined;
    throw refusal;
  }
}

function grantsOf({ channels, groups, uuids }: TokenGrants): ParsedTokenResources {
  return present({
    channels: unlessEmpty(permissionsOf(channels)),
    groups: unlessEmpty(permissionsOf(groups)),
    uuids: unlessEmpty(permissionsOf(uuids)),
  });
}

function permissionsOf(masks: TokenMasks): PermissionsByName {
  return Object.fromEntries(Array.from(masks, ([name, mask]) => [name, readMask(mask)]));
}

function unlessEmpty<Value extends object>(value: Value): Value | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function bodyOf({ ttl, resources, patterns, meta, authorizedUserId, authorized_uuid }: GrantTokenParameters): string {
  if (!Number.isSafeInteger(ttl) || ttl < 1 || ttl > LIMITS.tokenTtlMinutesMax) {
    throw invalidParameter(`ttl is no whole number of minutes from 1 to ${LIMITS.tokenTtlMinutesMax}; give one`);
  }
  const permissions = { resources: masksOf(resources, "resources"), patterns: masksOf(patterns, "patterns") };
  const names = Object.values(permissions).flatMap((kinds) => Object.values(kinds).flatMap(Object.keys));
  if (names.length === 0) throw invalidParameter("resources and patterns name nothing; name what is granted");
  if (meta !== undefined) requireObject(meta, "meta");
  const uuid = oneOf(authorizedUserId, authorized_uuid, "authorizedUserId and authorized_uuid");
  return stringify({ ttl, permissions: { ...permissions, meta: meta ?? {}, uuid } }) ?? "";
}

type Masks = Readonly<Record<string, number>>;

// The two that are empty are left over from the first form of objects; some networks may look for them.
function masksOf(given: TokenResources | undefined, where: string): Readonly<Record<keyof TokenGrants, Masks>> {
  const { channels, groups, uuids, spaces, users } = given ?? {};
  const masks = (kind: PermissionsByName | undefined, name: string): Masks =>
    Object.fromEntries(Object.entries(kind ?? {}).map(([key, granted]) => [key, maskFor(granted, `${where}.${name}`)]));
  return {
    channels: masks(oneOf(channels, spaces, `${where}.channels and ${where}.spaces`), "channels"),
    groups: masks(groups, "groups"),
    uuids: masks(oneOf(uuids, users, `${where}.uuids and ${where}.users`), "uuids"),
    users: {},
    spaces: {},
  };
}

function oneOf<Value>(value: Value | undefined, other: Value | undefined, names: string): Value | undefined {
  if (value !== undefined && other !== undefined) {
    throw invalidParameter(`${names} are both given and mean the same; give one of them`);
  }
  return value ?? other;
}

function maskFor(granted: unknown, where: string): number {
  const names = isRecord(granted) ? Object.keys(granted) : [""];
  const known = names.filter(isPermission);
  if (!isRecord(granted) || known.length < names.length) {
    throw invalidParameter(`${where} holds what is no permission; use ${Object.keys(readMask(0)).join(", ")}`);
  }
  return maskOf(known.filter((name) => granted[name] === true));
}

function isPermission(name: string): name is Permission {
  return Object.hasOwn(PERMISSIONS, name);
}
