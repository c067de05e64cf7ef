/**
 * The one table of options: flags, environment variables, the config file, `--help` and the docs page come from it.
 *
 * Read by `read-options.ts`, printed by `print-options.ts`. Rules: spec/OPTIONS.md.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";

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

/** The names of all options, in the order of the table. */
export const OPTION_NAMES = Object.keys(OPTION_ROWS) as readonly OptionName[];

/** The value of every option that nobody has set. */
export const DEFAULT_OPTIONS: ServerOptions = Object.freeze(
  Object.fromEntries(OPTION_NAMES.map((name) => [name, OPTION_ROWS[name].default])),
) as ServerOptions;

/** The flag of an option: `holdSeconds` is `--hold-seconds`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of an option: `holdSeconds` is `LONGWAVE_HOLD_SECONDS`. */
export function variableOf(name: string): string {
  return `LONGWAVE${flagOf(name).slice(1).replaceAll("-", "_").toUpperCase()}`;
}
