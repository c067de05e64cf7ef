/**
 * Reads requests for history, counts and deletion: every reason to refuse them, before anything is read.
 *
 * Rules: spec/HISTORY.md HIS4, HIS10, HIS11, HIS15, HIS21.
 *
 * @module
 */
import { LIMITS, NetworkError, type Timetoken } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { CountsCommand, DeleteCommand, PagesCommand } from "../history/history.ts";
import { type Bounds, rangeOf } from "../history/range.ts";
import { parseCallback } from "./answers.ts";
import { parseFlag } from "./flag.ts";
import { type Query, decodeSegment } from "./target.ts";

/** What requests about the past have in common. */
export interface HistoryRequest {
  readonly keyset: Keyset;
  /** The path segment that names one channel or several. */
  readonly channels: string;
  readonly query: Query;
}

/** What items of the first form of history show besides the payload. */
export interface HistoryForm {
  readonly hasTimetoken: boolean;
  readonly hasMeta: boolean;
  /** The timetokens of items as strings. */
  readonly itemTokensAreTexts: boolean;
  /** The two timetokens behind the items as strings. */
  readonly edgeTokensAreTexts: boolean;
}

/** What items of the later forms show besides payload and timetoken. */
export interface BatchForm {
  readonly hasMeta: boolean;
  readonly hasUuid: boolean;
  readonly hasMessageType: boolean;
  readonly hasCustomMessageType: boolean;
  readonly encodesChannels: boolean;
}

/** A request for pages, and how they are shown. */
export interface PagesRequest<Form> {
  readonly command: PagesCommand;
  readonly bounds: Bounds;
  readonly form: Form;
}

type ArgumentError = "historyArgumentMalformed" | "historyBatchArgumentMalformed";

/**
 * Reads a request for one channel's page in the first form.
 *
 * @throws {NetworkError} `historyOff`, or `historyArgumentMalformed` for the first argument that is.
 */
export function readHistoryRequest({ keyset, channels, query }: HistoryRequest): PagesRequest<HistoryForm> {
  if (!keyset.keepsHistory) throw new NetworkError("historyOff");
  const read = new Arguments(query, "historyArgumentMalformed");
  const channel = read.channel(channels);
  const bounds = { ...read.bounds(), isReverse: read.flag("reverse") };
  const form = {
    hasTimetoken: read.flag("include_token"),
    hasMeta: read.flag("include_meta"),
    itemTokensAreTexts: read.flag("string_message_token"),
    edgeTokensAreTexts: read.flag("stringtoken"),
  };
  const messagesMax = read.messagesMax("count", LIMITS.historyPageMessagesMax);
  return { command: commandOf(keyset, [channel], bounds, messagesMax), bounds, form };
}

/**
 * Reads a request for pages of several channels.
 *
 * @throws {NetworkError} `historyBatchOff`, or `historyBatchArgumentMalformed` for the first argument that is.
 */
export function readBatchRequest({ keyset, channels, query }: HistoryRequest): PagesRequest<BatchForm> {
  if (!keyset.keepsHistory) throw new NetworkError("historyBatchOff");
  const read = new Arguments(query, "historyBatchArgumentMalformed");
  const names = [...new Set(read.channels(channels, LIMITS.historyChannelsMax))];
  const bounds = read.bounds();
  const isOne = names.length === 1;
  const most = isOne ? LIMITS.historyPageMessagesMax : LIMITS.historySharedPageMessagesMax;
  const messagesMax = read.messagesMax("max", most, isOne ? most : 1);
  return { command: commandOf(keyset, names, bounds, messagesMax), bounds, form: batchFormOf(read) };
}

/**
 * Reads a request for one channel's page with message actions.
 *
 * @throws {NetworkError} as {@link readBatchRequest}; several channels are a malformed one.
 */
export function readActionsRequest({ keyset, channels, query }: HistoryRequest): PagesRequest<BatchForm> {
  if (!keyset.keepsHistory) throw new NetworkError("historyBatchOff");
  const read = new Arguments(query, "historyBatchArgumentMalformed");
  const channel = read.channel(channels);
  const bounds = read.bounds();
  const messagesMax = read.messagesMax("max", LIMITS.historySharedPageMessagesMax);
  return { command: commandOf(keyset, [channel], bounds, messagesMax), bounds, form: batchFormOf(read) };
}

