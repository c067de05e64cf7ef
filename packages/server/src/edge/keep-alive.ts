/**
 * Signs of life on event streams that have nothing to say: one timer for all of them.
 *
 * @module
 */
import { type Clock, type Timer, every } from "../ports/clock.ts";

/** A stream that must not stay silent for long. */
export interface Beating {
  /** Whether its connection takes nothing now. */
  readonly isFull: boolean;
  /** Writes a sign of life. */
  beat(): void;
  /** Ends it: its reader has taken nothing for too long. */
  close(): void;
}

/** How long a stream may be silent, in milliseconds: less than proxies and browsers allow. */
export const BEAT_MS = 15_000;
/** How long a reader may take nothing, in milliseconds. */
export const STALL_MS_MAX = 60_000;
const TICK_MS = 1_000;

/** The event streams of one node, in the order of their last sign of life. */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #beatenMs = new Map<Beating, number>();
  readonly #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = every(clock, TICK_MS, () => this.#tick());
  }

  add(stream: Beating): void {
    this.#beatenMs.set(stream, this.#clock.monotonicMs());
  }

  delete(stream: Beating): void {
    this.#beatenMs.delete(stream);
  }

  /** Something was written, or has left. */
  beaten(stream: Beating): void {
    if (this.#beatenMs.delete(stream)) this.add(stream);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [stream, beatenMs] of this.#beatenMs) {
      const silentMs = nowMs - beatenMs;
      if (silentMs < BEAT_MS) return;
      if (!stream.isFull) {
        stream.beat();
        this.beaten(stream);
      } else if (silentMs >= STALL_MS_MAX) {
        stream.close();
      }
    }
  }
}
