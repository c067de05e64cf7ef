/**
 * Properties of a configuration on their way from the application: tables of them, how they are read, and their refusals.
 *
 * Rules: spec/SDK.md SDK2.
 *
 * @module
 */
import { type PubNubError, refusalOf } from "./errors.ts";

/** A property's value with the name by which the application knows it. */
export interface Setting {
  readonly name: string;
  /** What was given, or what holds where nothing was. */
  readonly value: unknown;
  readonly isGiven: boolean;
}

/** Reads a property by the name of its row. One without a row is one that was not given. */
export type Read = (row: string) => Setting;

/** A row of a table of properties. */
export interface Property<Value = unknown> {
  readonly type: "string" | "boolean" | "number" | "object";
  /** What holds where it is not given. */
  readonly value?: string | boolean | number;
  /** Its names, the preferred one first, where they are others than the row's; none for what follows from other properties. */
  readonly names?: readonly string[];
  /** Checks it, and gives what the rooms of the client work with. */
  readonly read: (setting: Setting, read: Read) => Value;
}

/** A table of properties. */
export type Properties = Readonly<Record<string, Property>>;

/** What the rows of a table give. */
export type ValuesOf<Rows extends Properties> = { readonly [Row in keyof Rows]: ReturnType<Rows[Row]["read"]> };

/** What else there is to say of a table. */
export interface PropertiesOptions {
  /** Names that are taken and have no effect. */
  readonly ignored?: readonly string[];
  /** What to do about a property that is not in it. @defaultValue "take it out" */
  readonly remedy?: string;
}

/** Yes or no. */
export function flag(value: boolean): Property<boolean> {
  return { type: "boolean", value, read: (setting) => setting.value === true };
}

/** One of several words, the first where it is not given. */
export function word<Word extends string>(value: Word, ...others: readonly Word[]): Property<Word> {
  return { type: "string", value, read: (setting) => readWord(setting, [value, ...others]) };
}

/** Seconds above zero, which are read as milliseconds. */
export function seconds(value: number): Property<number> {
  return { type: "number", value, read: (setting) => readSeconds(setting) };
}

/**
 * Reads an object by a table of properties.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 */
export function readAll<Rows extends Properties>(
  given: object,
  properties: Rows,
  options?: PropertiesOptions,
): ValuesOf<Rows> {
  const read = readerOf(given, properties, options);
  return Object.fromEntries(
    Object.entries(properties).map(([row, property]) => [row, property.read(read(row), read)]),
  ) as ValuesOf<Rows>;
}

function readerOf(
  given: object,
  properties: Properties,
  { ignored = [], remedy = "take it out" }: PropertiesOptions = {},
): Read {
  const values = new Map(Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null));
  const known = Object.entries(properties).flatMap(([row, { names = [row] }]) => names);
  const unknown = Array.from(values.keys()).find((name) => !known.includes(name) && !ignored.includes(name));
  if (unknown !== undefined) {
    throw invalid(`${unknown} is no property that this version knows; ${remedy}, or use one of ${known.join(", ")}`);
  }
  return (row) => {
    const { type, value, names = [row] } = properties[row] ?? {};
    const [name, other] = names.filter((candidate) => values.has(candidate));
    if (name === undefined) return { name: names[0] ?? row, value, isGiven: false };
    if (other !== undefined) throw invalid(`${name} and ${other} are both given and mean the same; give one of them`);
    const found = values.get(name);
    if (typeof found === type) return { name, value: found, isGiven: true };
    throw invalid(`${name} is of the type ${typeof found}; give one of the type ${type}`);
  };
}

/** The longest time limit that can be set, in seconds: an hour. */
const SECONDS_MAX = 3_600;

/** The refusal of a configuration. @param reason the property, what is wrong with it, and the remedy; without a full stop. */
export function invalid(reason: string): PubNubError {
  return refusalOf("The configuration cannot be used", reason);
}

/**
 * Seconds within bounds, as milliseconds.
 *
 * @param atLeast how the lower bound is said.
 */
export function readSeconds(
  { name, value }: Pick<Setting, "name" | "value">,
  min = Number.MIN_VALUE,
  max = SECONDS_MAX,
  atLeast = min < 1 ? "above 0" : `at least ${min}`,
): number {
  const given = numberOf(value);
  if (given >= min && given <= max) return given * 1_000;
  throw invalid(`${name} is ${given}; it is in seconds, ${atLeast}, at most ${max}`);
}

/** A whole number within bounds. @param bounds how they are said. */
export function readWhole(
  { name, value }: Pick<Setting, "name" | "value">,
  min: number,
  max: number,
  bounds: string,
): number {
  const given = numberOf(value);
  if (Number.isInteger(given) && given >= min && given <= max) return given;
  throw invalid(`${name} is ${given}; it is a whole number, ${bounds}`);
}

// A text is never read as a number, and not echoed.
const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** One of several words. */
export function readWord<Word extends string>(
  { name, value }: Pick<Setting, "name" | "value">,
  words: readonly Word[],
): Word {
  const found = words.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw invalid(`${name} is none of ${words.join(", ")}; choose one of them`);
}
