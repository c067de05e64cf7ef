/**
 * The calls about which user is a member of which channel, from both ends: list, set, remove.
 *
 * Rules: spec/SDK.md SDK58.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import type { Call, CallOptions } from "../endpoints/call.ts";
import { invalidParameter, requireName, stringify } from "../endpoints/parameters.ts";
import type { CallRequest } from "../endpoints/request.ts";
import { isRecord } from "../json.ts";
import { type CountOptions, type ListingParameters, includeOf, listingQuery } from "./listing.ts";
import { type ChannelParameters, type UUIDParameters, channelIn, objectsPath, uuidIn } from "./metadata.ts";
import { type ChannelMember, type CustomData, type Membership, type ObjectsResult, readObjects } from "./records.ts";

interface RelationIncludeOptions extends CountOptions {
  /** Add custom data of the membership. @defaultValue false */
  readonly customFields?: boolean | undefined;
  /** Add the status of the membership. @defaultValue false */
  readonly statusField?: boolean | undefined;
  /** Add the type of the membership. @defaultValue false */
  readonly typeField?: boolean | undefined;
}

/** What a list of memberships shows. */
export interface MembershipIncludeOptions extends RelationIncludeOptions {
  /** Add the channels' metadata. @defaultValue false */
  readonly channelFields?: boolean | undefined;
  /** Add the channels' custom data. @defaultValue false */
  readonly customChannelFields?: boolean | undefined;
  /** Add the channels' statuses. @defaultValue false */
  readonly channelStatusField?: boolean | undefined;
  /** Add the channels' types. @defaultValue false */
  readonly channelTypeField?: boolean | undefined;
}

/** What a list of members shows. */
export interface MemberIncludeOptions extends RelationIncludeOptions {
  /** Add the users' metadata. @defaultValue false */
  readonly UUIDFields?: boolean | undefined;
  /** Add the users' custom data. @defaultValue false */
  readonly customUUIDFields?: boolean | undefined;
  /** Add the users' statuses. @defaultValue false */
  readonly UUIDStatusField?: boolean | undefined;
  /** Add the users' types. @defaultValue false */
  readonly UUIDTypeField?: boolean | undefined;
}

/** The other end of a membership, with what is to be set of the membership: what is left out stays, null clears. */
export interface RelationToSet {
  readonly id: string;
  readonly custom?: CustomData | null | undefined;
  readonly status?: string | null | undefined;
  readonly type?: string | null | undefined;
}

/** Whose memberships, and which of them. */
export interface GetMembershipsParameters extends UUIDParameters, ListingParameters {
  readonly include?: MembershipIncludeOptions | undefined;
}

/** The channels that a user becomes a member of. The result is the list as it is then, by the other parameters. */
export interface SetMembershipsParameters extends GetMembershipsParameters {
  readonly channels: readonly (string | RelationToSet)[];
}

/** The channels that a user is no longer a member of. The result is the list as it is then, by the other parameters. */
export interface RemoveMembershipsParameters extends GetMembershipsParameters {
  readonly channels: readonly string[];
}

/** Whose members, and which of them. */
export interface GetChannelMembersParameters extends ChannelParameters, ListingParameters {
  readonly include?: MemberIncludeOptions | undefined;
}

/** The users that become members of a channel. The result is the list as it is then, by the other parameters. */
export interface SetChannelMembersParameters extends GetChannelMembersParameters {
  readonly uuids: readonly (string | RelationToSet)[];
}

/** The users that are no longer members of a channel. The result is the list as it is then, by the other parameters. */
export interface RemoveChannelMembersParameters extends GetChannelMembersParameters {
  readonly uuids: readonly string[];
}

const OWN_TOKENS = { customFields: "custom", statusField: "status", typeField: "type" };

const MEMBERSHIP_TOKENS = {
  ...OWN_TOKENS,
  channelFields: "channel",
  customChannelFields: "channel.custom",
  channelStatusField: "channel.status",
  channelTypeField: "channel.type",
};

