/**
 * The one table of options: flags, environment variables, the config file, `--help` and the docs page come from it.
 *
 * Reading is pure but for the config file. Rules: spec/OPTIONS.md.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { LIMITS } from "@longwave/protocol";
import { parseNetworks } from "./edge/client-address.ts";

interface OptionText {
  /** What it does, one sentence for people. */
  readonly text: string;
  /** What a value looks like in the help: PORT, SECONDS, FILE. */
  readonly placeholder?: string;
}

interface NumberOption extends OptionText {
  readonly type: "number";
  /** Nothing where it does not apply unless somebody sets it. */
  readonly default: number | undefined;
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

interface TextOption extends OptionText {
  readonly type: "text";
  readonly default: string | undefined;
}

interface ChoiceOption extends OptionText {
  readonly type: "choice";
  readonly default: string;
  readonly choices: readonly string[];
}

interface FlagOption extends OptionText {
  readonly type: "flag";
  readonly default: boolean;
}

/** One row of {@link OPTIONS}. */
export type Option = NumberOption | TextOption | ChoiceOption | FlagOption;

const OPTION_ROWS = {
  port: {
    type: "number",
    default: 1980,
    min: 0,
    max: 65_535,
    placeholder: "PORT",
    text: "Port to listen on; 0 takes any free one.",
  },
  host: {
    type: "text",
    default: "127.0.0.1",
    placeholder: "ADDRESS",
    text: "Address to listen on; 0.0.0.0 lets other machines in.",
  },
  dataDir: { type: "text", default: "data", placeholder: "DIR", text: "Directory that everything is kept in." },
  memory: { type: "flag", default: false, text: "Keep nothing on disk: all is gone when the server stops." },
  synchronous: {
    type: "choice",
    default: "full",
    choices: ["full", "normal"],
    text:
      "What an acknowledged message survives: full, also a power cut (each commit waits for the disk); normal, the end of " +
      "the process but perhaps not a power cut.",
  },
  holdSeconds: {
    type: "number",
    default: 280,
    min: 1,
    max: LIMITS.holdSecondsMax,
    unit: "seconds",
    placeholder: "SECONDS",
    text: "How long a poll is held when there is nothing to deliver; shorten it for proxies that cut idle connections.",
  },
  drainSeconds: {
    type: "number",
    default: 5,
    min: 0,
    max: 60,
    unit: "seconds",
    placeholder: "SECONDS",
    text: "Over how long held polls are answered when the server stops.",
  },
  idleSeconds: {
    type: "number",
    default: 30,
    min: 10,
    max: 60,
    unit: "seconds",
    placeholder: "SECONDS",
    text: "After how long a connection is closed on which nothing moves and no poll is held.",
  },
  trustedProxies: {
    type: "text",
    default: undefined,
    placeholder: "CIDR,…",
    text:
      "Proxies whose X-Forwarded-For is believed, as addresses or networks; without it the address at the other end of a " +
      "connection counts, whatever its headers say.",
  },
  requestsPerSecondPerAddress: {
    type: "number",
    default: undefined,
    min: 1,
    max: LIMITS.requestsPerSecondMax,
    placeholder: "COUNT",
    text: "Requests per second that one address may make; what is beyond is answered 429. Without it they are not counted.",
  },
  pollsPerAddress: {
    type: "number",
    default: undefined,
    min: 1,
    max: LIMITS.heldPollsPerKeysetMax,
    placeholder: "COUNT",
    text: "Polls and streams that one address may hold at the same time. Without it they are not counted.",
  },
  demoKeys: {
    type: "flag",
    default: true,
    text: "Have the keysets `demo` and `guarded`, whose keys everybody knows; --no-demo-keys leaves them out.",
  },
  admin: {
    type: "choice",
    default: "auto",
    choices: ["auto", "on", "off"],
    text: "Whether the admin API answers: auto, only where nobody but this machine reaches the address.",
  },
  adminToken: {
    type: "text",
    default: undefined,
    placeholder: "TOKEN",
    text:
      "The admin API's token, at least 16 characters; a variable hides it better than the command's line. Without it one " +
      "is made at the first start and printed once.",
  },
  masterKeyFile: {
    type: "text",
    default: undefined,
    placeholder: "FILE",
    text:
      "The key that opens the secrets in the data directory, made at the first start. Without this it lies beside the " +
      "directory, under its name with .master-key behind it; keep it out of the directory's backups.",
  },
  publicUrl: {
    type: "text",
    default: undefined,
    placeholder: "URL",
    text:
      "Scheme, host and port that clients reach the network by, where something in front of it changes them; links to files " +
      "begin so. Without it they begin as the request for them did.",
  },
  s3Bucket: {
    type: "text",
    default: undefined,
    placeholder: "NAME",
    text:
      "Keep the content of files in this bucket of an S3-compatible service, and not in the data directory; the credentials " +
      "come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from a file.",
  },
  s3Endpoint: {
    type: "text",
    default: undefined,
    placeholder: "URL",
    text: "Scheme, host and port of that service. Without it, Amazon's own for the region.",
  },
  s3Region: { type: "text", default: "us-east-1", placeholder: "NAME", text: "Region that the bucket is in." },
  s3Prefix: {
    type: "text",
    default: "longwave/",
    placeholder: "TEXT",
    text:
      "What the keys in the bucket begin with. Nobody else may use it: whatever lies below it under a name of ours and belongs " +
      "to no file of the data directory is deleted at a start.",
  },
  s3CredentialsFile: {
    type: "text",
    default: undefined,
    placeholder: "FILE",
    text: "Take the credentials from this file: lines `aws_access_key_id = …` and `aws_secret_access_key = …`.",
  },
  tlsCert: { type: "text", default: undefined, placeholder: "FILE", text: "Certificate chain (PEM): listen with TLS." },
  tlsKey: { type: "text", default: undefined, placeholder: "FILE", text: "Private key (PEM) of the certificate." },
  logFormat: {
    type: "choice",
    default: "auto",
    choices: ["auto", "pretty", "json"],
    text: "How the log is written to standard error: pretty for people, json for machines, auto by whether it is a terminal.",
  },
  logLevel: {
    type: "choice",
    default: "info",
    choices: ["debug", "info", "warn", "error"],
    text: "The least urgent lines that are written.",
  },
} as const satisfies Record<string, Option>;

/** Every option by its name in code and in the config file. */
export const OPTIONS: Readonly<Record<OptionName, Option>> = Object.freeze(OPTION_ROWS);

/** The name of an option. */
export type OptionName = keyof typeof OPTION_ROWS;

type ValueOf<Row> = Row extends { readonly type: "number"; readonly default: infer Default }
  ? number | (Default extends undefined ? undefined : never)
  : Row extends { readonly type: "flag" }
    ? boolean
    : Row extends { readonly choices: readonly (infer Choice)[] }
      ? Choice
      : Row extends { readonly default: string }
        ? string
        : string | undefined;

/** All options with their values. */
export type ServerOptions = { readonly [Name in OptionName]: ValueOf<(typeof OPTION_ROWS)[Name]> };

const NAMES = Object.keys(OPTION_ROWS) as readonly OptionName[];

/** The value of every option that nobody has set. */
export const DEFAULT_OPTIONS: ServerOptions = Object.freeze(
  Object.fromEntries(NAMES.map((name) => [name, OPTION_ROWS[name].default])),
) as ServerOptions;

/** Where options come from; a flag beats a variable, a variable the file, the file the default. */
export interface OptionSources {
  /** What follows the command on its line. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the config file; throws where it cannot. */
  readonly readFile: (path: string) => string;
}

/** What came of reading options. */
export type OptionsOutcome =
  | { readonly kind: "options"; readonly options: ServerOptions }
  | { readonly kind: "help" }
  /** Each a sentence that says what is wrong and what to do. */
  | { readonly kind: "refused"; readonly sentences: readonly string[] };

/** The flag of an option: `holdSeconds` is `--hold-seconds`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of an option: `holdSeconds` is `LONGWAVE_HOLD_SECONDS`. */
export function variableOf(name: string): string {
  return `LONGWAVE${flagOf(name).slice(1).replaceAll("-", "_").toUpperCase()}`;
}

/**
 * Reads the options of a start.
 *
 * @returns the options, or that help was asked for, or every reason to refuse.
 * @see spec/OPTIONS.md OPT1
 */
export function readOptions(sources: OptionSources): OptionsOutcome {
  const line = readLine(sources.argv);
  if (line.kind !== "line") return line;
  if (line.values["help"] === true) return { kind: "help" };
  const sentences: string[] = [];
  const configPath = line.values["config"] ?? sources.env["LONGWAVE_CONFIG"];
  const file = typeof configPath === "string" ? readConfig(configPath, sources.readFile, sentences) : {};
  const values = NAMES.map((name) => {
    const [source, given] = findValue(name, line.values, sources.env, file);
    return [name, parseValue(name, source, given, sentences)] as const;
  });
  const options = Object.fromEntries(values) as unknown as ServerOptions;
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    sentences.push("--tls-cert and --tls-key belong together: give both, or neither.");
  }
  if (options.trustedProxies !== undefined && !parseNetworks(options.trustedProxies)) {
    sentences.push(
      `--trusted-proxies must be a list like 10.0.0.0/8,fd00::/8 of at most ${LIMITS.trustedNetworksMax}.`,
    );
  }
  sentences.push(...refuseS3(options));
  return sentences.length > 0 ? { kind: "refused", sentences } : { kind: "options", options };
}

