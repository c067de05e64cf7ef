/**
 * The calls about the past of several channels: their messages, with actions for one, and how many there are.
 *
 * Rules: spec/SDK.md SDK27, SDK32.
 *
 * @module
 */
import { EVENT_TYPES, LIMITS } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import type { CryptoModule } from "../crypto/crypto-module.ts";
import { type DecryptionFailure, openPayload } from "../crypto/payload.ts";
import { readAnnouncement } from "../files/event.ts";
import { announcedUrl } from "../files/files.ts";
import { type JsonRecord, isRecord, parseJson, recordIn, numberIn, present, textIn } from "../json.ts";
import type { Call, CallOptions } from "./call.ts";
import { type HistoryParameters, channelsOf, pageSize, rangeOf, yes } from "./history.ts";
import { invalidParameter, requireNames, requireTimetoken } from "./parameters.ts";

/** Which messages of which channels to fetch. */
export interface FetchMessagesParameters
  extends CallOptions, Pick<HistoryParameters, "start" | "end" | "count" | "includeMeta"> {
  /** 1 to 500 channels; one where message actions are included. `count` is at most 100 for one, 25 each for several or with actions. */
  readonly channels: readonly string[];
  /** Add who published. @defaultValue true */
  readonly includeUUID?: boolean | undefined;
  /** Add whether it is a message or a file. @defaultValue true */
  readonly includeMessageType?: boolean | undefined;
  /** Add the custom message type. @defaultValue false */
  readonly includeCustomMessageType?: boolean | undefined;
  /** Add the message actions. @defaultValue false */
  readonly includeMessageActions?: boolean | undefined;
}

/** Who took a message action, and when. */
export interface FetchedAction {
  readonly uuid: string;
  /** 17 digits. */
  readonly actionTimetoken: string;
}

/** A message of the past. */
export interface FetchedMessage extends DecryptionFailure {
  readonly channel: string;
  /** When it was published: 17 digits. */
  readonly timetoken: string;
  /** What was published; of a file (`messageType` 4) with its address, as `file.url`. */
  readonly message: unknown;
  /** -1 for a message, 4 for a file; where it was asked for. */
  readonly messageType?: number | undefined;
  readonly customMessageType?: string | undefined;
  /** The publisher, where it was asked for. */
  readonly uuid?: string | undefined;
  /** The meta, where it was asked for; an empty text where there is none. */
  readonly meta?: unknown;
  /** By type, then value; where they were asked for and there are any. */
  readonly actions?: Readonly<Record<string, Readonly<Record<string, readonly FetchedAction[]>>>> | undefined;
}

/** Where an answer that was cut short goes on. */
export interface MoreMessages {
  readonly url: string;
  /** The `start` of the next call. */
  readonly start: string;
  readonly max?: number | undefined;
}

/** Messages by channel, oldest first; channels without any are left out. */
export interface FetchMessagesResult {
  readonly channels: Readonly<Record<string, readonly FetchedMessage[]>>;
  readonly more?: MoreMessages | undefined;
}

/** The number that stands for an ordinary message. */
const ORDINARY_MESSAGE = -1;

/** Fetches messages of several channels, or of one with their actions. */
export const fetchMessagesCall: Call<FetchMessagesParameters, FetchMessagesResult> = {
  operation: "PNFetchMessagesOperation",
  request: (parameters, { subscribeKey }) => {
    const channels = requireNames(parameters.channels, "channels");
    const withActions = parameters.includeMessageActions === true;
    if (withActions && channels.length > 1) {
      throw invalidParameter("channels must be one where message actions are included; fetch them one by one");
    }
    const isShared = withActions || channels.length > 1;
    return {
      path: ["v3", withActions ? "history-with-actions" : "history", "sub-key", subscribeKey, "channel", channels],
      query: {
        ...rangeOf(parameters),
        max: pageSize(parameters.count, isShared ? LIMITS.historySharedPageMessagesMax : LIMITS.historyPageMessagesMax),
        include_uuid: yes(parameters.includeUUID ?? true),
        include_message_type: yes(parameters.includeMessageType ?? true),
        include_custom_message_type: yes(parameters.includeCustomMessageType),
        include_meta: yes(parameters.includeMeta),
        encode_channels: "false",
      },
    };
  },
  parse: (text) => {
    const channels = channelsOf(text);
    if (channels === undefined) return undefined;
    const read = Object.entries(channels).map(([channel, items]) => [channel, messagesOf(channel, items)] as const);
    if (read.some(([, messages]) => messages === undefined)) return undefined;
    const more = moreOf(recordIn(parseJson(text), "more"));
    const byChannel = Object.fromEntries(read.map(([channel, messages = []]) => [channel, messages]));
    return present({ channels: byChannel, more });
  },
  open: async (result, cryptoModule) => {
    const opened = Object.entries(result.channels).map(async ([channel, messages]) => {
      return [channel, await Promise.all(messages.map((message) => openMessage(cryptoModule, message)))] as const;
    });
    return { ...result, channels: Object.fromEntries(await Promise.all(opened)) };
  },
  complete: (result, configuration) => {
    const channels = Object.entries(result.channels).map(([channel, messages]) => {
      return [channel, messages.map((message) => withFileUrl(message, configuration))] as const;
    });
    return { ...result, channels: Object.fromEntries(channels) };
  },
};

