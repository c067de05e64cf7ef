/**
 * The calls about presence: who is where, with what state, and saying so oneself.
 *
 * Rules: spec/SDK.md SDK27-SDK29.
 *
 * @module
 */
import { isPresenceName } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { type JsonRecord, isRecord, isTexts, parseJson, parseRecord, recordIn } from "../json.ts";
import { PRESENCE_SECONDS } from "../presence/settings.ts";
import type { Call, CallOptions } from "./call.ts";
import {
  NOBODY_NAMED,
  invalidParameter,
  optionalCount,
  optionalNames,
  requireName,
  requireObject,
} from "./parameters.ts";
import { type CallRequest, channelsSegment, listValue } from "./request.ts";

/** Channels and groups that a call is about. */
export interface NamesParameters extends CallOptions {
  /** Channels. */
  readonly channels?: readonly string[] | undefined;
  /** Channel groups: all their members. */
  readonly channelGroups?: readonly string[] | undefined;
}

/** Whom to count, and how much to say of them. */
export interface HereNowParameters extends NamesParameters {
  /** Whether to list who is there, instead of only counting. @defaultValue true */
  readonly includeUUIDs?: boolean | undefined;
  /** Whether to add everybody's state. @defaultValue false */
  readonly includeState?: boolean | undefined;
  /** Occupants to list for each channel, 0 to 1,000. @defaultValue 1000 */
  readonly limit?: number | undefined;
  /** Occupants to skip on each channel. @defaultValue 0 */
  readonly offset?: number | undefined;
}

/** Somebody who is on a channel. */
export interface Occupant {
  readonly uuid: string;
  /** The state, where it was asked for and there is one. */
  readonly state?: unknown;
}

/** Who is on a channel. */
export interface ChannelOccupancy {
  readonly name: string;
  /** How many there are, also where not all of them are listed. */
  readonly occupancy: number;
  readonly occupants: readonly Occupant[];
}

/** Who is where. */
export interface HereNowResult {
  readonly totalChannels: number;
  /** The sum over the channels: who is on two of them counts twice. */
  readonly totalOccupancy: number;
  /** By channel; of several channels and of groups only those on which somebody is. */
  readonly channels: Readonly<Record<string, ChannelOccupancy>>;
}

/** Counts and lists who is on channels; without channels and groups, on all channels of the keyset. */
export const hereNowCall: Call<HereNowParameters, HereNowResult> = {
  operation: "PNHereNowOperation",
  request: (parameters, { subscribeKey }) => {
    const { channels, groups } = namesOf(parameters);
    const isGlobal = channels.length + groups.length === 0;
    return {
      path: [...base(subscribeKey), ...(isGlobal ? [] : ["channel", channelsSegment(channels)])],
      query: {
        disable_uuids: parameters.includeUUIDs === false ? 1 : undefined,
        state: parameters.includeState === true ? 1 : undefined,
        limit: optionalCount(parameters.limit, "limit"),
        offset: optionalCount(parameters.offset, "offset"),
        "channel-group": listValue(groups),
      },
    };
  },
  parse: (text, { channels }) => {
    const body = parseJson(text);
    const payload = recordIn(body, "payload");
    const several = recordIn(payload, "channels");
    if (several !== undefined) return hereNowOf(several, payload);
    const [channel] = channels ?? [];
    return channel === undefined || !isRecord(body) ? undefined : hereNowOf({ [channel]: body });
  },
};

function hereNowOf(channels: JsonRecord, totals: JsonRecord = {}): HereNowResult | undefined {
  const read = Object.entries(channels).map(([name, facts]) => occupancyOf(name, facts));
  const known = read.filter((channel) => channel !== undefined);
  if (known.length < read.length) return undefined;
  const { total_channels, total_occupancy } = totals;
  return {
    totalChannels: typeof total_channels === "number" ? total_channels : known.length,
    totalOccupancy:
      typeof total_occupancy === "number"
        ? total_occupancy
        : known.reduce((total, { occupancy }) => total + occupancy, 0),
    channels: Object.fromEntries(known.map((channel) => [channel.name, channel])),
  };
}

function occupancyOf(name: string, facts: unknown): ChannelOccupancy | undefined {
  if (!isRecord(facts) || typeof facts["occupancy"] !== "number") return undefined;
  const uuids: readonly unknown[] = Array.isArray(facts["uuids"]) ? facts["uuids"] : [];
  return { name, occupancy: facts["occupancy"], occupants: uuids.flatMap(occupantsOf) };
}

// A uuid alone, or an object with its state.
function occupantsOf(entry: unknown): readonly Occupant[] {
  if (typeof entry === "string") return [{ uuid: entry }];
  if (!isRecord(entry) || typeof entry["uuid"] !== "string") return [];
  return [{ uuid: entry["uuid"], ...(entry["state"] === undefined ? {} : { state: entry["state"] }) }];
}

/** Whose channels to list. */
export interface WhereNowParameters extends CallOptions {
  /** Whom it is about. @defaultValue this client */
  readonly uuid?: string | undefined;
}

/** Where somebody is. */
export interface WhereNowResult {
  readonly channels: readonly string[];
}

