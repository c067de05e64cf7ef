/**
 * `longwave start`: runs a network until it is told to stop.
 *
 * Rules: spec/CLI.md CLI2-CLI5.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { type Network, type ServerOptions, StartupError, printHelp, readOptions, startNetwork } from "@longwave/server";
import { printBanner, warningOf } from "./banner.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { awaitInterruption } from "./interruption.ts";
import { Refusal } from "./refusal.ts";
import { hasColours, paintWhere, print, tell } from "./terminal.ts";

/** The command. */
export const startCommand: Command = {
  usage: "start [OPTION …]",
  summary: "Start a network.",
  help: () =>
    `${printHelp()}\n\nEvery option is also a variable (LONGWAVE_PORT) and a name in the config file (port).\n` +
    "When it is ready it prints `longwave ready URL` on a line of its own. Ctrl-C or SIGTERM lets held polls end\n" +
    "and stops; a second one stops at once.",
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const options = optionsOf(argv);
  const network = await start(options);
  const { requested } = awaitInterruption();
  const warning = warningOf(network, options);
  if (warning !== undefined) tell(warning);
  await print(printBanner(network, options, paintWhere(hasColours(process.stdout.isTTY, process.env))));
  await print(`longwave ready ${network.url}\n`);
  await requested;
  if (process.stderr.isTTY) tell("Stopping: held polls get their answers. Once more to stop at once.");
  await network.stop();
  return EXIT.ok;
}

function optionsOf(argv: readonly string[]): ServerOptions {
  const readFile = (path: string): string => readFileSync(path, "utf8");
  const outcome = readOptions({ argv, env: process.env, readFile });
  switch (outcome.kind) {
    case "options":
      return outcome.options;
    case "refused":
      throw new Refusal(outcome.sentences.join("\n"), EXIT.misused);
    case "help": // only `--help=…` gets here: the dispatcher has answered `--help`
      throw new Refusal("Run `longwave start --help` to see the options.", EXIT.misused);
  }
}

async function start(options: ServerOptions): Promise<Network> {
  try {
    return await startNetwork(options);
  } catch (failure) {
    if (failure instanceof StartupError) throw new Refusal(failure.message, EXIT.failed);
    throw failure;
  }
}
