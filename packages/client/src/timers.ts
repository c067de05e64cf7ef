/**
 * Timers as a port, so that tests move time by hand.
 *
 * @module
 */
import { TransportFailure } from "./transport/transport.ts";

/**
 * Waits.
 *
 * @example
 * ```ts
 * const impatient: Timers = { after: (_pauseMs, run) => runtimeTimers.after(0, run) };
 * ```
 */
export interface Timers {
  /**
   * Calls `run` once, after a pause.
   *
   * @param pauseMs milliseconds.
   * @returns a function that calls it off; it may be called at any time, also afterwards.
   */
  after(pauseMs: number, run: () => void): () => void;
}

/** The runtime's own timers. */
export const runtimeTimers: Timers = {
  after(pauseMs, run) {
    const timer = setTimeout(run, pauseMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Waits.
 *
 * @throws {TransportFailure} `cancelled` as soon as the signal aborts.
 */
export function pause(timers: Timers, pauseMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const callOff = timers.after(pauseMs, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    const abort = (): void => {
      callOff();
      reject(new TransportFailure("cancelled"));
    };
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
  });
}

/** Calls `run` after a pause, unless the signal aborts it. */
export function unlessAborted(timers: Timers, pauseMs: number, signal: AbortSignal, run: () => void): void {
  signal.addEventListener("abort", timers.after(pauseMs, run), { once: true });
}
