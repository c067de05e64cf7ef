/**
 * `longwave keys`: keysets listed, made, changed, given new keys and deleted, through the admin API.
 *
 * @module
 */
import { KEYSET_SETTINGS } from "@longwave/server";
import { ADMIN_ARGUMENTS, type AdminCall, callAdmin } from "./admin-call.ts";
import { type ArgumentTable, type ArgumentValues, printArguments, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { PUSH_ARGUMENTS, readPushChange } from "./push-arguments.ts";
import { Refusal } from "./refusal.ts";
import { printLines, printTable } from "./table.ts";
import { paintOut, print, tell } from "./terminal.ts";

const ARGUMENTS = {
  "publish-key": {
    type: "text",
    placeholder: "KEY",
    text: "create: the publish key, of an application that moves here.",
  },
  "subscribe-key": { type: "text", placeholder: "KEY", text: "create: its subscribe key." },
  "secret-key": { type: "text", placeholder: "KEY", text: "create: its secret key." },
  "token-key": { type: "switch", text: "rotate: the key that signs tokens, instead of the secret key." },
  "keep-old": { type: "switch", text: "rotate --token-key: let tokens of the old key live until they expire." },
  ...PUSH_ARGUMENTS,
  yes: { type: "switch", text: "delete: really." },
  ...ADMIN_ARGUMENTS,
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof ARGUMENTS>;

/** What a word behind `keys` asks for, with the words behind it. */
type Verb = (words: readonly string[], values: Values) => AdminCall;

const VERBS: Readonly<Record<string, Verb>> = {
  list: () => ({ method: "GET", path: "/keysets" }),
  create: ([name = "", ...settings], values) => {
    if (name === "") throw misused("Say the new keyset's name: longwave keys create NAME.");
    const { "publish-key": publishKey, "subscribe-key": subscribeKey, "secret-key": secretKey } = values;
    const body = { name, publishKey, subscribeKey, secretKey, settings: readSettings(settings) };
    return { method: "POST", path: "/keysets", body };
  },
  set: ([key, ...settings], values) => {
    const push = readPushChange(values);
    if (push && settings.length > 0) throw misused("Set credentials for push and settings one after the other.");
    if (push) return { method: "PATCH", path: `${pathOf(key)}/push`, body: push };
    if (settings.length === 0) throw misused(`Say what to set: ${Object.keys(KEYSET_SETTINGS).join(", ")}.`);
    return { method: "PATCH", path: pathOf(key), body: readSettings(settings) };
  },
  rotate: ([key], values) => {
    const body = values["token-key"] ? { what: "tokenKey", keepOld: values["keep-old"] } : { what: "secretKey" };
    return { method: "POST", path: `${pathOf(key)}/rotate`, body };
  },
  delete: ([key], { yes }) => {
    const path = pathOf(key);
    if (!yes) throw misused("A deleted keyset is gone with its grants, tokens and files. Say --yes to do it.");
    return { method: "DELETE", path };
  },
};

/** The command. */
export const keysCommand: Command = {
  usage:
    "keys list | create NAME [SETTING=VALUE …] | set KEY SETTING=VALUE … | set KEY --fcm FILE | rotate KEY | delete KEY [OPTION …]",
  summary: "Look at keysets, make and change them.",
  help: () => `KEY is the keyset's subscribe key. Each keyset is printed as a line of JSON, but for the list on a terminal, which
is a table. A secret key is printed when it is made, and never again; credentials for push are never printed.
Changes are in force at once.

Settings:
${printSettings()}

${printArguments(ARGUMENTS)}`,
  run,
};

function printSettings(): string {
  const width = Math.max(...Object.keys(KEYSET_SETTINGS).map((name) => name.length)) + 2;
  return Object.entries(KEYSET_SETTINGS)
    .map(([name, row]) => `  ${name.padEnd(width)}${row.text} [${row.default}]`)
    .join("\n");
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  const [verb = "", ...rest] = words;
  const callOf = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!callOf) throw misused(`Say what to do: longwave keys ${Object.keys(VERBS).join(" | ")}.`);
  const answer = await callAdmin(values, callOf(rest, values));
  await print(process.stdout.isTTY && verb === "list" ? printKeysets(answer) : printLines(linesOf(answer)));
  if (typeof answer === "object" && answer !== null && "secretKey" in answer) {
    tell("Keep the secret key now: it is not shown again.");
  }
  return EXIT.ok;
}

function printKeysets(answer: unknown): string {
  const rows = linesOf(answer).map((keyset) => rowOf(keyset as KeysetAnswer));
  return printTable(["name", "subscribe key", "publish key", "access", "changed settings"], rows, paintOut());
}

/** What the network says of a keyset. */
interface KeysetAnswer {
  readonly name: string;
  readonly subscribeKey: string;
  readonly publishKey: string;
  readonly settings: Readonly<Record<string, boolean | number>>;
}

/** A keyset as a row: its settings are those that are not as they are by themselves. */
export function rowOf({ name, subscribeKey, publishKey, settings }: KeysetAnswer): readonly string[] {
  const { accessManager, ...others } = settings;
  const changed = Object.entries(others).filter(([setting, value]) => {
    return KEYSET_SETTINGS[setting as keyof typeof KEYSET_SETTINGS]?.default !== value;
  });
  const access = accessManager === true ? "guarded" : "open";
  return [name, subscribeKey, publishKey, access, changed.map((pair) => pair.join("=")).join(" ")];
}

// A list is printed as a line for each; a keyset with the secret key that was made for it as one line.
function linesOf(answer: unknown): readonly unknown[] {
  if (typeof answer !== "object" || answer === null) return [];
  if ("keysets" in answer && Array.isArray(answer.keysets)) return answer.keysets;
  if (!("keyset" in answer) || typeof answer.keyset !== "object") return [answer];
  return [{ ...answer.keyset, ...("secretKey" in answer && { secretKey: answer.secretKey }) }];
}

function readSettings(pairs: readonly string[]): Readonly<Record<string, boolean | number>> {
  return Object.fromEntries(pairs.map(readSetting));
}

// The network checks names and ranges; what is here is only what a line of text cannot say by itself, the type.
function readSetting(pair: string): readonly [string, boolean | number] {
  const [, name = "", text = ""] = /^([A-Za-z]+)=(true|false|\d{1,15})$/.exec(pair) ?? [];
  if (name === "") throw misused(`${JSON.stringify(pair)} is no setting: write NAME=true, NAME=false or NAME=NUMBER.`);
  return [name, text === "true" || text === "false" ? text === "true" : Number(text)];
}

function pathOf(key: string | undefined): string {
  if (key === undefined || key === "" || key === "." || key === "..") throw misused("Say the keyset's subscribe key.");
  return `/keysets/${encodeURIComponent(key)}`;
}

function misused(sentence: string): Refusal {
  return new Refusal(sentence, EXIT.misused);
}
