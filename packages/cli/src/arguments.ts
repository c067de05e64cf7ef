/**
 * What follows a command on its line: one table a command, from which reading and `--help` come.
 *
 * The server's options have a table of their own (`@longwave/server`), with variables and a config file for all of them;
 * this one is for the commands that talk to a network. Pure. Rules: spec/CLI.md CLI1.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";

interface Described {
  /** What it does, one sentence for people. */
  readonly text: string;
  /** One letter that may stand for the flag. */
  readonly short?: string;
}

interface TextArgument extends Described {
  readonly type: "text";
  readonly placeholder: string;
  /** Without it the text may be absent. */
  readonly default?: string;
  /** The environment variable that stands in for the flag. */
  readonly variable?: string;
}

/** A text that may be given several times. */
interface ListArgument extends Described {
  readonly type: "list";
  readonly placeholder: string;
}

/** A number that may be absent. */
interface NumberArgument extends Described {
  readonly type: "number";
  readonly placeholder: string;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

/** Off, unless the flag is there. */
interface SwitchArgument extends Described {
  readonly type: "switch";
}

type Argument = TextArgument | ListArgument | NumberArgument | SwitchArgument;

/** A command's arguments by their flags, without the leading dashes. */
export type ArgumentTable = Readonly<Record<string, Argument>>;

type ValueOf<Row extends Argument> = Row extends { readonly type: "switch" }
  ? boolean
  : Row extends { readonly type: "list" }
    ? readonly string[]
    : Row extends { readonly type: "number" }
      ? number | undefined
      : Row extends { readonly default: string }
        ? string
        : string | undefined;

/** The values of a command's arguments. */
export type ArgumentValues<Table extends ArgumentTable> = { readonly [Flag in keyof Table]: ValueOf<Table[Flag]> };

/** The variables of the process, or a test's. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What stands on a command's line. */
export interface CommandLine<Table extends ArgumentTable> {
  readonly values: ArgumentValues<Table>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/**
 * Reads what follows a command on its line.
 *
 * @throws {Refusal} an unknown flag, a missing value or one out of range, in a sentence.
 */
export function readArguments<Table extends ArgumentTable>(
  table: Table,
  argv: readonly string[],
  env: Environment,
): CommandLine<Table> {
  const { given, words } = splitLine(table, argv);
  const values = Object.entries(table).map(([flag, row]) => [flag, valueOf(row, flag, given[flag], env)] as const);
  // The table is the type: each value was made by the row of its name.
  return { values: Object.fromEntries(values) as ArgumentValues<Table>, words };
}

type Given = string | boolean | readonly (string | boolean)[] | undefined;

interface Split {
  readonly given: Readonly<Record<string, Given>>;
  readonly words: readonly string[];
}

function splitLine(table: ArgumentTable, argv: readonly string[]): Split {
  const rows = Object.entries(table).map(([flag, { type, short }]) => {
    const kind = type === "switch" ? ("boolean" as const) : ("string" as const);
    return [flag, { type: kind, multiple: type === "list", ...(short === undefined ? {} : { short }) }] as const;
  });
  try {
    const options = Object.fromEntries(rows);
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    return { given: values, words: positionals };
  } catch (refusal) {
    const [reason = ""] = (refusal instanceof Error ? refusal.message : String(refusal)).split(/\. |\n/);
    throw new Refusal(`${reason.replace(/\.$/, "")}. Run with --help to see the options.`, EXIT.misused);
  }
}

function valueOf(row: Argument, flag: string, given: Given, env: Environment): unknown {
  switch (row.type) {
    case "switch":
      return given === true;
    case "list":
      return given ?? [];
    case "text":
      return given ?? (row.variable !== undefined && env[row.variable] ? env[row.variable] : row.default);
    case "number":
      return given === undefined ? undefined : numberOf(row, flag, String(given));
  }
}

function numberOf({ min, max, isWhole }: NumberArgument, flag: string, given: string): number {
  const number = /^\d{1,15}(?:\.\d{1,9})?$/.test(given) ? Number(given) : Number.NaN;
  if (number >= min && number <= max && (!isWhole || Number.isInteger(number))) return number;
  const demand = `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`;
  throw new Refusal(`--${flag} is ${JSON.stringify(given)}, but it must be ${demand}.`, EXIT.misused);
}

/** The help's lines about a command's arguments. */
export function printArguments(table: ArgumentTable): string {
  const rows = Object.entries(table).map(([flag, row]) => [usageOf(flag, row), textOf(row)] as const);
  rows.push(["    --help", "Print this."]);
  const width = Math.max(...rows.map(([usage]) => usage.length)) + 2;
  return rows.map(([usage, text]) => `  ${usage.padEnd(width)}${text}`).join("\n");
}

function usageOf(flag: string, row: Argument): string {
  const names = `${row.short === undefined ? "   " : `-${row.short},`} --${flag}`;
  return row.type === "switch" ? names : `${names} ${row.placeholder}`;
}

function textOf(row: Argument): string {
  if (row.type === "list") return `${row.text} May be repeated.`;
  if (row.type !== "text" || row.default === undefined) return row.text;
  return `${row.text} [${row.default}${row.variable === undefined ? "" : `, or $${row.variable}`}]`;
}