function refuseS3({ s3Bucket, s3Endpoint, s3Prefix, s3CredentialsFile, memory }: ServerOptions): readonly string[] {
  const sentences: string[] = [];
  if (s3Bucket === undefined && (s3Endpoint !== undefined || s3CredentialsFile !== undefined)) {
    sentences.push("--s3-endpoint and --s3-credentials-file say where a bucket is: name it with --s3-bucket.");
  }
  if (s3Bucket !== undefined && memory) {
    sentences.push("--s3-bucket and --memory contradict each other: files of a network that forgets cannot be kept.");
  }
  if (s3Endpoint !== undefined && !isOrigin(s3Endpoint)) {
    // What was given is not repeated: it may hold a password.
    sentences.push("--s3-endpoint must be a scheme, a host and a port, as https://s3.example is, and nothing else.");
  }
  if (!/^[A-Za-z0-9._-][A-Za-z0-9._/-]{0,199}$/.test(s3Prefix)) {
    sentences.push("--s3-prefix must be 1 to 200 of A-Z a-z 0-9 . _ - /, and no / first.");
  }
  return sentences;
}

// Without a user or a path: credentials would stand in sentences and logs, and a path would be no part of what is signed.
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "" && pathname === "/";
}

type LineValues = Readonly<Record<string, string | boolean | undefined>>;

