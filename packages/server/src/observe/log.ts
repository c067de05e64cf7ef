/**
 * The structured log: one line an event, pretty for people, JSON for machines.
 *
 * Fields hold counts, codes, names of routes and identifiers of errors; never a payload, key or token. Control characters
 * are escaped in both forms, so that nothing a client sends can forge a line.
 *
 * @module
 */
import type { Clock } from "../ports/clock.ts";

/** How urgent a line is, rising. */
export const LOG_LEVELS = Object.freeze(["debug", "info", "warn", "error"] as const);

/** A member of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line says besides its event. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes lines. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** How a log is written. */
export interface LogOptions {
  readonly clock: Clock;
  readonly format: "pretty" | "json";
  /** Lines below it are dropped. */
  readonly level: LogLevel;
  /** Takes a line without its line break. */
  readonly write: (line: string) => void;
  /** Whether the pretty form has colours. */
  readonly colour: boolean;
}

/** Makes a log. */
export function createLog(options: LogOptions): Log {
  const print = options.format === "json" ? printJson : printPretty;
  const lowest = LOG_LEVELS.indexOf(options.level);
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (LOG_LEVELS.indexOf(level) < lowest) return;
      const time = new Date(options.clock.wallMs()).toISOString();
      options.write(print({ time, level, event, fields }, options.colour));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that says nothing. */
export const SILENT_LOG: Log = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} });

interface Line {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

const COLOURS: Readonly<Record<LogLevel, string>> = {
  debug: "\u001b[2m",
  info: "",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};

function printJson({ time, level, event, fields }: Line): string {
  return JSON.stringify({ time, level, event, ...fields });
}

function printPretty({ time, level, event, fields }: Line, colour: boolean): string {
  const details = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? quote(value) : String(value)}`);
  const line = `${time.slice(11, 23)} ${level.padEnd(5)} ${event}${details.join("")}`;
  return colour && COLOURS[level] !== "" ? `${COLOURS[level]}${line}\u001b[0m` : line;
}

function quote(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}
