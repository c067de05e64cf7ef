/**
 * `longwave import`: takes the messages of an export into a data directory that no server uses.
 *
 * @module
 */
import { type ImportOutcome, type Importer, openImporter, systemClock } from "@longwave/server";
import { type ArgumentTable, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { KEYSET_ARGUMENTS, orRefuse } from "./directory-arguments.ts";
import { EXIT } from "./exit-code.ts";
import { awaitInterruption } from "./interruption.ts";
import { type Line, linesOf } from "./lines.ts";
import { Refusal } from "./refusal.ts";
import { StatusLine, errorScreen } from "./status-line.ts";
import { readInput, tell } from "./terminal.ts";

const ARGUMENTS = { ...KEYSET_ARGUMENTS } as const satisfies ArgumentTable;
/** A message of 32 KiB with as many actions as a message may have, and their escapes. */
const LINE_BYTES_MAX = 33_554_432;
const NOTES_MAX = 20;

/** The command. */
export const importCommand: Command = {
  usage: "import FILE [OPTION …]",
  summary: "Take the messages of an export into a data directory that no server uses.",
  help: () => `FILE is what \`longwave export\` has written; - is standard input.

${printArguments(ARGUMENTS)}

Every message keeps its timetoken. What is there already is skipped, so an import that was interrupted is simply
run again. A line that cannot be used is named by its number, the others go on, and the exit code is 1.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  const [path, ...others] = words;
  if (path === undefined || others.length > 0) {
    throw new Refusal("Name one file to import: longwave import FILE.", EXIT.misused);
  }
  const { signal } = awaitInterruption();
  const input = path === "-" ? readInput(signal) : await openFile(path);
  return orRefuse(async () => {
    await using importer = openImporter(values["data-dir"], values.keyset, systemClock);
    for (const warning of importer.warnings) tell(warning);
    // Awaited here: the directory is given free when this function ends.
    return await importAll(importer, linesOf(input, LINE_BYTES_MAX), signal);
  });
}

async function importAll(importer: Importer, lines: AsyncIterable<Line>, signal: AbortSignal): Promise<number> {
  const status = new StatusLine(errorScreen());
  const tally = { taken: 0, there: 0, expired: 0, unusable: 0 };
  for await (const line of lines) {
    if (signal.aborted) break;
    if (line.kind === "line" && line.text.trim() === "") continue;
    const outcome = await outcomeOf(importer, line);
    tally[outcome.kind] += 1;
    if (outcome.kind === "unusable" && tally.unusable <= NOTES_MAX) status.note(`Line ${line.number}: ${outcome.why}.`);
    status.draw(() => printTally(tally));
  }
  await importer.flush();
  status.note(`${printTally(tally)}, in ${status.elapsed}.`);
  if (signal.aborted) return EXIT.interrupted;
  return tally.unusable > 0 ? EXIT.failed : EXIT.ok;
}

async function outcomeOf(importer: Importer, line: Line): Promise<ImportOutcome> {
  if (line.kind === "line") return importer.add(line.text);
  return { kind: "unusable", why: line.why === "tooLong" ? "it is too long" : "it is not UTF-8" };
}

type Tally = Readonly<Record<ImportOutcome["kind"], number>>;

/** Prints what became of the lines. */
export function printTally({ taken, there, expired, unusable }: Tally): string {
  const parts = [`${taken} imported`, `${there} there already`];
  if (expired > 0) parts.push(`${expired} expired`);
  if (unusable > 0) parts.push(`${unusable} unusable`);
  return parts.join(", ");
}

async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  const file = Bun.file(path);
  if (await file.exists()) return file.stream();
  throw new Refusal(`There is no file ${path}.`, EXIT.failed);
}
