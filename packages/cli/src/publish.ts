/**
 * `longwave publish`: one message from the command line, or one a line from standard input.
 *
 * Lines are sent as they are, byte for byte, one after the other: a payload that is parsed and printed again would lose
 * digits of large numbers, and requests side by side would lose their order.
 *
 * @module
 */
import { compactJson } from "@longwave/protocol";
import {
  CLIENT_FLAGS,
  CLIENT_HELP,
  type ClientOptions,
  readClientOptions,
  readLine,
  unreachable,
} from "./client-options.ts";
import { linesOf } from "./lines.ts";
import type { Command } from "./main.ts";
import { createProgress } from "./progress.ts";
import { type RawMessage, type SendOutcome, sendRaw } from "./raw-publish.ts";
import { Refusal } from "./refusal.ts";

const FLAGS = {
  ...CLIENT_FLAGS,
  channel: { type: "string", short: "c" },
  text: { type: "boolean" },
  meta: { type: "string" },
  "no-store": { type: "boolean" },
  ttl: { type: "string" },
} as const;

/** The command. */
export const publishCommand: Command = {
  usage: "publish --channel NAME [TEXT]",
  summary: "Publish a message, or each line of standard input.",
  help: () => `TEXT is sent as it is where it is JSON, and as a JSON string where it is not. Without TEXT each line of standard
input must be JSON; lines are published in order, byte for byte.

  -c, --channel NAME    The channel to publish to.
  --text                Send TEXT, or each line, as a JSON string whatever it is.
  --meta JSON           Goes with every message; subscribers can filter by it.
  --no-store            Do not keep the messages.
  --ttl HOURS           How long to keep them.
${CLIENT_HELP}`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readLine("publish", argv, FLAGS);
  const { channel, meta, ttl } = values;
  if (channel === undefined || channel === "")
    throw new Refusal("Name the channel: longwave publish --channel NAME.", 2);
  if (meta !== undefined && compactJson(meta) === undefined) throw new Refusal("--meta is no JSON.", 2);
  const options = readClientOptions(values, process.env);
  const parameters = { meta, store: values["no-store"] ? "0" : undefined, ttl };
  const send = (payload: string): Promise<SendOutcome> => sendRaw(options, { channel, payload, parameters });
  const asText = values.text === true;
  if (positionals.length > 0) return publishOne(options, send, payloadOf(positionals.join(" "), asText));
  return publishLines(options, send, asText);
}

type Send = (payload: RawMessage["payload"]) => Promise<SendOutcome>;

/** What is sent for a text: itself where it is JSON, else a JSON string of it. */
export function payloadOf(text: string, asText: boolean): string {
  return (asText ? undefined : compactJson(text)) ?? JSON.stringify(text);
}

async function publishOne(options: ClientOptions, send: Send, payload: string): Promise<number> {
  const outcome = await send(payload);
  if (outcome.kind !== "sent") throw new Refusal(sentenceOf(outcome, options), 1);
  console.log(outcome.timetoken);
  return 0;
}

async function publishLines(options: ClientOptions, send: Send, asText: boolean): Promise<number> {
  const progress = createProgress(process.stderr);
  let line = 0;
  for await (const text of linesOf(process.stdin)) {
    line += 1;
    if (text.trim() === "" && !asText) continue;
    const payload = asText ? JSON.stringify(text) : compactJson(text);
    if (payload === undefined) {
      progress.fail(`line ${line} is no JSON and was left out; --text sends lines as strings`);
      continue;
    }
    const outcome = await send(payload);
    if (outcome.kind === "sent") progress.pass();
    else if (outcome.kind === "unreachable")
      throw new Refusal(`${sentenceOf(outcome, options)} Line ${line} and what follows was not sent.`, 1);
    else progress.fail(`line ${line}: ${outcome.message}`);
  }
  progress.end();
  return progress.failed === 0 ? 0 : 1;
}

function sentenceOf(outcome: Exclude<SendOutcome, { kind: "sent" }>, options: ClientOptions): string {
  return outcome.kind === "unreachable" ? unreachable(options) : `The network refused the message: ${outcome.message}.`;
}
