/**
 * The unmodified client `pubnub@7.3.3`, with types for the calls that these tests make.
 *
 * For tests only. The package has no types of its own; these say what the calls take and give as its users know them.
 * Under test is the network: nothing here repairs what the client does.
 *
 * @module
 */
import { DEMO_KEYS } from "./demo-network.ts";
// @ts-expect-error The package has no types of its own.
import Untyped from "pubnub";

/** A JSON value, as it is published and received. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

interface Configuration {
  readonly publishKey: string;
  readonly subscribeKey: string;
  readonly userId: string;
  /** Host and port. */
  readonly origin: string;
  readonly ssl: boolean;
  /** Seconds. */
  readonly presenceTimeout?: number;
  readonly heartbeatInterval?: number;
  readonly secretKey?: string;
  readonly authKey?: string;
  readonly cipherKey?: string;
  readonly useRandomIVs?: boolean;
  readonly filterExpression?: string;
  readonly enableEventEngine?: boolean;
}

/** What a listener is told of a message. */
export interface MessageEvent {
  readonly channel: string;
  readonly subscription: string | null;
  readonly actualChannel: string | null;
  readonly subscribedChannel: string;
  readonly timetoken: string;
  readonly publisher: string;
  readonly userMetadata?: Json;
  readonly message: Json;
}

/** What a listener is told of a signal. */
export interface SignalEvent {
  readonly channel: string;
  readonly subscription: string | null;
  readonly timetoken: string;
  readonly publisher: string;
  readonly message: Json;
}

/** An action, as calls return it and listeners are told of it. */
export interface MessageAction {
  readonly type: string;
  readonly value: string;
  readonly uuid: string;
  readonly actionTimetoken: string;
  readonly messageTimetoken: string;
}

/** What a listener is told of a message action. */
export interface MessageActionEvent {
  readonly channel: string;
  readonly publisher: string;
  readonly timetoken: string;
  readonly event: "added" | "removed";
  readonly data: MessageAction;
}

/** What a listener is told of a file. */
export interface FileEvent {
  readonly channel: string;
  readonly publisher: string;
  readonly timetoken: string;
  readonly message?: Json;
  readonly file: { readonly id: string; readonly name: string; readonly url: string };
}

/** A file as the client names it. */
export interface FilePlace {
  readonly channel: string;
  readonly id: string;
  readonly name: string;
}

interface SendFileParameters {
  readonly channel: string;
  readonly file: { readonly data: Buffer; readonly name: string; readonly mimeType: string };
  readonly message?: Json;
  readonly cipherKey?: string;
}

interface FilesPage {
  readonly status: number;
  readonly data: readonly {
    readonly name: string;
    readonly id: string;
    readonly size: number;
    readonly created: string;
  }[];
  readonly next: string | null;
  readonly count: number;
}

/** What a listener is told of the connection, and what a call fails with. */
export interface Status {
  readonly category?: string;
  readonly operation?: string;
  readonly error?: boolean;
  readonly statusCode?: number;
  /** The body of the answer, parsed. */
  readonly errorData?: Json;
}

/** What a listener is told of who comes and goes. */
export interface PresenceEvent {
  readonly channel: string;
  readonly subscription: string | null;
  readonly action: string;
  /** Not of an interval. */
  readonly uuid?: string;
  readonly occupancy: number;
  readonly timestamp: number;
  readonly state?: Json;
  readonly join?: readonly string[];
  readonly leave?: readonly string[];
  readonly timeout?: readonly string[];
}

/** What a listener is told of a change of users, channels or memberships. */
export interface ObjectsEvent {
  readonly channel: string;
  readonly subscription: string | null;
  readonly timetoken: string;
  readonly message: {
    readonly source: string;
    readonly version: string;
    readonly event: "set" | "delete";
    readonly type: "uuid" | "channel" | "membership";
    readonly data: { readonly [name: string]: Json };
  };
}

