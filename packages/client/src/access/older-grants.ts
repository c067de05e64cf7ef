/**
 * Grants of the older kind: to the keyset, to names, to names for auth keys; granted, revoked, listed.
 *
 * Rules: spec/SDK.md SDK56.
 *
 * @module
 */
import { LIMITS, PERMISSION_LETTERS, type PermissionLetter } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import type { Call, CallOptions } from "../endpoints/call.ts";
import { invalidParameter, optionalCount, optionalNames, requireName } from "../endpoints/parameters.ts";
import { type CallRequest, listValue } from "../endpoints/request.ts";
import { type JsonRecord, isRecord, parseJson, recordIn } from "../json.ts";
import { type Permissions, signedRequest } from "./tokens.ts";

/** What a grant is about: nothing for the whole keyset. */
export interface GrantSubject extends CallOptions {
  readonly channels?: readonly string[] | undefined;
  readonly channelGroups?: readonly string[] | undefined;
  /** Only together with `authKeys`, and with neither channels nor groups. */
  readonly uuids?: readonly string[] | undefined;
  /** For whom; everybody where this is left out. */
  readonly authKeys?: readonly string[] | undefined;
}

/** A grant of the older kind; it takes the place of the one to the same names and auth keys. */
export interface GrantParameters extends GrantSubject, Permissions {
  /** Minutes that it lives, at most 525,600; 0 for ever. @defaultValue 1,440 */
  readonly ttl?: number | undefined;
}

/** Which grants to list: nothing for all of the keyset. */
export interface AuditParameters extends CallOptions {
  readonly channel?: string | undefined;
  readonly channelGroup?: string | undefined;
  /** For whom; only with a channel or a group. */
  readonly authKeys?: readonly string[] | undefined;
}

/** What is permitted, 1 or 0 for each letter: read, write, manage, delete, get, update, join. */
export interface GrantFlags extends Readonly<Partial<Record<PermissionLetter, number>>> {
  /** Minutes that are left. */
  readonly ttl?: number | undefined;
}

/** What is permitted to everybody, and to auth keys. */
export interface GrantEntry extends GrantFlags {
  readonly auths?: Readonly<Record<string, GrantFlags>> | undefined;
}

/** What is granted, in the network's own form, which depends on what the grant is about. */
export interface GrantResult extends GrantEntry {
  /** `subkey`, `channel`, `channel-group`, `user`, `channel-group+auth` or `uuid`. */
  readonly level: string;
  readonly subscribe_key: string;
  /** The one channel, where auth keys of one are told. */
  readonly channel?: string | undefined;
  readonly channels?: Readonly<Record<string, GrantEntry>> | undefined;
  /** By name, or the name of the one group whose auth keys are told. */
  readonly "channel-groups"?: Readonly<Record<string, GrantEntry>> | string | undefined;
  readonly "channel-group"?: string | undefined;
  readonly uuids?: Readonly<Record<string, GrantEntry>> | undefined;
}

/** Grants. */
export const grantCall: Call<GrantParameters, GrantResult> = {
  operation: "PNAccessManagerGrant",
  request: (parameters, configuration) => {
    const ttl = optionalCount(parameters.ttl, "ttl");
    if (ttl !== undefined && ttl > LIMITS.grantTtlMinutesMax) {
      throw invalidParameter(`ttl is more than ${LIMITS.grantTtlMinutesMax} minutes; give less, or 0 for ever`);
    }
    return grantRequest(parameters, { ...flagsOf(parameters), ttl }, configuration);
  },
  parse: resultOf,
};

/** Takes a grant back: one without any permission. */
export const revokeCall: Call<GrantSubject, GrantResult> = {
  operation: "PNAccessManagerRevoke",
  request: (parameters, configuration) => grantRequest(parameters, flagsOf({}), configuration),
  parse: resultOf,
};

/** Lists grants. */
export const auditCall: Call<AuditParameters, GrantResult> = {
  operation: "PNAccessManagerAudit",
  request: ({ channel, channelGroup, authKeys }, configuration) => {
    const query = {
      channel: channel === undefined ? undefined : requireName(channel, "channel"),
      "channel-group": channelGroup === undefined ? undefined : requireName(channelGroup, "channelGroup"),
      auth: listValue(optionalNames(authKeys, "authKeys")),
    };
    return { ...signedRequest(configuration, ["v2", "auth", "audit", "sub-key", configuration.subscribeKey]), query };
  },
  parse: resultOf,
};

function flagsOf(permissions: Permissions): Readonly<Record<string, number>> {
  const letters = Object.entries(PERMISSION_LETTERS);
  return Object.fromEntries(letters.map(([letter, name]) => [letter, permissions[name] === true ? 1 : 0]));
}

function grantRequest(
  { channels, channelGroups, uuids, authKeys }: GrantSubject,
  query: NonNullable<CallRequest["query"]>,
  configuration: Configuration,
): CallRequest {
  const names = {
    channel: listValue(optionalNames(channels, "channels")),
    "channel-group": listValue(optionalNames(channelGroups, "channelGroups")),
    "target-uuid": listValue(optionalNames(uuids, "uuids")),
    auth: listValue(optionalNames(authKeys, "authKeys")),
  };
  refuseMixed(names);
  const path = ["v2", "auth", "grant", "sub-key", configuration.subscribeKey];
  return { ...signedRequest(configuration, path), query: { ...names, ...query } };
}

function refuseMixed({ channel, "channel-group": group, "target-uuid": uuid, auth }: JsonRecord): void {
  const isNamed = channel !== undefined || group !== undefined;
  if (uuid === undefined) {
    if (auth === undefined || isNamed) return;
    throw invalidParameter("authKeys are given without names; name channels, channelGroups or uuids as well");
  }
  if (isNamed)
    throw invalidParameter("uuids are given beside channels or channelGroups; grant them one after the other");
  if (auth === undefined) throw invalidParameter("uuids are given without authKeys; say for whom");
}

function resultOf(text: string): GrantResult | undefined {
  const payload = recordIn(parseJson(text), "payload");
  return isRecord(payload) && typeof payload["level"] === "string" ? (payload as unknown as GrantResult) : undefined;
}
