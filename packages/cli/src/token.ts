/**
 * `longwave token`: access tokens granted, read and revoked.
 *
 * Granting and revoking are requests signed with the secret key; reading asks nobody.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import {
  EVERY_PERMISSION,
  LIMITS,
  NetworkError,
  PERMISSIONS,
  type Permission,
  type Token,
  type TokenGrants,
  expirySeconds,
  maskOf,
  parseToken,
  percentEncode,
  permits,
  stringToSignV2,
} from "@longwave/protocol";
import { type ArgumentTable, type ArgumentValues, printArguments, readArguments } from "./arguments.ts";
import { type Question, ask } from "./ask.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-code.ts";
import { NETWORK_ARGUMENTS, readOrigin } from "./network-arguments.ts";
import { describeFailure } from "./network-failure.ts";
import { Refusal } from "./refusal.ts";
import { print } from "./terminal.ts";

const names = (what: string) =>
  ({ type: "list", placeholder: "NAME=PERMISSION,…", text: `grant: what may be done with ${what}.` }) as const;

const ARGUMENTS = {
  channel: { ...names("a channel"), short: "c" },
  group: names("a channel group"),
  user: names("a user's metadata"),
  "channel-pattern": names("channels that match a regular expression"),
  "group-pattern": names("groups that match one"),
  "user-pattern": names("users that match one"),
  ttl: {
    type: "number",
    placeholder: "MINUTES",
    min: 1,
    max: LIMITS.tokenTtlMinutesMax,
    isWhole: true,
    text: "grant: how long the token lives; 60 without it.",
  },
  "authorized-uuid": { type: "text", placeholder: "ID", text: "grant: the only user that may use it." },
  meta: { type: "text", placeholder: "JSON", text: "grant: an object that goes with it, for everybody to read." },
  "publish-key": {
    type: "text",
    placeholder: "KEY",
    default: "guarded-pub",
    variable: "LONGWAVE_PUBLISH_KEY",
    text: "The keyset's publish key.",
  },
  "subscribe-key": { ...NETWORK_ARGUMENTS["subscribe-key"], default: "guarded-sub" },
  "secret-key": {
    type: "text",
    placeholder: "KEY",
    default: "guarded-secret",
    variable: "LONGWAVE_SECRET_KEY",
    text: "Its secret key; better in the variable, where `ps` does not show it.",
  },
  origin: NETWORK_ARGUMENTS.origin,
} as const satisfies ArgumentTable;

type Values = ArgumentValues<typeof ARGUMENTS>;

const VERBS: Readonly<Record<string, (words: readonly string[], values: Values) => Promise<number>>> = {
  grant,
  parse,
  revoke,
};

/** The command. */
export const tokenCommand: Command = {
  usage: "token grant [OPTION …] | parse TOKEN | revoke TOKEN [OPTION …]",
  summary: "Grant, read and revoke access tokens.",
  help: () => `Permissions: ${Object.keys(PERMISSIONS)
    .filter((name) => name !== "create")
    .join(", ")}, or all.
\`grant\` prints the token, \`parse\` what it holds as JSON; anybody can read a token.

${printArguments(ARGUMENTS)}`,
  run,
};

async function run(argv: readonly string[]): Promise<number> {
  const { values, words } = readArguments(ARGUMENTS, argv, process.env);
  const [verb = "", ...rest] = words;
  const perform = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (!perform) throw misused(`Say what to do: longwave token ${Object.keys(VERBS).join(" | ")}.`);
  return perform(rest, values);
}

async function grant(words: readonly string[], values: Values): Promise<number> {
  if (words.length > 0) throw misused("longwave token grant takes options only; see --help.");
  const grants = (kind: "" | "-pattern"): object => ({
    channels: readMasks(values[`channel${kind}`]),
    groups: readMasks(values[`group${kind}`]),
    uuids: readMasks(values[`user${kind}`]),
  });
  const permissions = {
    resources: grants(""),
    patterns: grants("-pattern"),
    meta: readMeta(values.meta),
    uuid: values["authorized-uuid"],
  };
  const body = JSON.stringify({ ttl: values.ttl ?? 60, permissions });
  const answer = await sendSigned(values, { method: "POST", tail: "", body });
  await print(`${tokenOf(answer)}\n`);
  return EXIT.ok;
}