interface Listener {
  readonly objects: (event: ObjectsEvent) => void;
  readonly file: (event: FileEvent) => void;
  readonly message: (event: MessageEvent) => void;
  readonly signal: (event: SignalEvent) => void;
  readonly messageAction: (event: MessageActionEvent) => void;
  readonly presence: (event: PresenceEvent) => void;
  readonly status: (status: Status) => void;
}

/** What the client makes of a here-now answer. */
export interface HereNow {
  readonly totalChannels: number;
  readonly totalOccupancy: number;
  readonly channels: Readonly<Record<string, Occupied>>;
}

interface Occupied {
  readonly name: string;
  readonly occupancy: number;
  readonly occupants: readonly { readonly uuid: string; readonly state?: Json }[];
}

interface HereNowParameters {
  readonly channels?: readonly string[];
  readonly channelGroups?: readonly string[];
  readonly includeState?: boolean;
  readonly includeUUIDs?: boolean;
}

interface PublishParameters {
  readonly channel: string;
  readonly message: Json;
  readonly meta?: Json;
  readonly sendByPost?: boolean;
  readonly storeInHistory?: boolean;
}

interface GroupMembers {
  readonly channelGroup: string;
  readonly channels: readonly string[];
}

/** The calls about channel groups. */
interface ChannelGroups {
  addChannels(parameters: GroupMembers): Promise<unknown>;
  removeChannels(parameters: GroupMembers): Promise<unknown>;
  listChannels(parameters: { readonly channelGroup: string }): Promise<{ readonly channels: readonly string[] }>;
  listGroups(): Promise<{ readonly groups: readonly string[] }>;
  deleteGroup(parameters: { readonly channelGroup: string }): Promise<unknown>;
}

interface Range {
  readonly start?: string;
  readonly end?: string;
}

interface HistoryParameters extends Range {
  readonly channel: string;
  readonly count?: number;
  readonly reverse?: boolean;
  readonly includeMeta?: boolean;
  readonly stringifiedTimeToken?: boolean;
}

interface HistoryAnswer {
  readonly messages: readonly { readonly entry: Json; readonly timetoken: string | number; readonly meta?: Json }[];
  readonly startTimeToken: string | number;
  readonly endTimeToken: string | number;
}

interface FetchParameters extends Range {
  readonly channels: readonly string[];
  readonly count?: number;
  readonly includeMeta?: boolean;
  readonly includeUUID?: boolean;
  readonly includeMessageType?: boolean;
  readonly includeMessageActions?: boolean;
}

interface FetchedMessage {
  readonly channel: string;
  readonly message: Json;
  readonly timetoken: string;
  readonly messageType?: Json;
  readonly uuid?: string;
  readonly meta?: Json;
}

interface CountsParameters {
  readonly channels: readonly string[];
  readonly timetoken?: string;
  readonly channelTimetokens?: readonly string[];
}

type Flags = Readonly<Record<string, boolean>>;
type FlagsByName = Readonly<Record<string, Flags>>;

interface TokenParameters {
  /** Minutes. */
  readonly ttl: number;
  readonly resources?: { readonly channels?: FlagsByName; readonly groups?: FlagsByName; readonly uuids?: FlagsByName };
  readonly patterns?: { readonly channels?: FlagsByName; readonly groups?: FlagsByName; readonly uuids?: FlagsByName };
  readonly authorized_uuid?: string;
  readonly meta?: Json;
}

interface GrantParameters {
  readonly channels?: readonly string[];
  readonly channelGroups?: readonly string[];
  readonly authKeys?: readonly string[];
  readonly read?: boolean;
  readonly write?: boolean;
  readonly ttl?: number;
}

interface PushDevice {
  readonly device: string;
  readonly pushGateway: "apns2" | "apns" | "fcm" | "gcm";
  readonly environment?: "development" | "production";
  readonly topic?: string;
}

type PushChannels = PushDevice & { readonly channels: readonly string[] };

