/**
 * `longwave history`: the kept messages of a channel, a line of JSON each.
 *
 * @module
 */
import { type ArgumentTable, type ArgumentValues, printArguments, readArguments } from "./arguments.ts";
import { ask } from "./ask.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { readHistoryAnswer } from "./history-answer.ts";
import { awaitInterruption } from "./interruption.ts";
import { NETWORK_ARGUMENTS, readChannel, readOrigin } from "./network-arguments.ts";
import { describeFailure } from "./network-failure.ts";
import { Refusal } from "./refusal.ts";
import { type Delivery, printDelivery } from "./subscribe-answer.ts";
import { print } from "./terminal.ts";

const COUNT_DEFAULT = 100;
/** Read backwards they are all held until the oldest is known. */
const COUNT_MAX = 100_000;
const PAGE_MESSAGES = 100;
const PAGE_MESSAGES_WITH_ACTIONS = 25;
const PATIENCE_MS = 30_000;
const LATEST = 99_999_999_999_999_999n;

const ARGUMENTS = {
  channel: { type: "text", short: "c", placeholder: "NAME", text: "The channel." },
  start: { type: "text", placeholder: "TIMETOKEN", text: "Where to begin; itself left out." },
  end: { type: "text", placeholder: "TIMETOKEN", text: "Where to stop; part of it." },
  count: {
    type: "number",
    short: "n",
    placeholder: "N",
    min: 1,
    max: COUNT_MAX,
    isWhole: true,
    text: `At most N messages. [${COUNT_DEFAULT}]`,
  },
  reverse: { type: "switch", text: "Take the oldest messages instead of the newest." },
  actions: { type: "switch", text: "Print the message actions of each message, too." },
  payload: { type: "switch", text: "Print the payloads alone, byte for byte as they were published." },
  ...NETWORK_ARGUMENTS,
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof ARGUMENTS>;

/** The command. */
export const historyCommand: Command = {
  usage: "history --channel NAME [OPTION …]",
  summary: "Print the kept messages of a channel, oldest first, a line of JSON each.",
  help: () => `${printArguments(ARGUMENTS)}

The newest messages are taken: those before --start, down to --end. With --reverse, or where --start is before
--end, the oldest ones: those after --start, up to --end.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  if (words.length > 0) {
    throw new Refusal(`${JSON.stringify(words[0])} is no option. The channel needs --channel.`, EXIT.misused);
  }
  const request = requestOf(values);
  const { signal } = awaitInterruption();
  const show = values.payload ? ({ payloadJson }: Delivery): string => payloadJson : printDelivery;
  const pages: (readonly Delivery[])[] = [];
  for await (const page of pagesOf(request, signal)) {
    if (!request.isForward) pages.unshift(page);
    else if (!(await print(page.map((delivery) => `${show(delivery)}\n`).join("")))) return EXIT.ok;
  }
  if (signal.aborted) return EXIT.interrupted;
  for (const page of pages) {
    if (!(await print(page.map((delivery) => `${show(delivery)}\n`).join("")))) return EXIT.ok;
  }
  return EXIT.ok;
}

interface Request {
  readonly origin: string;
  readonly subscribeKey: string;
  readonly channel: string;
  readonly uuid: string;
  /** The bounds as the network takes them: forwards where the first is the smaller one. */
  readonly start: bigint | undefined;
  readonly end: bigint | undefined;
  readonly isForward: boolean;
  readonly count: number;
  /** Whether the messages come with their actions. */
  readonly withActions: boolean;
}

function requestOf(values: Values): Request {
  const { channel, count = COUNT_DEFAULT, uuid, reverse } = values;
  if (channel === undefined) throw new Refusal("Name the channel with --channel NAME.", EXIT.misused);
  const [start, end] = [readTimetoken("start", values.start), readTimetoken("end", values.end)];
  const isForward = reverse || (start !== undefined && end !== undefined && start < end);
  return {
    origin: readOrigin(values.origin),
    subscribeKey: values["subscribe-key"],
    channel: readChannel(channel),
    uuid,
    start: isForward ? (start ?? 0n) : start,
    end: isForward ? (end ?? LATEST) : end,
    isForward,
    count,
    withActions: values.actions,
  };
}

function readTimetoken(flag: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,17}$/.test(text)) return BigInt(text);
  throw new Refusal(`--${flag} is ${JSON.stringify(text)}, but a timetoken has 17 digits.`, EXIT.misused);
}

// A page may hold less than was asked for, so only an empty one is the last.
async function* pagesOf(request: Request, signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
  let { start, count: left } = request;
  const pageMessages = request.withActions ? PAGE_MESSAGES_WITH_ACTIONS : PAGE_MESSAGES;
  while (left > 0 && !isPassed({ ...request, start })) {
    const page = await pageOf({ ...request, start }, Math.min(left, pageMessages), signal);
    const last = request.isForward ? page.at(-1) : page[0];
    if (last === undefined || signal.aborted) return;
    yield page;
    left -= page.length;
    start = BigInt(last.timetoken);
  }
}

// Bounds that do not rise would be read backwards.
function isPassed({ isForward, start, end }: Request): boolean {
  return isForward && start !== undefined && end !== undefined && start >= end;
}

async function pageOf(request: Request, max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
  const { origin, subscribeKey, channel, start, end, uuid } = request;
  const service = request.withActions ? "history-with-actions" : "history";
  const path = `/v3/${service}/sub-key/${encodeURIComponent(subscribeKey)}/channel/${encodeURIComponent(channel)}`;
  const query = new URLSearchParams({
    max: String(max),
    include_meta: "true",
    include_uuid: "true",
    include_message_type: "true",
    include_custom_message_type: "true",
    uuid,
    ...(start === undefined ? {} : { start: String(start) }),
    ...(end === undefined ? {} : { end: String(end) }),
  });
  const reply = await ask(`${origin}${path}?${query}`, { method: "GET", patienceMs: PATIENCE_MS, signal });
  if (signal.aborted) return [];
  const page = reply.kind === "answer" && reply.status === 200 ? readHistoryAnswer(reply.text, channel) : undefined;
  if (page === undefined) throw new Refusal(describeFailure(reply, origin), EXIT.failed);
  return page;
}
