/**
 * When a notification is tried again. Pure. Rule: spec/PUSH.md PSH44.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";

/**
 * How long to wait.
 *
 * @param attempts how often it has been tried in vain, 1 or more.
 * @param afterMs what the provider asks to wait at least.
 * @param chance 0 to 1: so that what failed at once does not come back at once.
 * @returns milliseconds.
 */
export function backOffMs(attempts: number, afterMs: number | undefined, chance: number): number {
  const doubled = LIMITS.pushRetrySecondsMin * 1_000 * 2 ** Math.min(attempts - 1, 30);
  const most = Math.min(doubled, LIMITS.pushRetrySecondsMax * 1_000);
  return Math.max(Math.round(most * (1 - chance / 2)), afterMs ?? 0);
}