async function parse([text = ""]: readonly string[]): Promise<number> {
  const { issuedSeconds, resources, patterns, ...rest } = readToken(text);
  await print(
    `${JSON.stringify({
      version: rest.version,
      issued: dateOf(issuedSeconds),
      ttlMinutes: rest.ttlMinutes,
      expires: dateOf(issuedSeconds + rest.ttlMinutes * 60),
      authorizedUuid: rest.authorizedUuid,
      resources: toldGrants(resources),
      patterns: toldGrants(patterns),
      meta: rest.meta,
    })}\n`,
  );
  return EXIT.ok;
}

async function revoke([text = ""]: readonly string[], values: Values): Promise<number> {
  if (expirySeconds(readToken(text)) * 1_000 <= Date.now()) throw failed("The token has expired already.");
  await sendSigned(values, { method: "DELETE", tail: `/${percentEncode(text)}`, body: undefined });
  return EXIT.ok;
}

interface SignedQuestion extends Pick<Question, "method"> {
  /** What stands behind `…/grant` in the path, percent-encoded. */
  readonly tail: string;
  readonly body: string | undefined;
}

async function sendSigned(values: Values, { method, tail, body }: SignedQuestion): Promise<unknown> {
  const origin = readOrigin(values.origin);
  const [publishKey, subscribeKey] = [values["publish-key"], values["subscribe-key"]];
  const path = `/v3/pam/${percentEncode(subscribeKey)}/grant${tail}`;
  const query = `timestamp=${Math.floor(Date.now() / 1_000)}`;
  const text = stringToSignV2({ publishKey, subscribeKey }, { method, path, query }) + (body ?? "");
  const signature = createHmac("sha256", values["secret-key"]).update(text).digest("base64url");
  const reply = await ask(`${origin}${path}?${query}&signature=v2.${signature}`, { method, body, patienceMs: 10_000 });
  if (reply.kind === "answer" && reply.status === 200) return JSON.parse(reply.text) as unknown;
  throw failed(describeFailure(reply, origin));
}

function tokenOf(answer: unknown): string {
  const data = typeof answer === "object" && answer !== null && "data" in answer ? answer.data : undefined;
  const token = typeof data === "object" && data !== null && "token" in data ? data.token : undefined;
  if (typeof token !== "string") throw failed("The network answered without a token. Check --origin.");
  return token;
}

function readToken(text: string): Token {
  if (text === "") throw misused("Say the token behind the command.");
  try {
    return parseToken(text);
  } catch (refusal) {
    if (refusal instanceof NetworkError) throw failed("This is no access token.");
    throw refusal;
  }
}

function readMasks(pairs: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(pairs.map(readMask));
}

// A name may hold an equals sign, a list of permissions cannot.
function readMask(pair: string): readonly [string, number] {
  const equals = pair.lastIndexOf("=");
  const [name, list] = [pair.slice(0, Math.max(equals, 0)), pair.slice(equals + 1)];
  const mask = list === "all" ? EVERY_PERMISSION : maskOf(list.split(",").filter(isPermission));
  const isWhole = list === "all" || list.split(",").every(isPermission);
  if (name !== "" && isWhole) return [name, mask];
  throw misused(
    `${JSON.stringify(pair)} grants nothing: write NAME=read,write, of ${Object.keys(PERMISSIONS).join(", ")}.`,
  );
}

function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}

function readMeta(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw misused("--meta must be a JSON object.");
  }
}

const KINDS = { channels: "channels", groups: "groups", users: "uuids" } as const;

function toldGrants(grants: TokenGrants): object {
  const kinds = Object.entries(KINDS).filter(([, kind]) => grants[kind].size > 0);
  return Object.fromEntries(kinds.map(([told, kind]) => [told, toldMasks(grants[kind])]));
}

function toldMasks(masks: TokenGrants["channels"]): object {
  const all = Object.keys(PERMISSIONS).filter(isPermission);
  return Object.fromEntries([...masks].map(([name, mask]) => [name, all.filter((one) => permits(mask, one))]));
}

const dateOf = (seconds: number): string =>
  Math.abs(seconds) <= 8_640_000_000_000 ? new Date(seconds * 1_000).toISOString() : "beyond all dates";

function misused(sentence: string): Refusal {
  return new Refusal(sentence, EXIT.misused);
}

function failed(sentence: string): Refusal {
  return new Refusal(sentence, EXIT.failed);
}