/** Lists the channels on which somebody is. */
export const whereNowCall: Call<WhereNowParameters, WhereNowResult> = {
  operation: "PNWhereNowOperation",
  request: (parameters, configuration) => ({
    path: [...base(configuration.subscribeKey), "uuid", uuidOf(parameters, configuration)],
  }),
  parse: (text) => {
    const body = parseRecord(text);
    const channels = recordIn(body, "payload")?.["channels"] ?? [];
    return body["status"] === 200 && isTexts(channels) ? { channels } : undefined;
  },
};

/** State to set. */
export interface SetStateParameters extends NamesParameters, WhereNowParameters {
  /** An object; it takes the place of the one before on each channel. An empty one takes that away. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** The state that holds now. */
export interface SetStateResult {
  readonly state: unknown;
}

/** Sets somebody's state on channels. */
export const setStateCall: Call<SetStateParameters, SetStateResult> = {
  operation: "PNSetStateOperation",
  request: (parameters, configuration) => {
    const { path, query } = stateRequest(parameters, configuration);
    return { path: [...path, "data"], query: { state: requireObject(parameters.state, "state"), ...query } };
  },
  parse: (text) => {
    const state = recordIn(parseJson(text), "payload");
    return state === undefined ? undefined : { state };
  },
};

/** Whose state to read, and where. */
export type GetStateParameters = NamesParameters & WhereNowParameters;

/** Somebody's states. */
export interface GetStateResult {
  /** By channel; of several channels and of groups only those with a state. */
  readonly channels: Readonly<Record<string, unknown>>;
}

/** Reads somebody's state on channels. */
export const getStateCall: Call<GetStateParameters, GetStateResult> = {
  operation: "PNGetStateOperation",
  request: stateRequest,
  parse: (text) => {
    const body = parseRecord(text);
    const payload = recordIn(body, "payload");
    if (payload === undefined) return undefined;
    const { channel } = body;
    if (typeof channel === "string") return { channels: { [channel]: payload } };
    const channels = recordIn(payload, "channels");
    return channels === undefined ? undefined : { channels };
  },
};

/** Where to be present, and with what state. */
export interface HeartbeatParameters extends NamesParameters {
  /** States by channel or group, set along with it. */
  readonly state?: Readonly<Record<string, unknown>> | undefined;
}

/** A result that says no more than that it is done. */
export type DoneResult = Readonly<Record<string, never>>;

/** Says that this client is present on channels, for the time of `presenceTimeout`; subscribing is not needed for it. */
export const heartbeatCall: Call<HeartbeatParameters, DoneResult> = {
  operation: "PNHeartbeatOperation",
  request: (parameters, { subscribeKey, presenceTimeout = PRESENCE_SECONDS }) => {
    const { state } = parameters;
    const query = {
      heartbeat: presenceTimeout,
      state: state === undefined ? undefined : requireObject(state, "state"),
    };
    return presentRequest(parameters, subscribeKey, "heartbeat", query);
  },
  parse: doneOf,
};

/** Says that this client is no longer present on channels. */
export const leaveCall: Call<NamesParameters, DoneResult> = {
  operation: "PNUnsubscribeOperation",
  request: (parameters, { subscribeKey }) => presentRequest(parameters, subscribeKey, "leave"),
  parse: doneOf,
};

/** Reads the answer of a call that says no more than that it is done. */
export function doneOf(text: string): DoneResult | undefined {
  return parseRecord(text)["status"] === 200 ? {} : undefined;
}

function stateRequest(parameters: GetStateParameters, configuration: Configuration): CallRequest {
  const { channels, groups } = requireSome(namesOf(parameters));
  const { subscribeKey } = configuration;
  return {
    path: [...base(subscribeKey), "channel", channelsSegment(channels), "uuid", uuidOf(parameters, configuration)],
    query: { "channel-group": listValue(groups) },
  };
}

// Nobody is present on a presence companion.
function presentRequest(
  parameters: NamesParameters,
  subscribeKey: string,
  verb: "heartbeat" | "leave",
  query: NonNullable<CallRequest["query"]> = {},
): CallRequest {
  const names = namesOf(parameters);
  const channels = names.channels.filter((name) => !isPresenceName(name));
  const groups = names.groups.filter((name) => !isPresenceName(name));
  requireSome({ channels, groups });
  return {
    path: [...base(subscribeKey), "channel", channelsSegment(channels), verb],
    query: { ...query, "channel-group": listValue(groups) },
  };
}

interface Names {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
}

function namesOf({ channels, channelGroups }: NamesParameters): Names {
  return {
    channels: optionalNames(channels, "channels"),
    groups: optionalNames(channelGroups, "channelGroups"),
  };
}

function requireSome(names: Names): Names {
  if (names.channels.length + names.groups.length > 0) return names;
  throw invalidParameter(NOBODY_NAMED);
}

function uuidOf({ uuid }: WhereNowParameters, configuration: Configuration): string {
  return uuid === undefined ? configuration.uuid : requireName(uuid, "uuid");
}

const base = (subscribeKey: string): CallRequest["path"] => ["v2", "presence", "sub-key", subscribeKey];