function withFileUrl(fetched: FetchedMessage, configuration: Configuration): FetchedMessage {
  const { messageType, message, channel } = fetched;
  const file = messageType === EVENT_TYPES.file ? readAnnouncement(message)?.file : undefined;
  if (file === undefined || !isRecord(message)) return fetched;
  const url = announcedUrl(configuration, { ...file, channel });
  return { ...fetched, message: { ...message, file: { ...file, url } } };
}

async function openMessage(cryptoModule: CryptoModule, fetched: FetchedMessage): Promise<FetchedMessage> {
  const { payload: message, ...rest } = await openPayload(cryptoModule, fetched.message);
  return { ...fetched, message, ...rest };
}

function messagesOf(channel: string, items: unknown): readonly FetchedMessage[] | undefined {
  if (!Array.isArray(items)) return undefined;
  const messages = items.map((item: unknown) => (isRecord(item) ? messageOf(channel, item) : undefined));
  const known = messages.filter((message) => message !== undefined);
  return known.length === messages.length ? known : undefined;
}

function messageOf(channel: string, item: JsonRecord): FetchedMessage | undefined {
  const { timetoken, message, meta, uuid, message_type: type, custom_message_type: customType, actions } = item;
  if (typeof timetoken !== "string" || message === undefined) return undefined;
  return present({
    channel,
    timetoken,
    message,
    messageType: type === undefined ? undefined : (numberIn(type) ?? ORDINARY_MESSAGE),
    customMessageType: textIn(customType),
    uuid: textIn(uuid),
    meta,
    actions: isRecord(actions) ? (actions as NonNullable<FetchedMessage["actions"]>) : undefined,
  });
}

function moreOf(more: JsonRecord | undefined): MoreMessages | undefined {
  if (more === undefined) return undefined;
  const { url, start, max } = more;
  if (typeof url !== "string" || typeof start !== "string") return undefined;
  return present({ url, start, max: numberIn(max) });
}

/** What to count; one of `timetoken` and `channelTimetokens`. */
export interface MessageCountsParameters extends CallOptions {
  /** 1 to 100 channels. */
  readonly channels: readonly string[];
  /** Count what came after this instant on each channel; 17 digits. */
  readonly timetoken?: string | undefined;
  /** One instant for each channel, in their order, or one for all. */
  readonly channelTimetokens?: readonly string[] | undefined;
}

/** How many messages there are. */
export interface MessageCountsResult {
  /** By channel, 10,000 at most. */
  readonly channels: Readonly<Record<string, number>>;
}

/** Counts messages after instants. */
export const messageCountsCall: Call<MessageCountsParameters, MessageCountsResult> = {
  operation: "PNMessageCountsOperation",
  request: (parameters, { subscribeKey }) => {
    const channels = requireNames(parameters.channels, "channels");
    const [first, ...rest] = instantsOf(parameters, channels.length);
    const query = rest.length === 0 ? { timetoken: first } : { channelsTimetoken: [first, ...rest].join(",") };
    return { path: ["v3", "history", "sub-key", subscribeKey, "message-counts", channels], query };
  },
  parse: (text) => {
    const channels = channelsOf(text);
    if (channels === undefined || !Object.values(channels).every((count) => typeof count === "number"))
      return undefined;
    return { channels: channels as Readonly<Record<string, number>> };
  },
};

function instantsOf(
  { timetoken, channelTimetokens }: MessageCountsParameters,
  channels: number,
): readonly [string, ...string[]] {
  if ((timetoken === undefined) === (channelTimetokens === undefined)) {
    throw invalidParameter("give one of timetoken and channelTimetokens");
  }
  if (timetoken !== undefined) return [requireTimetoken(timetoken, "timetoken")];
  const [first, ...rest] = (channelTimetokens ?? []).map((instant) => requireTimetoken(instant, "channelTimetokens"));
  if (first !== undefined && (rest.length === 0 || rest.length + 1 === channels)) return [first, ...rest];
  throw invalidParameter("channelTimetokens must be one, or as many as there are channels");
}
