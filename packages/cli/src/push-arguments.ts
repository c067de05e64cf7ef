/**
 * The arguments with which `longwave keys set` gives a keyset credentials for push, and what they come to.
 *
 * Private keys come in files, so that neither `ps` nor a shell's history shows them. Rules: spec/CLI.md CLI45, CLI46.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { ArgumentTable, ArgumentValues } from "./arguments.ts";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";

/** Rows for the table of the command. */
export const PUSH_ARGUMENTS = {
  fcm: {
    type: "text",
    placeholder: "FILE",
    text: "set: send push notifications to Google with this service account, the JSON file that Google gave out.",
  },
  "apns-key": {
    type: "text",
    placeholder: "FILE",
    text: "set: send to Apple with this signing key, Apple's .p8 file.",
  },
  "apns-key-id": { type: "text", placeholder: "ID", text: "set --apns-key: the key's identifier." },
  "apns-team-id": { type: "text", placeholder: "ID", text: "set --apns-key: the team's identifier." },
  "apns-topic": {
    type: "text",
    placeholder: "APP",
    text: "set --apns-key: the app of devices that are registered without one.",
  },
  "apns-environment": {
    type: "text",
    placeholder: "NAME",
    text: "set --apns-key: which host those devices belong to, production or development.",
  },
  "no-fcm": { type: "switch", text: "set: send nothing to Google any more." },
  "no-apns": { type: "switch", text: "set: send nothing to Apple any more." },
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof PUSH_ARGUMENTS>;

/**
 * What the arguments ask for.
 *
 * @returns the body for the admin API; nothing where none of them is given.
 * @throws {Refusal} when a file cannot be read, or they do not fit together.
 */
export function readPushChange(values: Values): object | undefined {
  const apns = readApple(values);
  const change = {
    ...(values.fcm !== undefined && { fcm: readAccount(values.fcm) }),
    ...(values["no-fcm"] && { fcm: null }),
    ...(apns && { apns }),
    ...(values["no-apns"] && { apns: null }),
  };
  if (values.fcm !== undefined && values["no-fcm"]) throw misused("Say --fcm or --no-fcm, not both.");
  if (apns && values["no-apns"]) throw misused("Say --apns-key or --no-apns, not both.");
  return Object.keys(change).length > 0 ? change : undefined;
}

function readApple(values: Values): object | undefined {
  const { "apns-key": file, "apns-key-id": keyId, "apns-team-id": teamId } = values;
  const { "apns-topic": topic, "apns-environment": environment } = values;
  const given = [file, keyId, teamId, topic, environment].filter((value) => value !== undefined);
  if (given.length === 0) return undefined;
  if (file === undefined || keyId === undefined || teamId === undefined) {
    throw misused("Apple's key needs all three of --apns-key, --apns-key-id and --apns-team-id.");
  }
  return { teamId, keyId, privateKey: readText(file), topic, environment };
}

function readAccount(file: string): unknown {
  try {
    return JSON.parse(readText(file)) as unknown;
  } catch (failure) {
    if (failure instanceof Refusal) throw failure;
    throw misused(`${file} is no JSON: name the file that Google gave out for the service account.`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw misused(`${file} cannot be read: ${reason}.`);
  }
}

function misused(sentence: string): Refusal {
  return new Refusal(sentence, EXIT.misused);
}
