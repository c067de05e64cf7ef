/**
 * Timers as a port, so that tests move time by hand.
 *
 * @module
 */

/** Waits. */
export interface Timers {
  /** Calls `run` after a pause. @returns a function that calls it off. */
  after(pauseMs: number, run: () => void): () => void;
}

/** The runtime's own timers. */
export const runtimeTimers: Timers = {
  after(pauseMs, run) {
    const timer = setTimeout(run, pauseMs);
    return () => clearTimeout(timer);
  },
};
