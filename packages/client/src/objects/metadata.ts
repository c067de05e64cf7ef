/**
 * The calls about users and channels: list, get, set, remove.
 *
 * One row for each call and kind; the rows of both kinds are the same but for their names. Rules: spec/SDK.md SDK57.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import type { Call, CallOptions } from "../endpoints/call.ts";
import { invalidParameter, requireName, requireObject } from "../endpoints/parameters.ts";
import type { CallRequest } from "../endpoints/request.ts";
import { type CountOptions, type ListingParameters, includeOf, listingQuery } from "./listing.ts";
import {
  type ChannelMetadata,
  type ObjectResult,
  type ObjectsResult,
  type RemovedResult,
  type UUIDMetadata,
  readObject,
  readObjects,
  readRemoved,
} from "./records.ts";

/** What a list of users or channels shows; their types and statuses always. */
export interface MetadataIncludeOptions extends CountOptions {
  /** Add custom data. @defaultValue false */
  readonly customFields?: boolean | undefined;
}

/** What one user or channel shows; its type and status always. */
export interface ObjectIncludeOptions {
  /** Add custom data. @defaultValue true */
  readonly customFields?: boolean | undefined;
}

/** Which users, or channels. */
export interface GetAllMetadataParameters extends ListingParameters {
  readonly include?: MetadataIncludeOptions | undefined;
}

/** Which user. */
export interface UUIDParameters extends CallOptions {
  /** @defaultValue this client's own */
  readonly uuid?: string | undefined;
}

/** Which user, and what to show. */
export interface GetUUIDMetadataParameters extends UUIDParameters {
  readonly include?: ObjectIncludeOptions | undefined;
}

/** Which channel. */
export interface ChannelParameters extends CallOptions {
  readonly channel: string;
}

/** Which channel, and what to show. */
export interface GetChannelMetadataParameters extends ChannelParameters {
  readonly include?: ObjectIncludeOptions | undefined;
}

type Writable<Metadata> = Partial<Omit<Metadata, "id" | "updated" | "eTag">>;

interface SetOptions {
  /** Change it only if it has this eTag; otherwise the call fails with the status 412. */
  readonly ifMatchesEtag?: string | undefined;
}

/** What to set of a user: what is left out stays, null clears. Custom data is replaced as a whole. */
export interface SetUUIDMetadataParameters extends GetUUIDMetadataParameters, SetOptions {
  readonly data: Writable<UUIDMetadata>;
}

/** What to set of a channel: what is left out stays, null clears. Custom data is replaced as a whole. */
export interface SetChannelMetadataParameters extends GetChannelMetadataParameters, SetOptions {
  readonly data: Writable<ChannelMetadata>;
}

type Kind = "uuids" | "channels";
type Named = CallOptions & { readonly include?: ObjectIncludeOptions | undefined };
type ReadId<Parameters> = (parameters: Parameters, configuration: Configuration) => string;

/** Reads the user's id: that of the client itself where none is given. */
export const uuidIn: ReadId<UUIDParameters> = ({ uuid }, configuration) =>
  uuid === undefined || uuid === null ? configuration.uuid : requireName(uuid, "uuid");

/** Reads the channel's name. */
export const channelIn: ReadId<ChannelParameters> = ({ channel }) => requireName(channel, "channel");

/** The path of everything that is kept about users and channels. */
export const objectsPath = (subscribeKey: string, ...rest: readonly string[]): CallRequest["path"] => [
  "v2",
  "objects",
  subscribeKey,
  ...rest,
];

function listCall<Metadata>(kind: Kind, operation: string): Call<GetAllMetadataParameters, ObjectsResult<Metadata>> {
  return {
    operation,
    request: (parameters, { subscribeKey }) => {
      const include = parameters.include ?? {};
      const tokens = ["status", "type", ...includeOf(include, { customFields: "custom" })];
      return { path: objectsPath(subscribeKey, kind), query: listingQuery(parameters, include, tokens) };
    },
    parse: readObjects,
  };
}

function getCall<Parameters extends Named, Metadata extends { readonly id: string }>(
  kind: Kind,
  idIn: ReadId<Parameters>,
  operation: string,
): Call<Parameters, ObjectResult<Metadata>> {
  return {
    operation,
    request: (parameters, configuration) => ({
      path: objectsPath(configuration.subscribeKey, kind, idIn(parameters, configuration)),
      query: includeQuery(parameters.include),
    }),
    parse: (text) => readObject<Metadata>(text),
  };
}

function setCall<Parameters extends Named & SetOptions & { readonly data: object }, Metadata extends { id: string }>(
  kind: Kind,
  idIn: ReadId<Parameters>,
  operation: string,
): Call<Parameters, ObjectResult<Metadata>> {
  return {
    operation,
    request: (parameters, configuration) => ({
      method: "PATCH",
      path: objectsPath(configuration.subscribeKey, kind, idIn(parameters, configuration)),
      query: includeQuery(parameters.include),
      headers: matchOf(parameters.ifMatchesEtag),
      body: requireObject(parameters.data, "data"),
    }),
    parse: (text) => readObject<Metadata>(text),
  };
}

function removeCall<Parameters extends CallOptions>(
  kind: Kind,
  idIn: ReadId<Parameters>,
  operation: string,
): Call<Parameters, RemovedResult> {
  return {
    operation,
    request: (parameters, configuration) => ({
      method: "DELETE",
      path: objectsPath(configuration.subscribeKey, kind, idIn(parameters, configuration)),
    }),
    parse: readRemoved,
  };
}

function includeQuery(include: ObjectIncludeOptions = {}): CallRequest["query"] {
  return { include: `status,type${(include.customFields ?? true) ? ",custom" : ""}` };
}

// A header is sent as it is, and holds no line of another one.
function matchOf(eTag: unknown): CallRequest["headers"] {
  if (eTag === undefined || eTag === null) return undefined;
  if (typeof eTag === "string" && /^[\x21-\x7e]+$/.test(eTag)) return { "If-Match": eTag };
  throw invalidParameter("ifMatchesEtag is no eTag; give the one that was read, or leave it out");
}

/** Users. */
export const USER_CALLS = {
  list: listCall<UUIDMetadata>("uuids", "PNGetAllUUIDMetadataOperation"),
  get: getCall<GetUUIDMetadataParameters, UUIDMetadata>("uuids", uuidIn, "PNGetUUIDMetadataOperation"),
  set: setCall<SetUUIDMetadataParameters, UUIDMetadata>("uuids", uuidIn, "PNSetUUIDMetadataOperation"),
  remove: removeCall<UUIDParameters>("uuids", uuidIn, "PNRemoveUUIDMetadataOperation"),
};

/** Channels. */
export const CHANNEL_CALLS = {
  list: listCall<ChannelMetadata>("channels", "PNGetAllChannelMetadataOperation"),
  get: getCall<GetChannelMetadataParameters, ChannelMetadata>("channels", channelIn, "PNGetChannelMetadataOperation"),
  set: setCall<SetChannelMetadataParameters, ChannelMetadata>("channels", channelIn, "PNSetChannelMetadataOperation"),
  remove: removeCall<ChannelParameters>("channels", channelIn, "PNRemoveChannelMetadataOperation"),
};
