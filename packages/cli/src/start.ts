/**
 * `longwave start`: runs a network until it is told to stop.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Network, type ServerOptions, StartupError, printHelp, readOptions, startNetwork } from "@longwave/server";
import type { Command } from "./main.ts";
import { Refusal } from "./refusal.ts";

/** The command. */
export const startCommand: Command = {
  usage: "start [OPTION …]",
  summary: "Start a network.",
  help: () =>
    `${printHelp()}\n\nEvery option is also a variable (LONGWAVE_PORT) and a name in the config file (port).\n` +
    "When it is ready it prints `longwave ready URL` on a line of its own.",
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const readFile = (path: string): string => readFileSync(path, "utf8");
  const outcome = readOptions({ argv, env: process.env, readFile });
  if (outcome.kind === "refused") throw new Refusal(outcome.sentences.join("\n"), 2);
  if (outcome.kind === "help") return 0; // main has printed it
  const network = await start(outcome.options);
  console.log(printBanner(network, outcome.options, process.stdout.isTTY && process.env["NO_COLOR"] === undefined));
  console.log(`longwave ready ${network.url}`);
  await untilStopped(network);
  return 0;
}

async function start(options: ServerOptions): Promise<Network> {
  try {
    return await startNetwork(options);
  } catch (failure) {
    if (failure instanceof StartupError) throw new Refusal(failure.message, 1);
    throw failure;
  }
}

// The first signal drains, the second ends at once.
function untilStopped(network: Network): Promise<void> {
  return new Promise((stopped) => {
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) process.exit(130);
      isStopping = true;
      void network.stop().then(stopped);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  });
}

/**
 * What a person sees when a network has started.
 *
 * @param hasColour whether it may use a terminal's colours.
 */
export function printBanner(
  network: Pick<Network, "url" | "keysets">,
  options: ServerOptions,
  hasColour: boolean,
): string {
  const paint = (code: number, text: string): string => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const row = (name: string, text: string): string => `  ${paint(2, name.padEnd(11))}${text}`;
  const { url } = network;
  const lines = ["", `  ${paint(1, "Longwave")} is running`, "", row("address", url)];
  lines.push(row("data", options.memory ? "in memory: gone when it stops" : resolve(options.dataDir)));
  const [keyset] = network.keysets;
  if (keyset) {
    const { publishKey, subscribeKey } = keyset;
    lines.push(
      row("keys", `publish ${publishKey}, subscribe ${subscribeKey}`),
      "",
      row("subscribe", `curl -N '${url}/v2/subscribe/${subscribeKey}/hello/0?tt=1'`),
      row("publish", `curl '${url}/publish/${publishKey}/${subscribeKey}/0/hello/0/%22hi%22'`),
    );
  } else {
    lines.push(row("keys", "none: nobody can use this network yet"));
  }
  if (keyset && isPublic(options.host)) {
    const warning = "Anyone who can reach this address can use the demo keys; --no-demo-keys leaves them out.";
    lines.push("", `  ${paint(33, warning)}`);
  }
  return `${lines.join("\n")}\n`;
}

function isPublic(host: string): boolean {
  return !(host === "localhost" || host === "::1" || host.startsWith("127."));
}
