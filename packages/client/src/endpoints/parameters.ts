/**
 * Checks of what applications give to calls: names, lists of names, timetokens.
 *
 * Only what an address cannot carry, or what would ask for something else, is refused here; the rest is the network's to judge.
 * Pure. Rules: spec/SDK.md SDK27.
 *
 * @module
 */
import { type PubNubError, refusalOf } from "../errors.ts";
import { isTimetoken, numberIn } from "../json.ts";

/** Makes a refusal of a reason. */
export type Refused = (reason: string) => PubNubError;

/** The refusal of a parameter. */
export function invalidParameter(reason: string): PubNubError {
  return refusalOf("Nothing was sent", reason);
}

/**
 * Checks a name that becomes a part of the path.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when it is missing, or the address would be another one.
 */
export function requireName(value: unknown, parameter: string): string {
  if (isSegment(value) && !value.includes(",")) return value;
  throw invalidParameter(`${parameter} is missing or no name; use no comma, no lone dots, whole characters`);
}

/** Whether a value can be a part of the path: dots alone would be resolved away, and half a character cannot be written. */
export function isSegment(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !/^\.{1,2}$/.test(value) && value.isWellFormed();
}

/** Checks a list of names that may be absent. */
export function optionalNames(value: unknown, parameter: string): readonly string[] {
  return listOf(value, parameter, invalidParameter).map((name) => requireName(name, parameter));
}

/** Checks a list that may be absent. @param refused makes the refusal of a reason. */
export function listOf(value: unknown, parameter: string, refused: Refused): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw refused(`${parameter} is no list; give names in an array`);
}

/** Why nothing is done where neither channels nor groups are named. */
export const NOBODY_NAMED = "channels and channelGroups are both missing or empty; name at least one";

/** Checks a list of names, which must have one. */
export function requireNames(value: unknown, parameter: string): readonly string[] {
  const names = optionalNames(value, parameter);
  if (names.length === 0) throw invalidParameter(`${parameter} is missing or empty; list at least one name`);
  return names;
}

/** Checks a timetoken that must be there: 1 to 17 digits in a string. */
export function requireTimetoken(value: unknown, parameter: string, refused: Refused = invalidParameter): string {
  if (isTimetoken(value)) return value;
  throw refused(`${parameter} is not 17 digits in a string; as a number it would lose its last ones`);
}

/** Checks a timetoken that may be absent. */
export function optionalTimetoken(value: unknown, parameter: string): string | undefined {
  return value === undefined || value === null ? undefined : requireTimetoken(value, parameter);
}

/** Checks a whole number that may be absent. */
export function optionalCount(value: unknown, parameter: string, min = 0): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min) return value;
  const given = numberIn(value) ?? "no number";
  throw invalidParameter(`${parameter} is ${given}; give a whole number of at least ${min}, or leave it out`);
}

/** Checks how much a page is to hold, one at least; the most that there may be where it is more. */
export function optionalPage(value: unknown, parameter: string, most: number): number | undefined {
  const wanted = optionalCount(value, parameter, 1);
  return wanted && Math.min(wanted, most);
}

/** Checks that a value is one of several. */
export function requireOneOf(value: unknown, choices: readonly unknown[], parameter: string): void {
  if (choices.includes(value)) return;
  throw invalidParameter(`${parameter} is none of ${choices.join(", ")}; choose one of them`);
}

/** JSON of an object that must be there. */
export function requireObject(value: unknown, parameter: string): string {
  const json = typeof value === "object" && value !== null && !Array.isArray(value) ? stringify(value) : undefined;
  if (json === undefined) throw invalidParameter(`${parameter} is no object that JSON can hold; give one`);
  return json;
}

/** JSON text; nothing for undefined, functions, circles, bigints, and whatever a toJSON throws, which may hold the payload. */
export function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