function readLine(argv: readonly string[]): { kind: "line"; values: LineValues } | OptionsOutcome {
  const rows = NAMES.map((name) => [flagOf(name).slice(2), { type: kindOf(name) }] as const);
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...Object.fromEntries(rows), config: { type: "string" }, help: { type: "boolean", short: "h" } },
      allowNegative: true,
      strict: true,
    });
    return { kind: "line", values };
  } catch (refusal) {
    const [reason = "unknown"] = (refusal instanceof Error ? refusal.message : String(refusal)).split(". ");
    return { kind: "refused", sentences: [`${reason}. Run with --help to see the options.`] };
  }
}

function kindOf(name: OptionName): "boolean" | "string" {
  return OPTION_ROWS[name].type === "flag" ? "boolean" : "string";
}

function readConfig(
  path: string,
  readFile: OptionSources["readFile"],
  sentences: string[],
): Readonly<Record<string, unknown>> {
  try {
    const file: unknown = JSON.parse(readFile(path));
    if (typeof file !== "object" || file === null || Array.isArray(file)) throw new Error("it is not a JSON object");
    const unknown = Object.keys(file).filter((name) => !Object.hasOwn(OPTION_ROWS, name));
    sentences.push(...unknown.map((name) => `${path} sets "${name}", which is no option. Known: ${NAMES.join(", ")}.`));
    return file as Readonly<Record<string, unknown>>;
  } catch (refusal) {
    const reason = refusal instanceof Error ? refusal.message : String(refusal);
    sentences.push(
      `The config file ${path} cannot be read: ${reason}. It is a JSON object of option names and values.`,
    );
    return {};
  }
}

