/**
 * `longwave publish`: one message from the command line, or one a line from standard input.
 *
 * @module
 */
import { LIMITS, compactJson } from "@longwave/protocol";
import { type ArgumentTable, type ArgumentValues, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { awaitInterruption } from "./interruption.ts";
import { linesOf } from "./lines.ts";
import { NETWORK_ARGUMENTS, readChannel, readOrigin } from "./network-arguments.ts";
import { Progress } from "./progress.ts";
import { publishLines } from "./publish-lines.ts";
import { type PublishTarget, RawPublisher } from "./raw-publish.ts";
import { Refusal } from "./refusal.ts";
import { print, readInput, tell } from "./terminal.ts";

const ARGUMENTS = {
  channel: { type: "text", short: "c", placeholder: "NAME", text: "The channel to publish to." },
  json: { type: "switch", text: "Refuse a TEXT that is not JSON." },
  text: { type: "switch", text: "Publish TEXT, or each line, as a JSON string, whatever it is." },
  meta: { type: "text", placeholder: "JSON", text: "Goes with every message; subscribers can filter by it." },
  "no-store": { type: "switch", text: "Do not keep the messages in history." },
  ttl: {
    type: "number",
    placeholder: "HOURS",
    min: 0,
    max: LIMITS.ttlHoursMax,
    isWhole: false,
    text: "How long to keep them; 0 for ever.",
  },
  "custom-message-type": { type: "text", placeholder: "TYPE", text: "A label of your own: 3 to 50 characters." },
  "publish-key": {
    type: "text",
    placeholder: "KEY",
    default: "demo",
    variable: "LONGWAVE_PUBLISH_KEY",
    text: "The keyset's publish key.",
  },
  ...NETWORK_ARGUMENTS,
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof ARGUMENTS>;

/** The command. */
export const publishCommand: Command = {
  usage: "publish --channel NAME [OPTION …] [TEXT]",
  summary: "Publish a message, or each line of standard input.",
  help: () => `TEXT that is JSON is published as it is; any other TEXT as a JSON string. The timetoken is printed.

Without TEXT, or with "-", every line of standard input must be JSON. Lines are published in order, byte for byte, one
after the other. A line that cannot be published is reported, the others go on, and the exit code is 1.

${printArguments(ARGUMENTS)}

While the network is busy or away an attempt is repeated for half a minute; a Longwave network delivers the
message once all the same.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  const target = targetOf(values);
  const { signal } = awaitInterruption();
  const publisher = new RawPublisher(target, signal);
  const [text, ...others] = words;
  if (others.length > 0) throw new Refusal("TEXT is one word to the shell: put it in quotes.", EXIT.misused);
  if (text !== undefined && text !== "-") return publishOne(publisher, payloadOf(text, formOf(values)));
  if (process.stdin.isTTY) tell("Reading messages, one line of JSON each; Ctrl-D ends.");
  return publishLines(linesOf(readInput(signal), LIMITS.bodyBytesMax), {
    publish: (payload) => publisher.publish(payload),
    progress: new Progress({
      isTerminal: process.stderr.isTTY,
      write: (shown) => process.stderr.write(shown),
      nowMs: () => performance.now(),
    }),
    signal,
    areTexts: formOf(values) === "text",
  });
}

function targetOf(values: Values): PublishTarget {
  const { channel, meta, ttl } = values;
  if (channel === undefined) throw new Refusal("Name the channel with --channel NAME.", EXIT.misused);
  if (meta !== undefined && compactJson(meta) === undefined) {
    throw new Refusal('--meta is not JSON; it is an object such as \'{"lang":"en"}\'.', EXIT.misused);
  }
  return {
    origin: readOrigin(values.origin),
    publishKey: values["publish-key"],
    subscribeKey: values["subscribe-key"],
    channel: readChannel(channel),
    parameters: {
      uuid: values.uuid,
      meta,
      store: values["no-store"] ? "0" : undefined,
      ttl: ttl?.toString(),
      custom_message_type: values["custom-message-type"],
    },
  };
}

type TextForm = "auto" | "json" | "text";

function formOf({ json, text }: Values): TextForm {
  if (json && text) throw new Refusal("--json and --text exclude each other: give one, or neither.", EXIT.misused);
  if (text) return "text";
  return json ? "json" : "auto";
}

/**
 * What is published for a TEXT.
 *
 * @param form `auto` takes JSON as it is and anything else as a string; the others insist.
 * @returns JSON text.
 * @throws {Refusal} when it must be JSON and is not.
 * @see spec/CLI.md CLI6
 */
export function payloadOf(text: string, form: TextForm): string {
  if (form !== "text" && compactJson(text) !== undefined) return text;
  if (form !== "json") return JSON.stringify(text);
  throw new Refusal("TEXT is not JSON. Without --json it is published as a JSON string.", EXIT.misused);
}

async function publishOne(publisher: RawPublisher, payload: string): Promise<number> {
  const outcome = await publisher.publish(payload);
  switch (outcome.kind) {
    case "sent":
      await print(`${outcome.timetoken}\n`);
      return EXIT.ok;
    case "failed":
      throw new Refusal(outcome.sentence, EXIT.failed);
    case "interrupted":
      return EXIT.interrupted;
  }
}
