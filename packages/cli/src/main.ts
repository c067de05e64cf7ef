/**
 * The command `longwave`: finds the command that is asked for and runs it.
 *
 * Rules: spec/CLI.md.
 *
 * @module
 */
import manifest from "../package.json" with { type: "json" };
import { auditCommand } from "./audit.ts";
import { backupCommand } from "./backup.ts";
import { checkCommand } from "./check.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { exportCommand } from "./export.ts";
import { historyCommand } from "./history.ts";
import { importCommand } from "./import.ts";
import { keysCommand } from "./keys.ts";
import { publishCommand } from "./publish.ts";
import { Refusal } from "./refusal.ts";
import { startCommand } from "./start.ts";
import { subscribeCommand } from "./subscribe.ts";
import { tokenCommand } from "./token.ts";
import { print, tell } from "./terminal.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  publish: publishCommand,
  subscribe: subscribeCommand,
  history: historyCommand,
  backup: backupCommand,
  check: checkCommand,
  export: exportCommand,
  import: importCommand,
  keys: keysCommand,
  token: tokenCommand,
  audit: auditCommand,
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
    "`longwave COMMAND --help` says more; `longwave --version` prints the version.",
    "",
  ].join("\n");
}

async function main([name = "--help", ...argv]: readonly string[]): Promise<number> {
  if (name === "--help" || name === "-h") return show(printUsage());
  if (name === "--version") return show(`${manifest.version}\n`);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const known = Object.keys(COMMANDS).join(", ");
    throw new Refusal(`There is no command ${JSON.stringify(name)}. Use one of ${known}, or --help.`, EXIT.misused);
  }
  if (isHelpAsked(argv)) return show(`Usage: longwave ${command.usage}\n\n${command.summary}\n\n${command.help()}\n`);
  return command.run(argv);
}

function isHelpAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf("--"); // behind it everything is a word
  return argv.slice(0, end < 0 ? argv.length : end).some((word) => word === "--help" || word === "-h");
}

async function show(text: string): Promise<number> {
  await print(text);
  return EXIT.ok;
}

async function endingOf(running: Promise<number>): Promise<number> {
  try {
    return await running;
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure;
    tell(failure.message);
    return failure.exitCode;
  }
}

// Ends the process at once: standard input, a held poll or a timer may still be open.
process.exit(await endingOf(main(process.argv.slice(2))));
