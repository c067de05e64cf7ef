/**
 * The clock port: the only source of time in the server, so that tests move it by hand.
 *
 * @module
 */

/** A timer that has been asked for and can be called off. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Reads the time and waits for it. */
export interface Clock {
  /** The wall clock in milliseconds since the Unix epoch. It may step, also backwards. */
  wallMs(): number;
  /** Milliseconds since an arbitrary start; never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /**
   * Calls `run` once, not before `delayMs` of monotonic time have passed.
   *
   * A pending timer does not keep the process alive.
   */
  after(delayMs: number, run: () => void): Timer;
}

/** Calls `run` again and again with `periodMs` between the end of one call and the next, until cancelled. */
export function every(clock: Clock, periodMs: number, run: () => void): Timer {
  let timer = clock.after(periodMs, tick);
  let cancelled = false;
  function tick(): void {
    run();
    if (!cancelled) timer = clock.after(periodMs, tick);
  }
  return {
    cancel: () => {
      cancelled = true;
      timer.cancel();
    },
  };
}
