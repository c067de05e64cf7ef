/**
 * Timetoken: the instant a message was accepted, and the cursor that a subscriber carries.
 *
 * Wire form: exactly 17 decimal digits, 100-nanosecond units since 1970-01-01T00:00:00Z, so it exceeds 2^53:
 * a string on the wire, a bigint inside, never a Number. Pure: no clock. Rules: spec/PROTOCOL.md TIM1-TIM4.
 *
 * @module
 */
import { NetworkError } from "./network-error.ts";

/** An instant in 100 ns units since the Unix epoch. `0n` as a cursor asks for now. */
export type Timetoken = bigint;

/** Where a subscriber stands: everything up to and including `timetoken` has been delivered. */
export interface Cursor {
  readonly timetoken: Timetoken;
  /** The region whose clock made the timetoken, 1 to 127; 0 where the client has not learned one yet. */
  readonly region: number;
}

/** 100 ns units in a millisecond. */
export const TICKS_PER_MS = 10_000n;

/** Digits of a printed timetoken. Seventeen from the year 2001 to the year 2286. */
export const TIMETOKEN_DIGITS = 17;

/** The region that this network writes into every cursor and envelope (rules WIRE3, WIRE4). */
export const REGION = 12;

const CURSOR_TEXT = /^\d{1,17}$/;

/**
 * Reads a timetoken that a client sent.
 *
 * @param text 1 to 17 decimal digits, from an untrusted peer; "0" asks for now. Shorter ones compare as numbers.
 * @returns the instant in 100 ns units since the Unix epoch.
 * @throws {NetworkError} `cursorMalformed` (HTTP 400) when `text` is anything else: a sign, a point, 18 digits.
 * @see spec/PROTOCOL.md TIM2
 * @example
 * ```ts
 * parseTimetoken("17326051234567890"); // 17326051234567890n
 * ```
 */
export function parseTimetoken(text: string): Timetoken {
  if (!CURSOR_TEXT.test(text)) throw new NetworkError("cursorMalformed");
  return BigInt(text);
}

/**
 * Prints a timetoken as the wire wants it.
 *
 * @param timetoken an instant in 100 ns units since the Unix epoch.
 * @returns decimal digits without sign: 17 of them for every instant this network gives out, padded for `0n`.
 * @see spec/PROTOCOL.md TIM1
 * @example
 * ```ts
 * printTimetoken(17326051234567890n); // "17326051234567890"
 * ```
 */
export function printTimetoken(timetoken: Timetoken): string {
  return timetoken.toString().padStart(TIMETOKEN_DIGITS, "0");
}

/**
 * The timetoken of a wall-clock instant.
 *
 * @param wallMs milliseconds since the Unix epoch, as a clock gives them; fractions are dropped.
 */
export function timetokenFromMs(wallMs: number): Timetoken {
  return BigInt(Math.trunc(wallMs)) * TICKS_PER_MS;
}

/** Milliseconds since the Unix epoch of a timetoken, rounded down: exact, since 2^53 ms is the year 287396. */
export function msFromTimetoken(timetoken: Timetoken): number {
  return Number(timetoken / TICKS_PER_MS);
}
