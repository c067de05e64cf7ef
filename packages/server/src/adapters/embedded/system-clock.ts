/**
 * The machine's own clock.
 *
 * @module
 */
import type { Clock } from "../../ports/clock.ts";

/** Reads the machine's clocks; its timers do not keep the process alive. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
