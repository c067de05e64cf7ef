/**
 * The command `longwave`: finds the command that is asked for and runs it.
 *
 * Exit codes: 0 done, 1 it failed, 2 the command line is wrong, 130 interrupted twice. Rules: spec/CLI.md.
 *
 * @module
 */
import { publishCommand } from "./publish.ts";
import { startCommand } from "./start.ts";
import { subscribeCommand } from "./subscribe.ts";
import { Refusal } from "./refusal.ts";

/** One command. */
export interface Command {
  /** How it is called. */
  readonly usage: string;
  /** What it does, one line. */
  readonly summary: string;
  /** Its whole help, below the usage. */
  readonly help: () => string;
  /** Runs it with what follows its name. @returns the exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const VERSION = "0.1.0";

const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  publish: publishCommand,
  subscribe: subscribeCommand,
};

function printUsage(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2;
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);
  return [
    "Longwave: a realtime network of your own.",
    "",
    "Usage: longwave COMMAND [OPTION …]",
    "",
    ...lines,
    "",
    "`longwave COMMAND --help` says more.",
  ].join("\n");
}

async function main([name = "--help", ...argv]: readonly string[]): Promise<number> {
  if (name === "--help" || name === "-h") {
    console.log(printUsage());
    return 0;
  }
  if (name === "--version") {
    console.log(VERSION);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command)
    throw new Refusal(`There is no command ${JSON.stringify(name)}. Run \`longwave --help\` to see them.`, 2);
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(`Usage: longwave ${command.usage}\n\n${command.summary}\n\n${command.help()}`);
    return 0;
  }
  return command.run(argv);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (failure) {
  if (!(failure instanceof Refusal)) throw failure;
  console.error(failure.message);
  process.exitCode = failure.exitCode;
}
