/**
 * The calls that send: publish, fire, signal.
 *
 * Rules: spec/SDK.md SDK6-SDK8, SDK49.
 *
 * @module
 */
import { LIMITS, isChannelName } from "@longwave/protocol";
import type { CryptoModule } from "../crypto/crypto-module.ts";
import type { Configuration } from "../configuration.ts";
import type { Call, CallOptions } from "./call.ts";
import { invalidParameter as invalid, stringify } from "./parameters.ts";
import { type CallRequest, fitsAddress } from "./request.ts";
import { type TimetokenResult, parseSent } from "./timetoken-result.ts";

/** What makes a message one that may be sent again. */
export interface PublishOnce {
  /**
   * A name of this message among those of its channel, 1 to 64 characters: a network that knows such names delivers it once, however
   * often it is sent within a day. Give it where the application itself may send the message again, after a restart say; else the
   * client makes one. @see spec/SDK.md SDK70
   */
  readonly publishId?: string | undefined;
}

/** A message to publish. */
export interface PublishParameters extends CallOptions, PublishOnce {
  /** A channel's name, 1 to 92 characters. @see spec/PROTOCOL.md CHN1 */
  readonly channel: string;
  /** Any value but undefined that JSON can hold; at most 2 MiB of it, 32,768 bytes where the network has no large form. */
  readonly message: unknown;
  /** JSON that subscribers get beside the message, and that filters read. It travels in the address: a few kilobytes. */
  readonly meta?: unknown;
  /** Whether it is kept; the keyset decides where this is left out. */
  readonly storeInHistory?: boolean | undefined;
  /** Hours to keep it, fractions allowed; 0 keeps it for ever. */
  readonly ttl?: number | undefined;
  /** 3 to 50 characters of letters, digits, `-` and `_`. @see spec/PUBLISH.md PUB15 */
  readonly customMessageType?: string | undefined;
  /** Send the message in a body instead of the address; done anyway where the address would be too long. */
  readonly sendByPost?: boolean | undefined;
}

/** A message that is acknowledged but delivered to no subscriber. */
export type FireParameters = CallOptions & Pick<PublishParameters, "channel" | "message" | "meta" | "sendByPost">;

/** A signal to send. */
export interface SignalParameters extends CallOptions, PublishOnce {
  /** A channel's name, 1 to 92 characters. @see spec/PROTOCOL.md CHN1 */
  readonly channel: string;
  /** Any value but undefined that JSON can hold in 64 bytes. */
  readonly message: unknown;
  /** 3 to 50 characters of letters, digits, `-` and `_`. @see spec/PUBLISH.md PUB15 */
  readonly customMessageType?: string | undefined;
}

/** Digits behind the point of a `ttl`, as networks read it: far below a second. */
const TTL_DIGITS = 9;

/** Publishes a message. */
export const publishCall: Call<PublishParameters, TimetokenResult> = {
  operation: "PNPublishOperation",
  request: (parameters, configuration) => publishRequest(parameters, storageQuery(parameters), configuration),
  parse: parseSent,
  seal: sealMessage,
};

/** Publishes a message to nobody: for functions of the network. */
export const fireCall: Call<FireParameters, TimetokenResult> = {
  operation: "PNFireOperation",
  request: (parameters, configuration) => publishRequest(parameters, { store: 0, norep: "true" }, configuration),
  parse: parseSent,
  seal: sealMessage,
};

/** Sends a signal. */
export const signalCall: Call<SignalParameters, TimetokenResult> = {
  operation: "PNSignalOperation",
  request: ({ channel, message, customMessageType, publishId }, configuration) => ({
    path: [...keyPath("signal", configuration), requireChannel(channel), "0", jsonOf(message, "message")],
    query: { custom_message_type: customMessageType?.toWellFormed(), lw_id: publishId?.toWellFormed() },
  }),
  parse: parseSent,
};

