/**
 * Reconnection policies: how long to wait before the next attempt, or that there is to be none.
 *
 * Pure. Rules: spec/SDK.md SDK13, SDK38, SDK39.
 *
 * @module
 */

/** How a client tries again. */
export type RetryPolicy =
  | { readonly kind: "none" }
  /** The same pause before each attempt. */
  | { readonly kind: "linear"; readonly delayMs: number; readonly jitterMs: number; readonly retriesMax: number }
  /** The pause doubles up to its limit. */
  | {
      readonly kind: "exponential";
      readonly minimumMs: number;
      readonly maximumMs: number;
      readonly jitterMs: number;
      readonly retriesMax: number;
    }
  /** The classic one: 1, 3, 7, 15, 31 seconds, and then from the beginning. */
  | { readonly kind: "wrapping"; readonly retriesMax: number };

/** Pauses of the classic exponential policy before they begin anew: 2^n - 1 seconds stays below 32 for n up to this. */
const WRAPS_AFTER = 5;

/** The longest that a network's word is waited for, in milliseconds: an hour. */
const RETRY_AFTER_MS_MAX = 3_600_000;

/**
 * The pause before an attempt.
 *
 * @param attempt 1 for the first one after a failure.
 * @param retryAfterMs what the network said to wait; it takes the place of the policy's own pause.
 * @param random a number from 0 to below 1.
 * @returns milliseconds; nothing where there is to be no such attempt.
 * @see spec/SDK.md SDK38
 */
export function pauseMsOf(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  if (policy.kind === "none" || attempt > policy.retriesMax) return undefined;
  const jitterMs = policy.kind === "wrapping" ? 0 : policy.jitterMs * random();
  const baseMs = retryAfterMs === undefined || retryAfterMs <= 0 ? ownPauseMs(policy, attempt) : retryAfterMs;
  return Math.min(baseMs, RETRY_AFTER_MS_MAX) + jitterMs;
}

function ownPauseMs(policy: Exclude<RetryPolicy, { readonly kind: "none" }>, attempt: number): number {
  switch (policy.kind) {
    case "linear":
      return policy.delayMs;
    case "exponential":
      return Math.min(policy.minimumMs * 2 ** (attempt - 1), policy.maximumMs);
    case "wrapping":
      return (2 ** (((attempt - 1) % WRAPS_AFTER) + 1) - 1) * 1_000;
  }
}
