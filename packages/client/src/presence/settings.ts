/**
 * How a client shows that it is there, as applications configure it.
 *
 * Rules: spec/SDK.md SDK29, SDK36, SDK37.
 *
 * @module
 */
import { type Read, type Setting, invalid, readSeconds } from "../setting.ts";

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

/** The longest time that a client counts as present without a sign of life, in seconds. */
const PRESENCE_SECONDS_MAX = 320;

/** What holds where no `presenceTimeout` is given, in seconds. */
export const PRESENCE_SECONDS = 300;

/** Reads `presenceTimeout`: above the most it is the most; zero and less counts as not given. */
export function readPresenceTimeout({ name, value, isGiven }: Setting): number | undefined {
  const seconds = Number(value);
  if (Number.isNaN(seconds)) throw invalid(`${name} is NaN; it is in seconds, at most ${PRESENCE_SECONDS_MAX}`);
  return isGiven && seconds > 0 ? Math.min(Math.ceil(seconds), PRESENCE_SECONDS_MAX) : undefined;
}

/**
 * The pause between heartbeats. Where a `presenceTimeout` was given, one comes twice within it, and a second to spare.
 *
 * @param isOwnFirst whether a given interval counts more than the one that follows from the timeout.
 * @returns milliseconds; zero for no heartbeats.
 */
export function readHeartbeatInterval(setting: Setting, read: Read, isOwnFirst = false): number {
  const timeout = readPresenceTimeout(read("presenceTimeout"));
  if (timeout === undefined || (setting.isGiven && isOwnFirst)) return readInterval(setting);
  return Math.max(timeout / 2 - 1, 1) * 1_000;
}

/** Checks seconds between heartbeats, zero for none; as milliseconds. */
export function readInterval(setting: Pick<Setting, "name" | "value">): number {
  return setting.value === 0 ? 0 : readSeconds(setting, 1, undefined, "0 for none, else at least 1");
}

/** Whether `heartbeatNotificationOptions` has a value. */
export function isTold(read: Read, option: HeartbeatNotificationOptions): boolean {
  return read("heartbeatNotificationOptions").value === option;
}