// In the address while it fits; then in a body; above 32 KiB in the large form, which alone takes that much.
function publishRequest(
  { channel, message, meta, sendByPost }: FireParameters,
  query: NonNullable<CallRequest["query"]>,
  configuration: Configuration,
): CallRequest {
  const path = [...keyPath("publish", configuration), requireChannel(channel), "0"];
  const json = jsonOf(message, "message");
  const metaJson = meta === undefined ? undefined : jsonOf(meta, "meta");
  const common = { meta: metaJson, ...query };
  const inAddress: CallRequest = { path: [...path, json], query: common };
  if (sendByPost !== true && fitsAddress(configuration, inAddress)) return inAddress;
  const bytes = new TextEncoder().encode(json + (metaJson ?? "")).length;
  const inBody: CallRequest = {
    path: bytes > LIMITS.messageBytesMax ? ["v2", ...path] : path,
    query: common,
    body: json,
  };
  if (fitsAddress(configuration, inBody)) return inBody;
  throw invalid("meta is too long for an address; put it into the message");
}

// Whatever the message is, what travels is a text. Signals are never encrypted.
async function sealMessage<Parameters extends FireParameters>(
  parameters: Parameters,
  cryptoModule: CryptoModule,
): Promise<Parameters> {
  return { ...parameters, message: await cryptoModule.encrypt(jsonOf(parameters.message, "message")) };
}

/** The parameters of whatever is published: its meta, whether and how long it is kept, its type. */
export function publishQuery(parameters: Omit<PublishParameters, "channel" | "message">): CallRequest["query"] {
  const { meta } = parameters;
  return { meta: meta === undefined ? undefined : jsonOf(meta, "meta"), ...storageQuery(parameters) };
}

function storageQuery({
  storeInHistory,
  ttl,
  customMessageType,
  publishId,
}: Omit<PublishParameters, "channel" | "message">): NonNullable<CallRequest["query"]> {
  return {
    store: storeInHistory === undefined ? undefined : Number(storeInHistory),
    ttl: printTtl(ttl),
    custom_message_type: customMessageType?.toWellFormed(),
    lw_id: publishId?.toWellFormed(),
  };
}

/** The beginning of a path that holds both keys. @throws {PubNubError} `PNValidationErrorCategory` without a publish key. */
export function keyPath(first: string, { publishKey, subscribeKey }: Configuration): readonly string[] {
  if (publishKey === undefined)
    throw invalid("publishKey is missing from the configuration; without it a client only reads");
  return [first, publishKey, subscribeKey, "0"];
}

/** Checks the name of a channel that can be published to. */
export function requireChannel(channel: unknown): string {
  if (typeof channel === "string" && isChannelName(channel)) return channel;
  throw invalid(
    "channel is missing or no name to send to; use 1 to 92 characters, none of them a comma, slash, backslash, star or space, and no -pnpres at the end",
  );
}

/** JSON of a value that must be there and can be carried. */
export function jsonOf(value: unknown, name: string): string {
  const json = stringify(value);
  if (json === undefined) throw invalid(`${name} is missing or no JSON; give a value that JSON can hold`);
  if (depthOf(json) > LIMITS.jsonDepthMax)
    throw invalid(`${name} nests deeper than ${LIMITS.jsonDepthMax} levels; flatten it`);
  return json;
}

// The network's own scan of JSON tells the same; this one is a tenth of its size.
function depthOf(json: string): number {
  let [depth, deepest] = [0, 0];
  for (const bracket of json.replaceAll(/"(?:[^"\\]|\\.)*"|[^[\]{}]/g, "")) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function printTtl(ttl: number | undefined): string | undefined {
  if (ttl === undefined) return undefined;
  if (!Number.isFinite(ttl)) throw invalid("ttl is no number; give hours, or leave it out");
  return ttl.toFixed(TTL_DIGITS).replace(/\.?0+$/, "");
}