/**
 * Reads a request to delete.
 *
 * @throws {NetworkError} `deletionOff`, or `historyArgumentMalformed`.
 */
export function readDeleteRequest({ keyset, channels, query }: HistoryRequest): DeleteCommand {
  const { keepsHistory, allowsDeletion } = keyset;
  if (!keepsHistory || !allowsDeletion) throw new NetworkError("deletionOff");
  const read = new Arguments(query, "historyArgumentMalformed");
  return { keyset: keyset.subscribeKey, channel: read.channel(channels), bounds: read.bounds() };
}

/**
 * Reads a request for counts: one instant for all channels, or one for each in their order.
 *
 * @throws {NetworkError} `historyBatchOff`, or `messageCountsMalformed` for anything that is wrong with it.
 */
export function readCountsRequest({ keyset, channels, query }: HistoryRequest): CountsCommand {
  if (!keyset.keepsHistory) throw new NetworkError("historyBatchOff");
  const names = decodeSegment(channels).split(",");
  const [one, each] = [query.get("timetoken") || undefined, query.get("channelsTimetoken") || undefined];
  const texts = each?.split(",") ?? names.map(() => one ?? "");
  const areGood = names.every(isName) && texts.every((text) => TIMETOKEN.test(text));
  const isFitting = names.length <= LIMITS.messageCountsChannelsMax && names.length === texts.length;
  if (!areGood || !isFitting || (one === undefined) === (each === undefined)) {
    throw new NetworkError("messageCountsMalformed");
  }
  const after = new Map(names.map((name, at) => [name, BigInt(texts[at] ?? "0")]));
  return { keyset: keyset.subscribeKey, after };
}

/** The callback of a request whose path has no place for one. */
export function queryCallback(query: Query): string | undefined {
  return parseCallback(query.get("callback") || "0");
}

function commandOf(keyset: Keyset, channels: readonly string[], bounds: Bounds, messagesMax: number): PagesCommand {
  return { keyset: keyset.subscribeKey, channels, range: rangeOf(bounds), messagesMax };
}

function batchFormOf(read: Arguments): BatchForm {
  return {
    hasMeta: read.flag("include_meta"),
    hasUuid: read.flag("include_uuid"),
    hasMessageType: read.flag("include_message_type"),
    hasCustomMessageType: read.flag("include_custom_message_type"),
    encodesChannels: read.flag("encode_channels", true),
  };
}

const TIMETOKEN = /^\d{1,17}$/;
const WHOLE = /^[1-9]\d{0,8}$/;

// Names that cannot be published to are no mistake here: their history is empty. A name that is none at all is one.
function isName(name: string): boolean {
  return name !== "" && name.isWellFormed();
}

/** Reads arguments; an empty one counts as absent, a malformed one is refused by its name. */
class Arguments {
  readonly #query: Query;
  readonly #error: ArgumentError;

  constructor(query: Query, error: ArgumentError) {
    this.#query = query;
    this.#error = error;
  }

  channel(segment: string): string {
    return this.channels(segment, 1)[0] ?? "";
  }

  channels(segment: string, most: number): readonly string[] {
    const names = decodeSegment(segment)
      .split(",")
      .filter((name) => name !== "");
    if (names.length === 0 || names.length > most || !names.every(isName)) throw this.#refusal("channel");
    return names;
  }

  bounds(): Bounds {
    return { start: this.#timetoken("start"), end: this.#timetoken("end") };
  }

  flag(name: string, otherwise = false): boolean {
    const flag = parseFlag(this.#query.get(name));
    if (flag === "malformed") throw this.#refusal(name);
    return flag ?? otherwise;
  }

  /** A number of messages: more than there may be means as many as there may. */
  messagesMax(name: string, most: number, otherwise = most): number {
    const text = this.#query.get(name);
    if (text === undefined || text === "") return otherwise;
    if (!WHOLE.test(text)) throw this.#refusal(name);
    return Math.min(Number(text), most);
  }

  #timetoken(name: string): Timetoken | undefined {
    const text = this.#query.get(name);
    if (text === undefined || text === "") return undefined;
    if (!TIMETOKEN.test(text)) throw this.#refusal(name);
    return BigInt(text);
  }

  #refusal(argument: string): NetworkError {
    return new NetworkError(this.#error, { argument });
  }
}
