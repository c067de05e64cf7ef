/**
 * Timetokens and dates: an instant of the network as one of the runtime, and back.
 *
 * Pure. Rules: spec/SDK.md SDK66.
 *
 * @module
 */
import { msFromTimetoken, printTimetoken, timetokenFromMs } from "@longwave/protocol";
import { requireTimetoken } from "./endpoints/parameters.ts";
import { type PubNubError, refusalOf } from "./errors.ts";

/**
 * The date of a timetoken; what is below a millisecond is dropped.
 *
 * @param timetoken 1 to 17 digits, in 100 ns units since 1970.
 * @throws {PubNubError} `PNValidationErrorCategory` when it is something else.
 * @example
 * ```ts
 * const { timetoken } = await pubnub.time();
 * console.log(dateOfTimetoken(timetoken).toLocaleTimeString());
 * ```
 * @see spec/SDK.md SDK66
 */
export function dateOfTimetoken(timetoken: string): Date {
  const refused = (reason: string): PubNubError => refusalOf("There is no date", reason);
  return new Date(msFromTimetoken(BigInt(requireTimetoken(timetoken, "timetoken", refused))));
}

/**
 * The timetoken of a date: for history from a day on, for example.
 *
 * @param date from 1970 to the year 2286.
 * @returns 17 digits.
 * @throws {PubNubError} `PNValidationErrorCategory` when there is none for it.
 * @example
 * ```ts
 * const { messages } = await pubnub.history({ channel: "hello", end: timetokenOfDate(new Date("2026-01-01")) });
 * ```
 * @see spec/SDK.md SDK66
 */
export function timetokenOfDate(date: Date): string {
  const ms = date.getTime();
  const timetoken = ms >= 0 ? printTimetoken(timetokenFromMs(ms)) : "";
  if (timetoken.length === 17) return timetoken;
  throw refusalOf("There is no timetoken", "date is none, or not from 1970 to 2286; give another one");
}
