/**
 * `longwave check`: reads a whole data directory and says what it found.
 *
 * @module
 */
import { type Findings, checkDataDirectory } from "@longwave/server";
import { type ArgumentTable, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { DIRECTORY_ARGUMENTS, orRefuse } from "./directory-arguments.ts";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";
import { StatusLine, errorScreen, printPart } from "./status-line.ts";
import { type Paint, hasColours, paintWhere, print } from "./terminal.ts";

const ARGUMENTS = { ...DIRECTORY_ARGUMENTS } as const satisfies ArgumentTable;

/** The command. */
export const checkCommand: Command = {
  usage: "check [OPTION …]",
  summary: "Read a whole data directory and say whether it is sound.",
  help: () => `${printArguments(ARGUMENTS)}

It changes nothing and may run beside the server. A table on a terminal; elsewhere a line for each finding, its
name and its value with a tab between. The exit code is 0 when all is sound and 1 when something is not.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  if (words.length > 0) {
    throw new Refusal(`${JSON.stringify(words[0])} is no option. The directory needs --data-dir.`, EXIT.misused);
  }
  const line = new StatusLine(errorScreen());
  const findings = await orRefuse(() =>
    checkDataDirectory(values["data-dir"], (checked, messages) =>
      line.draw(() => `${printPart(checked, messages, "messages")} read`),
    ),
  );
  line.clear();
  const isTerminal = process.stdout.isTTY;
  await print(isTerminal ? printTable(findings, paintWhere(hasColours(true, process.env))) : printLines(findings));
  return findings.problems.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Findings for people. */
export function printTable({ facts, problems }: Findings, paint: Paint): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const rows = facts.map(([name, value]) => `  ${paint("dim", name.padEnd(width))}${value}`);
  const verdict =
    problems.length === 0 ? [paint("green", "  Sound.")] : problems.map((one) => paint("yellow", `  ! ${one}`));
  return `${[...rows, "", ...verdict].join("\n")}\n`;
}

/** Findings for programs: a line each, name and value with a tab between. */
export function printLines({ facts, problems }: Findings): string {
  const verdict: (readonly [string, string])[] =
    problems.length === 0
      ? [["result", "sound"]]
      : [...problems.map((one) => ["problem", one] as const), ["result", "damaged"]];
  return [...facts, ...verdict].map(([name, value]) => `${name}\t${value}\n`).join("");
}
