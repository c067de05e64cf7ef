/**
 * `longwave audit`: who changed what, as lines of JSON, newest first.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { ADMIN_ARGUMENTS, callAdmin } from "./admin-call.ts";
import { type ArgumentTable, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";
import { printLines, printTable } from "./table.ts";
import { paintOut, print } from "./terminal.ts";

const ARGUMENTS = {
  keyset: { type: "text", placeholder: "KEY", text: "Only changes of this subscribe key." },
  limit: {
    type: "number",
    placeholder: "N",
    min: 1,
    max: LIMITS.auditAnswerEntriesMax,
    isWhole: true,
    text: "How many lines; 100 without it.",
  },
  ...ADMIN_ARGUMENTS,
} as const satisfies ArgumentTable;

/** The command. */
export const auditCommand: Command = {
  usage: "audit [OPTION …]",
  summary: "Show who changed keysets, grants and tokens.",
  help: () => `When, who, what, which keyset; the newest comes first. A table on a terminal, elsewhere a line of JSON for each change.

${printArguments(ARGUMENTS)}`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  if (words.length > 0) throw new Refusal("longwave audit takes options only; see --help.", EXIT.misused);
  const query = new URLSearchParams();
  if (values.keyset !== undefined) query.set("keyset", values.keyset);
  if (values.limit !== undefined) query.set("limit", String(values.limit));
  const answer = await callAdmin(values, { method: "GET", path: `/audit?${query.toString()}` });
  const entries = entriesOf(answer);
  const rows = entries.map(({ at, actor, action, keyset, detail }) => [at, actor, action, keyset, detail]);
  await print(process.stdout.isTTY ? printTable(COLUMNS, rows, paintOut()) : printLines(entries));
  return EXIT.ok;
}

const COLUMNS = ["at", "actor", "action", "keyset", "detail"] as const;

/** A change as it is shown. */
type Entry = Readonly<Record<(typeof COLUMNS)[number], string>>;

function entriesOf(answer: unknown): readonly Entry[] {
  const entries = typeof answer === "object" && answer !== null && "entries" in answer ? answer.entries : [];
  return Array.isArray(entries) ? entries.map(withDate) : [];
}

// People read dates; the network keeps milliseconds.
function withDate(entry: Omit<Entry, "at"> & { readonly atMs: number }): Entry {
  const { atMs, ...rest } = entry;
  return { at: new Date(atMs).toISOString(), ...rest };
}
