/**
 * Reads the options of a start: from the command's line, environment variables and the config file.
 *
 * Pure but for the config file. Rules: spec/OPTIONS.md.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { LIMITS } from "@longwave/protocol";
import { parseNetworks } from "./edge/client-address.ts";
import {
  OPTIONS,
  OPTION_NAMES,
  type Option,
  type OptionName,
  type ServerOptions,
  flagOf,
  variableOf,
} from "./options.ts";

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
  const values = OPTION_NAMES.map((name) => {
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
  const rows = OPTION_NAMES.map((name) => [flagOf(name).slice(2), { type: kindOf(name) }] as const);
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
  return OPTIONS[name].type === "flag" ? "boolean" : "string";
}

function readConfig(
  path: string,
  readFile: OptionSources["readFile"],
  sentences: string[],
): Readonly<Record<string, unknown>> {
  try {
    const file: unknown = JSON.parse(readFile(path));
    if (typeof file !== "object" || file === null || Array.isArray(file)) throw new Error("it is not a JSON object");
    const unknown = Object.keys(file).filter((name) => !Object.hasOwn(OPTIONS, name));
    sentences.push(
      ...unknown.map((name) => `${path} sets "${name}", which is no option. Known: ${OPTION_NAMES.join(", ")}.`),
    );
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
  const row = OPTIONS[name];
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
