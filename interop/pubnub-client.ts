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
  readonly secretKey?: string;
  readonly authKey?: string;
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

interface Listener {
  readonly message: (event: MessageEvent) => void;
  readonly signal: (event: SignalEvent) => void;
  readonly status: (status: Status) => void;
}

interface PublishParameters {
  readonly channel: string;
  readonly message: Json;
  readonly meta?: Json;
  readonly sendByPost?: boolean;
  readonly storeInHistory?: boolean;
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
  time(): Promise<{ readonly timetoken: number | string }>;
  addListener(listener: Listener): void;
  subscribe(parameters: { readonly channels: readonly string[]; readonly timetoken?: string }): void;
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
