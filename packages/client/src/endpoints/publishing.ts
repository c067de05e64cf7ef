/**
 * Calls that send: publish, fire, signal; and time.
 *
 * @module
 */
import { LIMITS, compactJson } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import type { Call, CallRequest } from "./call.ts";

/** A message to publish. */
export interface PublishParameters {
  /** A channel's name, 1 to 92 characters. */
  readonly channel: string;
  /** Any JSON value but undefined. */
  readonly message: unknown;
  /** JSON that subscribers get beside the message and can filter by. */
  readonly meta?: unknown;
  /** Whether it is kept; the keyset decides where this is left out. */
  readonly storeInHistory?: boolean | undefined;
  /** Hours to keep it. */
  readonly ttl?: number | undefined;
  /** 3 to 50 characters of letters, digits, `-` and `_`. */
  readonly customMessageType?: string | undefined;
  /** Send the message in a body instead of the address; done anyway where the address would be too long. */
  readonly sendByPost?: boolean | undefined;
}

/** A message that is acknowledged but delivered to no subscriber. */
export type FireParameters = Pick<PublishParameters, "channel" | "message" | "meta" | "sendByPost">;

/** A signal to send. */
export interface SignalParameters {
  /** A channel's name, 1 to 92 characters. */
  readonly channel: string;
  /** Any JSON value of at most 64 bytes. */
  readonly message: unknown;
  /** 3 to 50 characters of letters, digits, `-` and `_`. */
  readonly customMessageType?: string | undefined;
}

/** What publishing and asking for the time give: an instant as 17 digits, in 100 ns units since 1970. */
export interface TimetokenResult {
  readonly timetoken: string;
}

/** Bytes that an encoded payload may have in an address, so that the rest of it fits below the limit too. */
const ADDRESS_BYTES_MAX = LIMITS.uriBytesMax - 4_096;

const SENT = /^\[1,"Sent","(\d{17})"\]$/;
const TIME = /^\[(\d{17})\]$/;

const parseSent = (text: string): TimetokenResult | undefined => timetokenIn(SENT, text);

/** Asks for the network's clock. */
export const timeCall: Call<void, TimetokenResult> = {
  operation: "PNTimeOperation",
  request: () => ({ path: ["time", "0"] }),
  parse: (text) => timetokenIn(TIME, text),
};

/** Publishes a message. */
export const publishCall: Call<PublishParameters, TimetokenResult> = {
  operation: "PNPublishOperation",
  request: (parameters, configuration) => {
    const { channel, message, storeInHistory, ttl, customMessageType, sendByPost } = parameters;
    const query = {
      meta: parameters.meta === undefined ? undefined : jsonOf(parameters.meta, "meta"),
      store: storeInHistory === undefined ? undefined : Number(storeInHistory),
      ttl,
      custom_message_type: customMessageType,
    };
    return publishRequest(configuration, { channel, message, sendByPost, query });
  },
  parse: parseSent,
};

/** Publishes a message to nobody: for functions of the network. */
export const fireCall: Call<FireParameters, TimetokenResult> = {
  operation: "PNFireOperation",
  request: ({ channel, message, meta, sendByPost }, configuration) => {
    const query = { meta: meta === undefined ? undefined : jsonOf(meta, "meta"), store: 0, norep: "true" };
    return publishRequest(configuration, { channel, message, sendByPost, query });
  },
  parse: parseSent,
};

/** Sends a signal. */
export const signalCall: Call<SignalParameters, TimetokenResult> = {
  operation: "PNSignalOperation",
  request: ({ channel, message, customMessageType }, configuration) => ({
    path: [...keyPath("signal", configuration), requireChannel(channel), "0", jsonOf(message, "message")],
    query: { custom_message_type: customMessageType },
  }),
  parse: parseSent,
};

interface Publishing extends Pick<PublishParameters, "channel" | "message" | "sendByPost"> {
  readonly query: CallRequest["query"];
}

// In a body: when asked for, and when the address would be refused. Above 32 KiB the network takes the large form only.
function publishRequest(
  configuration: Configuration,
  { channel, message, sendByPost, query }: Publishing,
): CallRequest {
  const json = jsonOf(message, "message");
  const bytes = new TextEncoder().encode(json).length;
  const path = [...keyPath("publish", configuration), requireChannel(channel), "0"];
  if (bytes > LIMITS.messageBytesMax) return { path: ["v2", ...path], query, body: json };
  const isLong = sendByPost === true || encodeURIComponent(json).length > ADDRESS_BYTES_MAX;
  return isLong ? { path, query, body: json } : { path: [...path, json], query };
}

function keyPath(first: string, { publishKey, subscribeKey }: Configuration): readonly string[] {
  if (publishKey === undefined)
    throw invalid("publishKey is missing from the configuration: this client can only read");
  return [first, publishKey, subscribeKey, "0"];
}

function requireChannel(channel: string): string {
  if (typeof channel !== "string" || channel === "") throw invalid("channel is missing; name the channel to send to");
  if (channel !== "." && channel !== ".." && channel.isWellFormed()) return channel;
  throw invalid("channel cannot be put into an address; choose another name");
}

// compactJson refuses what other clients would choke on: too deep, or half of a character.
function jsonOf(value: unknown, name: string): string {
  const json: string | undefined = value === undefined ? undefined : JSON.stringify(value);
  if (json === undefined) throw invalid(`${name} is missing; give a value that JSON can hold`);
  if (compactJson(json) === undefined) throw invalid(`${name} nests deeper than ${LIMITS.jsonDepthMax} levels`);
  return json;
}

function invalid(reason: string): PubNubError {
  return new PubNubError(`Nothing was sent: ${reason}.`, { category: STATUS_CATEGORIES.validation });
}

// The digits are taken from the text: as a number they would lose their last ones.
function timetokenIn(pattern: RegExp, text: string): TimetokenResult | undefined {
  const timetoken = pattern.exec(text.trim())?.[1];
  return timetoken === undefined ? undefined : { timetoken };
}