/** The calls about push notifications. */
interface PushCalls {
  addChannels(parameters: PushChannels): Promise<unknown>;
  removeChannels(parameters: PushChannels): Promise<unknown>;
  listChannels(parameters: PushDevice): Promise<{ readonly channels: readonly string[] }>;
  deleteDevice(parameters: PushDevice): Promise<unknown>;
}

/** What the client makes push members of messages with. */
interface NotificationPayload {
  sound: string;
  badge: number;
  debugging: boolean;
  readonly apns: { configurations: readonly object[] };
  buildPayload(platforms: readonly ("apns" | "apns2" | "fcm")[]): { readonly [name: string]: Json };
}

type JsonObject = { readonly [name: string]: Json };

/** What a call about one user or channel answers. */
export interface ObjectAnswer {
  readonly status: number;
  readonly data: JsonObject;
}

/** What a call about several answers. */
export interface ObjectsAnswer {
  readonly status: number;
  readonly data: readonly JsonObject[];
  readonly totalCount?: number;
  readonly next?: string;
  readonly prev?: string;
}

interface ObjectInclude {
  readonly include?: { readonly customFields?: boolean };
}

interface ObjectList {
  readonly include?: { readonly [name: string]: boolean };
  readonly filter?: string;
  readonly sort?: { readonly [field: string]: "asc" | "desc" | null };
  readonly limit?: number;
  readonly page?: { readonly next?: string; readonly prev?: string };
}

type RelatedObjects = readonly (string | JsonObject)[];

/** The calls about users, channels and memberships. */
interface ObjectCalls {
  setUUIDMetadata(
    parameters: ObjectInclude & { readonly uuid?: string; readonly data: JsonObject },
  ): Promise<ObjectAnswer>;
  getUUIDMetadata(parameters?: ObjectInclude & { readonly uuid?: string }): Promise<ObjectAnswer>;
  removeUUIDMetadata(parameters?: { readonly uuid?: string }): Promise<{ readonly data: Json }>;
  getAllUUIDMetadata(parameters?: ObjectList): Promise<ObjectsAnswer>;
  setChannelMetadata(
    parameters: ObjectInclude & { readonly channel: string; readonly data: JsonObject },
  ): Promise<ObjectAnswer>;
  getChannelMetadata(parameters: ObjectInclude & { readonly channel: string }): Promise<ObjectAnswer>;
  removeChannelMetadata(parameters: { readonly channel: string }): Promise<{ readonly data: Json }>;
  getAllChannelMetadata(parameters?: ObjectList): Promise<ObjectsAnswer>;
  getMemberships(parameters?: ObjectList & { readonly uuid?: string }): Promise<ObjectsAnswer>;
  setMemberships(
    parameters: ObjectList & { readonly uuid?: string; readonly channels: RelatedObjects },
  ): Promise<ObjectsAnswer>;
  removeMemberships(
    parameters: ObjectList & { readonly uuid?: string; readonly channels: readonly string[] },
  ): Promise<ObjectsAnswer>;
  getChannelMembers(parameters: ObjectList & { readonly channel: string }): Promise<ObjectsAnswer>;
  setChannelMembers(
    parameters: ObjectList & { readonly channel: string; readonly uuids: RelatedObjects },
  ): Promise<ObjectsAnswer>;
  removeChannelMembers(
    parameters: ObjectList & { readonly channel: string; readonly uuids: readonly string[] },
  ): Promise<ObjectsAnswer>;
}

