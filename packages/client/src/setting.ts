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
