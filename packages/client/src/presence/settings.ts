/**
 * How a client shows that it is there, as applications configure it.
 *
 * Rules: spec/SDK.md SDK29, SDK36, SDK37.
 *
 * @module
 */
import { type Setting, invalid, readWord } from "../setting.ts";

/**
 * The values of `heartbeatNotificationOptions`.
 *
 * @example
 * ```ts
 * const configuration = new PNConfiguration();
 * configuration.heartbeatNotificationOptions = PNHeartbeatNotificationOptions.ALL;
 * ```
 * @see spec/SDK.md SDK37
 */
export const PNHeartbeatNotificationOptions = Object.freeze({
  NONE: "NONE",
  FAILURES: "FAILURES",
  ALL: "ALL",
  /** Another spelling of `ALL`. */
  All: "ALL",
} as const);

/** A value of {@link PNHeartbeatNotificationOptions}. */
export type HeartbeatNotificationOptions =
  (typeof PNHeartbeatNotificationOptions)[keyof typeof PNHeartbeatNotificationOptions];

/** Which heartbeats are told of. */
export interface HeartbeatNotices {
  readonly success: boolean;
  readonly failure: boolean;
}

/** The longest time that a client counts as present without a sign of life, in seconds. */
const PRESENCE_SECONDS_MAX = 320;

/** What holds where no `presenceTimeout` is given, in seconds. */
export const PRESENCE_SECONDS = 300;

/** The longest pause between heartbeats, in seconds. */
const INTERVAL_SECONDS_MAX = 3_600;

/** Reads `presenceTimeout`: above the most it is the most; zero and less counts as not given. */
export function readPresenceTimeout({ name, value, isGiven }: Setting): number | undefined {
  const seconds = Number(value);
  if (Number.isNaN(seconds)) throw invalid(`${name} is NaN; it is in seconds, at most ${PRESENCE_SECONDS_MAX}`);
  return isGiven && seconds > 0 ? Math.min(Math.ceil(seconds), PRESENCE_SECONDS_MAX) : undefined;
}

/**
 * The pause between heartbeats.
 *
 * @param presenceTimeout seconds, where one was given: twice within it, and a second to spare, a heartbeat comes.
 * @param isOwnFirst whether a given interval counts more than the one that follows from the timeout.
 * @returns milliseconds; zero for no heartbeats.
 */
export function readHeartbeatIntervalMs(
  setting: Setting,
  presenceTimeout: number | undefined,
  isOwnFirst = false,
): number {
  const isOwn = setting.isGiven && (isOwnFirst || presenceTimeout === undefined);
  if (isOwn || presenceTimeout === undefined) return checkIntervalSeconds(setting) * 1_000;
  return intervalSecondsOf(presenceTimeout) * 1_000;
}

/** Seconds between heartbeats for a timeout: half of it less one, but a second at least. */
export function intervalSecondsOf(presenceTimeout: number): number {
  return Math.max(presenceTimeout / 2 - 1, 1);
}

/** Checks seconds between heartbeats; zero for none. */
export function checkIntervalSeconds({ name, value }: Omit<Setting, "isGiven">): number {
  const seconds = Number(value);
  if (seconds === 0 || (seconds >= 1 && seconds <= INTERVAL_SECONDS_MAX)) return seconds;
  throw invalid(`${name} is ${seconds}; it is in seconds, 0 for none, else 1 to ${INTERVAL_SECONDS_MAX}`);
}

/** Reads `heartbeatNotificationOptions`. */
export function readHeartbeatOptions(setting: Setting): HeartbeatNotices {
  const option = readWord(setting, ["NONE", "FAILURES", "ALL"]);
  return { success: option === "ALL", failure: option !== "NONE" };
}