/** Where a value came from, as a person would name it, and the value. */
function findValue(name: OptionName, line: LineValues, env: OptionSources["env"], file: object): [string, unknown] {
  const flag = flagOf(name);
  const onLine = line[flag.slice(2)];
  if (onLine !== undefined) return [flag, onLine];
  const inEnvironment = env[variableOf(name)];
  if (inEnvironment !== undefined) return [variableOf(name), inEnvironment];
  const inFile: unknown = Object.hasOwn(file, name) ? file[name as keyof typeof file] : undefined;
  return [`"${name}"`, inFile];
}

type Value = string | number | boolean | undefined;

function parseValue(name: OptionName, source: string, given: unknown, sentences: string[]): Value {
  const row: Option = OPTION_ROWS[name];
  if (given === undefined) return row.default;
  const value = valueOf(row, given);
  if (value === undefined) sentences.push(`${source} is ${quote(given)}, but ${demandOf(row)}.`);
  return value ?? row.default;
}

function valueOf(row: Option, given: unknown): Value {
  switch (row.type) {
    case "number": {
      const number = typeof given === "number" ? given : numberOf(given);
      return Number.isInteger(number) && number >= row.min && number <= row.max ? number : undefined;
    }
    case "flag":
      return typeof given === "boolean" ? given : FLAG_VALUES.get(String(given));
    case "choice":
      return row.choices.find((choice) => choice === given);
    case "text":
      return typeof given === "string" && given !== "" ? given : undefined;
  }
}

const FLAG_VALUES: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

function numberOf(given: unknown): number {
  return typeof given === "string" && /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
}

function demandOf(row: Option): string {
  switch (row.type) {
    case "number":
      return `it must be a whole number from ${row.min} to ${row.max}${row.unit === undefined ? "" : ` (${row.unit})`}`;
    case "flag":
      return "it must be true or false";
    case "choice":
      return `it must be one of ${row.choices.join(", ")}`;
    case "text":
      return "it must not be empty";
  }
}

function quote(given: unknown): string {
  return JSON.stringify(given) ?? "nothing";
}

/** The help's lines about options. */
export function printHelp(): string {
  const rows = NAMES.map((name) => [helpFlag(name), helpText(name)] as const);
  rows.push(["--config FILE", "A JSON file of options by their names in camelCase."], ["--help", "Print this."]);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return rows.map(([flag, text]) => `  ${flag.padEnd(width)}${wrap(text, 100 - width, width + 2)}`).join("\n");
}

function helpFlag(name: OptionName): string {
  const row: Option = OPTION_ROWS[name];
  if (row.type === "flag") return row.default ? `--no-${flagOf(name).slice(2)}` : flagOf(name);
  return `${flagOf(name)} ${row.type === "choice" ? row.choices.join("|") : (row.placeholder ?? "TEXT")}`;
}

function helpText(name: OptionName): string {
  const row: Option = OPTION_ROWS[name];
  const isPlain = row.default === undefined || row.type === "flag";
  return isPlain ? row.text : `${row.text} [${String(row.default)}]`;
}

function wrap(text: string, width: number, indent: number): string {
  let line = "";
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > width && line !== "") {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

/** The options as a table in Markdown, for the reference. */
export function printOptionsPage(): string {
  const rows = NAMES.map((name) => {
    const row: Option = OPTION_ROWS[name];
    const fallback = row.default === undefined ? "–" : `\`${String(row.default)}\``;
    const range =
      row.type === "number" ? ` (${row.min} to ${row.max}${row.unit === undefined ? "" : ` ${row.unit}`})` : "";
    const choices = row.type === "choice" ? ` One of ${row.choices.map((choice) => `\`${choice}\``).join(", ")}.` : "";
    return `| \`${flagOf(name)}\` | \`${variableOf(name)}\` | \`${name}\` | ${fallback}${range} | ${row.text}${choices} |`;
  });
  return [
    "# Options",
    "",
    "Written by `tools/options-page.ts` from the one table in `packages/server/src/options.ts`; do not edit.",
    "",
    "A flag beats an environment variable, a variable beats the config file (`--config FILE` or `LONGWAVE_CONFIG`, a JSON",
    "object with the names of the third column), and the file beats the default.",
    "",
    "| flag | variable | in the file | default | what it does |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
