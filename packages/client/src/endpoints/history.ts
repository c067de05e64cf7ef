/**
 * The calls about one channel's past: pages, and deletion.
 *
 * The page's timetokens are JSON numbers beyond what JavaScript's hold, so they are read from their digits.
 * Rules: spec/SDK.md SDK27, SDK31, SDK33.
 *
 * @module
 */
import { LIMITS, elementsOf, membersOf } from "@longwave/protocol";
import { type DecryptionFailure, openPayload } from "../crypto/payload.ts";
import { isRecord, parseJson, present } from "../json.ts";
import type { Call, CallOptions } from "./call.ts";
import { optionalPage, optionalTimetoken, requireName } from "./parameters.ts";
import { type DoneResult, doneOf } from "./presence.ts";

/** The part of a channel's past to delete. */
export interface DeleteMessagesParameters extends CallOptions {
  readonly channel: string;
  /** Delete what is older than this instant, which stays; 17 digits. */
  readonly start?: string | undefined;
  /** Delete from this instant on, itself included; 17 digits. Without both the whole channel is deleted. */
  readonly end?: string | undefined;
}

/** A page of a channel's past. */
export interface HistoryParameters extends CallOptions {
  readonly channel: string;
  /** Where to begin, itself left out; 17 digits. */
  readonly start?: string | undefined;
  /** Where to stop, itself included; 17 digits. */
  readonly end?: string | undefined;
  /** Messages at most, 1 to 100. @defaultValue 100 */
  readonly count?: number | undefined;
  /** Go from older to newer messages. @defaultValue false */
  readonly reverse?: boolean | undefined;
  /** Add what was published as `meta`. @defaultValue false */
  readonly includeMeta?: boolean | undefined;
}

/** A message of the past. */
export interface HistoryMessage extends DecryptionFailure {
  /** What was published. */
  readonly entry: unknown;
  /** When: 17 digits. */
  readonly timetoken: string;
  /** The meta, where it was asked for; an empty text where there is none. */
  readonly meta?: unknown;
}

/** A page of a channel's past, oldest first. */
export interface HistoryResult {
  readonly messages: readonly HistoryMessage[];
  /** The timetoken of the first message; "0" where there is none. The `start` of the page before. */
  readonly startTimeToken: string;
  /** The timetoken of the last message; "0" where there is none. */
  readonly endTimeToken: string;
}

/** Reads a page of a channel's past. */
export const historyCall: Call<HistoryParameters, HistoryResult> = {
  operation: "PNHistoryOperation",
  request: (parameters, { subscribeKey }) => ({
    path: ["v2", "history", "sub-key", subscribeKey, "channel", requireName(parameters.channel, "channel")],
    query: {
      ...rangeOf(parameters),
      count: pageSize(parameters.count, LIMITS.historyPageMessagesMax),
      reverse: yes(parameters.reverse),
      include_token: "true",
      include_meta: yes(parameters.includeMeta),
    },
  }),
  parse: (text) => {
    if (!Array.isArray(parseJson(text))) return undefined;
    const [items, first, last] = elementsOf(text);
    if (items === undefined || !items.startsWith("[")) return undefined;
    const messages = elementsOf(items).map(messageOf);
    const known = messages.filter((message) => message !== undefined);
    const [startTimeToken, endTimeToken] = [digitsOf(first), digitsOf(last)];
    if (known.length < messages.length || startTimeToken === undefined || endTimeToken === undefined) return undefined;
    return { messages: known, startTimeToken, endTimeToken };
  },
  open: async (result, cryptoModule) => ({
    ...result,
    messages: await Promise.all(
      result.messages.map(async (message) => {
        const { payload: entry, ...rest } = await openPayload(cryptoModule, message.entry);
        return { ...message, entry, ...rest };
      }),
    ),
  }),
};

function messageOf(item: string): HistoryMessage | undefined {
  if (!item.startsWith("{")) return undefined;
  const members = membersOf(item);
  const [message, meta] = [members.get("message"), members.get("meta")];
  const timetoken = digitsOf(members.get("timetoken"));
  if (message === undefined || timetoken === undefined) return undefined;
  return present({ entry: JSON.parse(message), timetoken, meta: meta && JSON.parse(meta) });
}

// A timetoken as a number or as a text.
function digitsOf(raw: string | undefined): string | undefined {
  return /^"?(\d{1,17})"?$/.exec(raw ?? "")?.[1];
}

/** Deletes a part of a channel's past. */
export const deleteMessagesCall: Call<DeleteMessagesParameters, DoneResult> = {
  operation: "PNDeleteMessagesOperation",
  request: (parameters, { subscribeKey }) => ({
    method: "DELETE",
    path: ["v3", "history", "sub-key", subscribeKey, "channel", requireName(parameters.channel, "channel")],
    query: rangeOf(parameters),
  }),
  parse: doneOf,
};

/** The range of a call as query parameters. */
export function rangeOf({ start, end }: Pick<HistoryParameters, "start" | "end">): {
  readonly start: string | undefined;
  readonly end: string | undefined;
} {
  return { start: optionalTimetoken(start, "start"), end: optionalTimetoken(end, "end") };
}

/** How many messages to ask for. */
export function pageSize(count: unknown, most: number): number {
  return optionalPage(count, "count", most) ?? most;
}

/** A flag that is sent only where it is set. */
export function yes(flag: boolean | undefined): "true" | undefined {
  return flag === true ? "true" : undefined;
}

/** The channels of an answer of the history, which are there only where it succeeded. */
export function channelsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const body = parseJson(text);
  return isRecord(body) && body["error"] !== true && isRecord(body["channels"]) ? { ...body["channels"] } : undefined;
}
