/**
 * The options that commands have which talk to a network.
 *
 * @module
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { PubNub } from "@longwave/client";
import { Refusal } from "./refusal.ts";

/** Where a network is and who asks. */
export interface ClientOptions {
  readonly origin: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
  readonly userId: string;
}

/** The flags, for parseArgs. */
export const CLIENT_FLAGS = {
  origin: { type: "string" },
  "publish-key": { type: "string" },
  "subscribe-key": { type: "string" },
  uuid: { type: "string" },
} as const satisfies ParseArgsOptionsConfig;

/** The flags, for people. */
export const CLIENT_HELP = `  --origin URL          Where the network is [http://127.0.0.1:1980, or $LONGWAVE_ORIGIN]
  --publish-key KEY     [demo, or $LONGWAVE_PUBLISH_KEY]
  --subscribe-key KEY   [demo, or $LONGWAVE_SUBSCRIBE_KEY]
  --uuid ID             Who you are [longwave-cli]`;

/** Reads a command's line; refuses what it does not know in a sentence. */
export function readLine<Flags extends ParseArgsOptionsConfig>(
  command: string,
  argv: readonly string[],
  options: Flags,
): ReturnType<typeof parseArgs<{ options: Flags; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (refusal) {
    const [reason = ""] = (refusal instanceof Error ? refusal.message : String(refusal)).split(". ");
    throw new Refusal(`${reason}. Run \`longwave ${command} --help\` to see the options.`, 2);
  }
}

/** Completes the options from the environment and the demo keyset. */
export function readClientOptions(
  values: Readonly<Partial<Record<keyof typeof CLIENT_FLAGS, string | undefined>>>,
  env: Readonly<Record<string, string | undefined>>,
): ClientOptions {
  const origin = values.origin ?? env["LONGWAVE_ORIGIN"] ?? "http://127.0.0.1:1980";
  const address = /^https?:\/\//.test(origin) ? origin : `http://${origin}`;
  if (!URL.canParse(address)) {
    throw new Refusal(`--origin is ${JSON.stringify(origin)}; give an address such as http://127.0.0.1:1980.`, 2);
  }
  return {
    origin: new URL(address).origin,
    publishKey: values["publish-key"] ?? env["LONGWAVE_PUBLISH_KEY"] ?? "demo",
    subscribeKey: values["subscribe-key"] ?? env["LONGWAVE_SUBSCRIBE_KEY"] ?? "demo",
    userId: values.uuid ?? "longwave-cli",
  };
}

/** A client for the options. */
export function createClient({ origin, publishKey, subscribeKey, userId }: ClientOptions): PubNub {
  return new PubNub({ origin, publishKey, subscribeKey, userId });
}

/** The sentence for a network that is not there. */
export function unreachable({ origin }: ClientOptions): string {
  return `Nothing answers at ${origin}. Start a network with \`npm start\`, or name one with --origin.`;
}
