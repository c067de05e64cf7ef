/**
 * From a client's `start` and `end` to a stretch of time and the end of it that is taken first.
 *
 * `start` is where scanning begins, and is left out; `end` is where it stops, and is part of it. Pure.
 * Rules: spec/HISTORY.md HIS5, HIS6.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";

/** What a client gives. */
export interface Bounds {
  readonly start: Timetoken | undefined;
  readonly end: Timetoken | undefined;
  /** Scan towards newer messages, whatever the bounds say. */
  readonly isReverse?: boolean;
}

/** Both ends inclusive; empty where `from` is later than `through`. */
export interface ScannedRange {
  readonly from: Timetoken;
  readonly through: Timetoken;
  readonly take: "oldest" | "newest";
}

/** Later than every timetoken that can be asked for. */
const LATEST: Timetoken = 10n ** 18n;

/** The range that bounds mean: forwards where they say so or rise, backwards otherwise. */
export function rangeOf({ start, end, isReverse = false }: Bounds): ScannedRange {
  const rises = start !== undefined && end !== undefined && start < end;
  if (isReverse || rises) {
    return { from: start === undefined ? 0n : start + 1n, through: end ?? LATEST, take: "oldest" };
  }
  return { from: end ?? 0n, through: start === undefined ? LATEST : start - 1n, take: "newest" };
}
