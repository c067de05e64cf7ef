/**
 * A property of a configuration on its way from the application: its value with the name that the application knows, and
 * the sentence of its refusal.
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

/** A row of a table of properties: what holds where it is not given, and its type where nothing does. */
export interface Property {
  readonly type?: "string" | "number" | "object";
  readonly value?: string | boolean | number;
  /** Its names, the preferred one first, where they are others than the row's. */
  readonly names?: readonly string[];
}

/** A table of properties. */
export type Properties = Readonly<Record<string, Property>>;

/** Reads a property. One that is in no row is one that was not given. */
export type Read<Name extends string> = (name: Name) => Setting;

/** What else there is to say of a table. */
export interface PropertiesOptions {
  /** Names that are taken and have no effect. */
  readonly ignored?: readonly string[];
  /** What to do about a property that is not in it. */
  readonly remedy: string;
}

/**
 * Reads an object by a table of properties.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when it has another property; the reading throws where one has another type.
 */
export function readerOf(
  given: object,
  properties: Properties,
  { ignored = [], remedy }: PropertiesOptions,
): Read<string> {
  const values = new Map(Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null));
  const known = Object.entries(properties).flatMap(([name, { names }]) => names ?? name);
  const unknown = Array.from(values.keys()).find((name) => !known.includes(name) && !ignored.includes(name));
  if (unknown === undefined) return (name) => readSetting(name, properties[name] ?? {}, values);
  throw invalid(`${unknown} is no property that this version knows; ${remedy}, or use one of ${known.join(", ")}`);
}

function readSetting(
  row: string,
  { type, value, names = [row] }: Property,
  values: ReadonlyMap<string, unknown>,
): Setting {
  const [name, other] = names.filter((candidate) => values.has(candidate));
  if (name === undefined) return { name: names[0] ?? row, value, isGiven: false };
  if (other !== undefined) throw invalid(`${name} and ${other} are both given and mean the same; give one of them`);
  const [given, expected] = [values.get(name), type ?? typeof value];
  if (typeof given === expected) return { name, value: given, isGiven: true };
  throw invalid(`${name} must be of the type ${expected}, but it is of the type ${typeof given}`);
}

/** The longest time limit that can be set, in seconds: an hour. */
const SECONDS_MAX = 3_600;

/** The refusal of a configuration. @param reason the property, what is wrong with it, and the remedy; without a full stop. */
export function invalid(reason: string): PubNubError {
  return refusalOf("The configuration cannot be used", reason);
}

/** Seconds above zero, as milliseconds. */
export function readSeconds({ name, value }: Setting): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= SECONDS_MAX) return seconds * 1_000;
  throw invalid(`${name} is ${seconds}; it is in seconds, above 0 and at most ${SECONDS_MAX}`);
}

/** One of several words. */
export function readWord<Word extends string>({ name, value }: Setting, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw invalid(`${name} is none of ${words.join(", ")}; choose one of them`);
}
