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
  readonly action: string;
  readonly uuid: string;
  readonly occupancy: number;
  readonly timestamp: number;
  readonly state?: Json;
}

interface Listener {
  readonly message: (event: MessageEvent) => void;
  readonly signal: (event: SignalEvent) => void;
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

/** The client. */
export interface PubNubClient {
  publish(parameters: PublishParameters): Promise<{ readonly timetoken: string }>;
  signal(parameters: { readonly channel: string; readonly message: Json }): Promise<{ readonly timetoken: string }>;
  time(): Promise<{ readonly timetoken: number | string }>;
  addListener(listener: Listener | { readonly presence: (event: PresenceEvent) => void }): void;
  subscribe(parameters: {
    readonly channels: readonly string[];
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
  unsubscribe(parameters: { readonly channels: readonly string[] }): void;
  unsubscribeAll(): void;
  stop(): void;
}

const PubNub: new (configuration: Configuration) => PubNubClient = Untyped;

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
