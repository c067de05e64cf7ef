/**
 * The result of calls that are answered with an instant, and how it is read.
 *
 * @module
 */

import { isRecord, parseJson } from "../json.ts";

/** What publishing and asking for the time give. */
export interface TimetokenResult {
  /** An instant as 17 digits, in 100 ns units since 1970: a string, since it is beyond what numbers hold exactly. */
  readonly timetoken: string;
}

const SENT = /^\s*\[\s*1\s*,\s*"[^"]*"\s*,\s*"(\d{17})"\s*\]\s*$/;
const TIME = /^\s*\[\s*(\d{17})\s*(?:,.*)?\]\s*$/;

/** Reads `[1,"Sent","17326051234567890"]`; nothing for any other text. */
export function parseSent(text: string): TimetokenResult | undefined {
  return timetokenIn(SENT, text);
}

/**
 * Reads `[17326051234567890]`, from the digits: as a number they would lose their last ones. What follows them is left alone.
 * Nothing for any other text.
 */
export function parseTime(text: string): TimetokenResult | undefined {
  return timetokenIn(TIME, text);
}

/** Whether a network that was asked for the time with `lw=1` says that it takes a message with an id once. */
export function readKnowsIds(text: string): boolean {
  const answer = parseJson(text);
  return Array.isArray(answer) && isRecord(answer[1]) && answer[1]["idem"] === true;
}

function timetokenIn(pattern: RegExp, text: string): TimetokenResult | undefined {
  const timetoken = pattern.exec(text)?.[1];
  return timetoken === undefined ? undefined : { timetoken };
}
