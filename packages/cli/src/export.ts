/**
 * `longwave export`: the stored messages of a channel or a keyset, a line of JSON each.
 *
 * @module
 */
import { appendFileSync, closeSync, fsyncSync, openSync } from "node:fs";
import { type ExportRequest, type Exporter, StartupError, openExporter, systemClock } from "@longwave/server";
import { type ArgumentTable, type ArgumentValues, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { KEYSET_ARGUMENTS, orRefuse } from "./directory-arguments.ts";
import { EXIT } from "./exit-code.ts";
import { resumeExport } from "./export-file.ts";
import { awaitInterruption } from "./interruption.ts";
import { readChannel } from "./network-arguments.ts";
import { Refusal } from "./refusal.ts";
import { StatusLine, errorScreen, printPart } from "./status-line.ts";
import { print } from "./terminal.ts";

const ARGUMENTS = {
  channel: { type: "text", short: "c", placeholder: "NAME", text: "One channel; without it all of the keyset." },
  out: { type: "text", short: "o", placeholder: "FILE", text: "Where to write; one that exists is gone on with." },
  ...KEYSET_ARGUMENTS,
  keyset: {
    type: "text",
    placeholder: "KEY",
    text: "The keyset, by its subscribe key; demo where only a channel is named.",
  },
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof ARGUMENTS>;

/** The command. */
export const exportCommand: Command = {
  usage: "export --channel NAME | --keyset KEY [OPTION …]",
  summary: "Write the stored messages of a channel or a keyset, a line of JSON each.",
  help: () => `${printArguments(ARGUMENTS)}

It reads the data directory, while a server uses it or not. Lines are in the order of channels and timetokens.
With --out an export that was interrupted goes on behind the last line of FILE when it is run again; to bring a
finished one up to date, export anew. \`longwave import\` reads what it writes.`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  if (words.length > 0) throw new Refusal(`${JSON.stringify(words[0])} is no option. FILE needs --out.`, EXIT.misused);
  const request = requestOf(values);
  const { signal } = awaitInterruption();
  const line = new StatusLine(errorScreen());
  let damaged = 0;
  using exporter = await orRefuse(() => openExporter(values["data-dir"], systemClock, () => (damaged += 1)));
  for (const warning of exporter.warnings) line.note(warning);
  const written = await write(exporter, request, { out: values.out, line, signal });
  const how = signal.aborted ? "Interrupted; run it again to go on." : "Done.";
  line.note(`${written.toLocaleString("en")} messages exported in ${line.elapsed}. ${how}`);
  if (damaged > 0) line.note(`${damaged} damaged messages were left out; \`longwave check\` names them.`);
  if (signal.aborted) return EXIT.interrupted;
  return damaged > 0 || exporter.warnings.length > 0 ? EXIT.failed : EXIT.ok;
}

type Request = Omit<ExportRequest, "after">;

function requestOf({ channel, keyset }: Values): Request {
  if (channel === undefined && keyset === undefined) {
    throw new Refusal("Name what to export with --channel NAME or --keyset KEY.", EXIT.misused);
  }
  return { keyset: keyset ?? "demo", channel: channel === undefined ? undefined : readChannel(channel) };
}

interface Ways {
  readonly out: string | undefined;
  readonly line: StatusLine;
  readonly signal: AbortSignal;
}

async function write(exporter: Exporter, request: Request, { out, line, signal }: Ways): Promise<number> {
  const { after, found } = out === undefined ? { after: undefined, found: 0 } : resumeExport(out, request.channel);
  if (after !== undefined) line.note(`Going on behind message ${after.timetoken} on ${after.channel}.`);
  const messages = await orRefuse(() => exporter.count({ ...request, after }));
  const file = out === undefined ? undefined : openSync(out, "a", 0o600);
  let written = 0;
  try {
    for (const page of exporter.pages({ ...request, after })) {
      if (file !== undefined) appendFileSync(file, page.text);
      else if (!(await print(page.text))) return written; // nobody reads any more
      written += page.messages;
      line.draw(() => printPart(found + written, messages, "messages"));
      await new Promise((resolve) => setImmediate(resolve)); // lets Ctrl-C through
      if (signal.aborted) break;
    }
    if (file !== undefined) fsyncSync(file);
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    const why = failure instanceof StartupError ? reason : `${reason}. Run it again to go on.`;
    throw new Refusal(`The export ended at ${written} messages: ${why}`, EXIT.failed);
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return written;
}