const MEMBER_TOKENS = {
  ...OWN_TOKENS,
  UUIDFields: "uuid",
  customUUIDFields: "uuid.custom",
  UUIDStatusField: "uuid.status",
  UUIDTypeField: "uuid.type",
};

/** The three calls about the relations of one end: those that there are, some more, some less. */
interface RelationCalls<Get extends CallOptions, Set extends CallOptions, Remove extends CallOptions, Relation> {
  readonly list: Call<Get, ObjectsResult<Relation>>;
  readonly set: Call<Set, ObjectsResult<Relation>>;
  readonly remove: Call<Remove, ObjectsResult<Relation>>;
}

/** What the relations of one end are told by. */
interface End<Parameters> {
  /** In operations: `Memberships`. */
  readonly title: string;
  readonly pathOf: (parameters: Parameters, configuration: Configuration) => CallRequest["path"];
  readonly tokens: Readonly<Record<string, string>>;
  /** What the other end is called in changes, and in the parameters. */
  readonly other: "channel" | "uuid";
}

type Listing = ListingParameters & { readonly include?: CountOptions | undefined };

function relationCalls<Get extends Listing, Set extends Get, Remove extends Get, Relation>({
  title,
  pathOf,
  tokens,
  other,
}: End<Get>): RelationCalls<Get, Set, Remove, Relation> {
  const list = (parameters: Get, configuration: Configuration): CallRequest => {
    const include = parameters.include ?? {};
    const query = listingQuery(parameters, include, includeOf(include, tokens));
    return { path: pathOf(parameters, configuration), query };
  };
  const change =
    (verb: "set" | "delete") =>
    (parameters: Get, configuration: Configuration): CallRequest => ({
      ...list(parameters, configuration),
      method: "PATCH",
      body: changeOf(verb, other, recordOf(parameters)[`${other}s`], `${other}s`),
    });
  return {
    list: { operation: `PNGet${title}Operation`, request: list, parse: readObjects },
    set: { operation: `PNSet${title}Operation`, request: change("set"), parse: readObjects },
    remove: { operation: `PNRemove${title}Operation`, request: change("delete"), parse: readObjects },
  };
}

const recordOf = (parameters: object): Readonly<Record<string, unknown>> => ({ ...parameters });

/** A user's memberships. */
export const MEMBERSHIP_CALLS = relationCalls<
  GetMembershipsParameters,
  SetMembershipsParameters,
  RemoveMembershipsParameters,
  Membership
>({
  title: "Memberships",
  pathOf: (parameters, configuration) =>
    objectsPath(configuration.subscribeKey, "uuids", uuidIn(parameters, configuration), "channels"),
  tokens: MEMBERSHIP_TOKENS,
  other: "channel",
});

/** A channel's members. */
export const MEMBER_CALLS = relationCalls<
  GetChannelMembersParameters,
  SetChannelMembersParameters,
  RemoveChannelMembersParameters,
  ChannelMember
>({
  title: "Members",
  pathOf: (parameters, configuration) =>
    objectsPath(configuration.subscribeKey, "channels", channelIn(parameters, configuration), "uuids"),
  tokens: MEMBER_TOKENS,
  other: "uuid",
});

function changeOf(change: "set" | "delete", end: "channel" | "uuid", others: unknown, parameter: string): string {
  if (!Array.isArray(others) || others.length === 0) {
    throw invalidParameter(`${parameter} is missing or empty; list at least one`);
  }
  const relations = others.map((other: unknown) => {
    const { id, ...rest } = isRecord(other) ? other : { id: other };
    const { custom, status, type } = change === "set" ? rest : {};
    return { [end]: { id: requireName(id, parameter) }, custom, status, type };
  });
  const body = stringify({ [change]: relations });
  if (body === undefined) throw invalidParameter(`${parameter} are no JSON; give values that JSON can hold`);
  return body;
}
