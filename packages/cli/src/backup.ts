/**
 * `longwave backup`: a consistent copy of a data directory, while a server uses it or not.
 *
 * @module
 */
import { type Backup, startBackup } from "@longwave/server";
import { type ArgumentTable, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { DIRECTORY_ARGUMENTS, orRefuse } from "./directory-arguments.ts";
import { EXIT } from "./exit-code.ts";
import { awaitInterruption } from "./interruption.ts";
import { Refusal } from "./refusal.ts";
import { StatusLine, errorScreen, printBytes } from "./status-line.ts";
import { print } from "./terminal.ts";

const ARGUMENTS = { ...DIRECTORY_ARGUMENTS } as const satisfies ArgumentTable;
const LOOK_MS = 200;

/** The command. */
export const backupCommand: Command = {
  usage: "backup DIR [OPTION …]",
  summary: "Copy a data directory, while a server uses it or not.",
  help: () => `${printArguments(ARGUMENTS)}

DIR must not exist yet. The copy is a data directory itself: \`longwave check --data-dir DIR\` checks it and
\`longwave start --data-dir DIR\` starts from it. It holds everything that was acknowledged before it began.
The master key is kept elsewhere and is not in it.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  const [target, ...others] = words;
  if (target === undefined || others.length > 0) {
    throw new Refusal("Name one directory that the copy goes to: longwave backup DIR.", EXIT.misused);
  }
  const { requested } = awaitInterruption();
  const line = new StatusLine(errorScreen());
  const backup = await orRefuse(() => startBackup(values["data-dir"], target));
  const drawing = setInterval(() => line.draw(() => printProgress(backup)), LOOK_MS);
  try {
    const report = await orRefuse(() => Promise.race([backup.done, requested.then(() => "interrupted" as const)]));
    if (report === "interrupted") {
      backup.abandon();
      line.note("Interrupted; nothing of the backup is left.");
      return EXIT.interrupted;
    }
    line.note(
      `${printBytes(report.bytes)} copied in ${line.elapsed}. The master key is not in it: keep that elsewhere too.`,
    );
    await print(`${report.path}\n`);
    return EXIT.ok;
  } finally {
    clearInterval(drawing);
  }
}

function printProgress({ bytesMax, bytesWritten }: Backup): string {
  const bytes = bytesWritten();
  const share = Math.min(99, Math.floor((bytes * 100) / Math.max(bytesMax, 1)));
  return `${printBytes(bytes)} of ${printBytes(bytesMax)} (${share}%)`;
}
