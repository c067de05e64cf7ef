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
import { print } from "./terminal.ts";

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
  help: () => `Each change is a line of JSON: when, who, what, which keyset. The newest comes first.

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
  for (const entry of entriesOf(answer)) await print(`${JSON.stringify(entry)}\n`);
  return EXIT.ok;
}

function entriesOf(answer: unknown): readonly object[] {
  const entries = typeof answer === "object" && answer !== null && "entries" in answer ? answer.entries : [];
  return Array.isArray(entries) ? entries.map(withDate) : [];
}

// People read dates; the network keeps milliseconds.
function withDate(entry: { readonly atMs: number }): object {
  const { atMs, ...rest } = entry;
  return { at: new Date(atMs).toISOString(), ...rest };
}
