/**
 * `longwave subscribe`: one line of JSON on standard output for every message.
 *
 * Payloads are cut out of the answer as text, so that what was published is what is printed, digit for digit.
 *
 * @module
 */
import {
  CLIENT_FLAGS,
  CLIENT_HELP,
  type ClientOptions,
  readClientOptions,
  readLine,
  unreachable,
} from "./client-options.ts";
import { type RawEnvelope, cutEnvelopes } from "./cut-envelopes.ts";
import type { Command } from "./main.ts";
import { Refusal } from "./refusal.ts";

const FLAGS = {
  ...CLIENT_FLAGS,
  channel: { type: "string", short: "c", multiple: true },
  count: { type: "string", short: "n" },
  since: { type: "string" },
  payload: { type: "boolean" },
} as const;

/** The command. */
export const subscribeCommand: Command = {
  usage: "subscribe --channel NAME [--channel NAME …]",
  summary: "Print each message as a line of JSON, until Ctrl-C.",
  help: () => `  -c, --channel NAME    A channel, or a wildcard such as news.*; may be repeated.
  -n, --count N         End after N messages.
  --since TIMETOKEN     Begin after this instant instead of now.
  --payload             Print the payloads alone, as they were published.
${CLIENT_HELP}

When it is connected it says so on standard error. It finds a network that went away and comes back by itself.`,
  run,
};

const PAUSE_MS = 1_000;

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readLine("subscribe", argv, FLAGS);
  const channels = values.channel ?? [];
  if (channels.length === 0 || positionals.length > 0) {
    throw new Refusal("Name what to listen to: longwave subscribe --channel NAME.", 2);
  }
  const left = values.count === undefined ? Number.POSITIVE_INFINITY : readCount(values.count);
  if (values.since !== undefined && !/^\d{1,17}$/.test(values.since)) {
    throw new Refusal(`--since is ${JSON.stringify(values.since)}; a timetoken has 17 digits.`, 2);
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  const options = readClientOptions(values, process.env);
  const print = values.payload === true ? ({ payload }: RawEnvelope): string => payload : printEnvelope;
  await receive({ options, channels, left, since: values.since, print, signal: interrupted.signal });
  return 0;
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Refusal(`--count is ${JSON.stringify(text)}; give a whole number above 0.`, 2);
}

/** A message as it is printed: what came, in the order and with the names of the SDK's events. */
export function printEnvelope({ channel, timetoken, publisher, payload }: RawEnvelope): string {
  const who = publisher === undefined ? "" : `,"publisher":${JSON.stringify(publisher)}`;
  return `{"channel":${JSON.stringify(channel)},"timetoken":"${timetoken}"${who},"message":${payload}}`;
}

interface Receiving {
  readonly options: ClientOptions;
  readonly channels: readonly string[];
  left: number;
  readonly since: string | undefined;
  readonly print: (envelope: RawEnvelope) => string;
  readonly signal: AbortSignal;
}

async function receive(receiving: Receiving): Promise<void> {
  const { options, signal, print } = receiving;
  let cursor = "0";
  let wasConnected = false;
  while (!signal.aborted && receiving.left > 0) {
    const answer = await poll(receiving, cursor);
    if (answer === undefined) {
      if (signal.aborted) return;
      if (!wasConnected && cursor === "0") throw new Refusal(unreachable(options), 1);
      if (wasConnected) console.error("The network is gone; trying again …");
      wasConnected = false;
      await Bun.sleep(PAUSE_MS);
      continue;
    }
    if (!wasConnected) console.error(`connected to ${options.origin}`);
    wasConnected = true;
    cursor = cursor === "0" ? (receiving.since ?? answer.cursor) : answer.cursor;
    const envelopes = answer.envelopes.slice(0, receiving.left);
    receiving.left -= envelopes.length;
    if (envelopes.length > 0) process.stdout.write(`${envelopes.map(print).join("\n")}\n`);
  }
}

interface Answer {
  readonly cursor: string;
  readonly envelopes: readonly RawEnvelope[];
}

async function poll({ options, channels, signal }: Receiving, cursor: string): Promise<Answer | undefined> {
  const names = channels.map(encodeURIComponent).join(",");
  const query = new URLSearchParams({ tt: cursor, uuid: options.userId }).toString();
  try {
    const response = await fetch(`${options.origin}/v2/subscribe/${options.subscribeKey}/${names}/0?${query}`, {
      signal,
    });
    const text = await response.text();
    if (response.status === 400 || response.status === 403) {
      throw new Refusal(`The network refused: ${text.trim()} Check the channel's name and the keys.`, 1);
    }
    return response.ok ? cutEnvelopes(text) : undefined;
  } catch (failure) {
    if (failure instanceof Refusal) throw failure;
    return undefined;
  }
}
