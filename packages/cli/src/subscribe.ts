/**
 * `longwave subscribe`: one line of JSON on standard output for every message.
 *
 * @module
 */
import { type ArgumentTable, type ArgumentValues, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { type FollowRequest, follow } from "./follow.ts";
import { awaitInterruption } from "./interruption.ts";
import { NETWORK_ARGUMENTS, readChannel, readOrigin } from "./network-arguments.ts";
import { Refusal } from "./refusal.ts";
import { type Delivery, printDelivery } from "./subscribe-answer.ts";
import { print, tell } from "./terminal.ts";

const ARGUMENTS = {
  channel: { type: "list", short: "c", placeholder: "NAME", text: "A channel, or a wildcard such as news.*" },
  count: {
    type: "number",
    short: "n",
    placeholder: "N",
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    isWhole: true,
    text: "End after N messages.",
  },
  since: { type: "text", placeholder: "TIMETOKEN", text: "Begin after this instant instead of now." },
  payload: { type: "switch", text: "Print the payloads alone, byte for byte as they were published." },
  ...NETWORK_ARGUMENTS,
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof ARGUMENTS>;

/** The command. */
export const subscribeCommand: Command = {
  usage: "subscribe --channel NAME [OPTION …]",
  summary: "Print each message as a line of JSON, until Ctrl-C.",
  help: () => `${printArguments(ARGUMENTS)}

It says on standard error when it is connected: from then on it misses nothing. A network that goes away is
waited for, and asked for what came meanwhile. Ctrl-C ends with exit code 0, or 130 before --count is reached.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  if (words.length > 0)
    throw new Refusal(`${JSON.stringify(words[0])} is no option. Channels need --channel.`, EXIT.misused);
  const request = requestOf(values);
  const { signal } = awaitInterruption();
  const show = values.payload ? ({ payloadJson }: Delivery): string => payloadJson : printDelivery;
  let left = values.count ?? Number.POSITIVE_INFINITY;
  for await (const event of follow(request, signal)) {
    switch (event.kind) {
      case "connected":
        tell(
          `Connected${event.isBack ? " again" : ""} to ${request.origin}, receiving ${request.channels.join(", ")}.`,
        );
        break;
      case "lost":
        tell(`${event.sentence} Trying again.`);
        break;
      case "refused":
        throw new Refusal(event.sentence, EXIT.failed);
      case "deliveries": {
        const shown = event.deliveries.slice(0, left);
        left -= shown.length;
        const isRead = await print(shown.map((delivery) => `${show(delivery)}\n`).join(""));
        if (!isRead || left === 0) return EXIT.ok;
      }
    }
  }
  return values.count === undefined ? EXIT.ok : EXIT.interrupted;
}

function requestOf(values: Values): FollowRequest {
  const { channel, since, uuid } = values;
  if (channel.length === 0) throw new Refusal("Name what to listen to with --channel NAME.", EXIT.misused);
  if (since !== undefined && !/^\d{1,17}$/.test(since)) {
    throw new Refusal(`--since is ${JSON.stringify(since)}, but a timetoken has 17 digits.`, EXIT.misused);
  }
  return {
    origin: readOrigin(values.origin),
    subscribeKey: values["subscribe-key"],
    channels: channel.map(readChannel),
    uuid,
    // 0 would ask for now, and every timetoken is later than 1.
    since: since === undefined ? undefined : since.replace(/^0+$/, "1"),
  };
}