/** The client. */
export interface PubNubClient {
  grantToken(parameters: TokenParameters): Promise<string>;
  revokeToken(token: string): Promise<object>;
  parseToken(token: string): object | undefined;
  setToken(token: string): void;
  grant(parameters: GrantParameters): Promise<object>;
  audit(parameters: { readonly channel?: string; readonly authKeys?: readonly string[] }): Promise<object>;
  publish(parameters: PublishParameters): Promise<{ readonly timetoken: string }>;
  signal(parameters: { readonly channel: string; readonly message: Json }): Promise<{ readonly timetoken: string }>;
  readonly channelGroups: ChannelGroups;
  readonly push: PushCalls;
  readonly objects: ObjectCalls;
  addMessageAction(parameters: {
    readonly channel: string;
    readonly messageTimetoken: string;
    readonly action: { readonly type: string; readonly value: string };
  }): Promise<{ readonly data: MessageAction }>;
  removeMessageAction(parameters: {
    readonly channel: string;
    readonly messageTimetoken: string;
    readonly actionTimetoken: string;
  }): Promise<{ readonly data: Json }>;
  getMessageActions(parameters: {
    readonly channel: string;
    readonly start?: string;
    readonly end?: string;
    readonly limit?: number;
  }): Promise<{
    readonly data: readonly MessageAction[];
    readonly start: string | null;
    readonly end: string | null;
    readonly more?: Json;
  }>;
  history(parameters: HistoryParameters): Promise<HistoryAnswer>;
  fetchMessages(
    parameters: FetchParameters,
  ): Promise<{ readonly channels: Readonly<Record<string, readonly FetchedMessage[]>> }>;
  messageCounts(parameters: CountsParameters): Promise<{ readonly channels: Readonly<Record<string, number>> }>;
  deleteMessages(parameters: Range & { readonly channel: string }): Promise<unknown>;
  sendFile(
    parameters: SendFileParameters,
  ): Promise<{ readonly id: string; readonly name: string; readonly timetoken: string }>;
  listFiles(parameters: {
    readonly channel: string;
    readonly limit?: number;
    readonly next?: string | null;
  }): Promise<FilesPage>;
  downloadFile(
    parameters: FilePlace & { readonly cipherKey?: string },
  ): Promise<{ readonly toBuffer: () => Promise<Buffer> }>;
  deleteFile(parameters: FilePlace): Promise<{ readonly status: number }>;
  getFileUrl(parameters: FilePlace): string;
  time(): Promise<{ readonly timetoken: number | string }>;
  addListener(listener: Partial<Listener>): void;
  setFilterExpression(expression: string): void;
  subscribe(parameters: {
    readonly channels?: readonly string[];
    readonly channelGroups?: readonly string[];
    readonly timetoken?: string;
    readonly withPresence?: boolean;
  }): void;
  /** Shows life on channels, or leaves them, without subscribing. */
  presence(parameters: { readonly connected: boolean; readonly channels: readonly string[] }): void;
  setState(parameters: {
    readonly channels: readonly string[];
    readonly state: Json;
  }): Promise<{ readonly state: Json }>;
  getState(parameters: { readonly channels: readonly string[]; readonly uuid?: string }): Promise<{
    readonly channels: Json;
  }>;
  hereNow(parameters: HereNowParameters): Promise<HereNow>;
  whereNow(parameters: { readonly uuid: string }): Promise<{ readonly channels: readonly string[] }>;
  unsubscribe(parameters: { readonly channels?: readonly string[]; readonly channelGroups?: readonly string[] }): void;
  unsubscribeAll(): void;
  stop(): void;
}

const PubNub: (new (configuration: Configuration) => PubNubClient) & {
  notificationPayload(title: string, body: string): NotificationPayload;
} = Untyped;

/** Makes push members of a message as the client does. */
export function notificationPayload(title: string, body: string): NotificationPayload {
  return PubNub.notificationPayload(title, body);
}

/**
 * Makes a client.
 *
 * @param url where the network is: scheme, host and port.
 * @returns the client, which stops when it is disposed of.
 */
export function createClient(url: string, keys: Partial<Configuration> = {}): PubNubClient & Disposable {
  const { host } = new URL(url);
  const client = new PubNub({ ...DEMO_KEYS, userId: "somebody", origin: host, ssl: false, ...keys });
  return Object.assign(client, { [Symbol.dispose]: () => client.stop() });
}

/** The status that a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<Status> {
  try {
    await call;
  } catch (failure) {
    if (failure instanceof Error && "status" in failure) return failure.status as Status;
    throw failure;
  }
  throw new Error("the call succeeded");
}
