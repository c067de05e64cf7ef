/**
 * Whose work is next: where several keysets have some, each gets its share of a turn of the event loop.
 *
 * The runtime hands over every request that has arrived, one after another, so a keyset that asks on a hundred connections
 * would be answered a hundred times before another is answered once; and a message to ten thousand subscribers would be
 * sent to all of them before anybody else's to one. What is beyond a keyset's share waits here, in its order. Bounded by the
 * connections: each has one request at a time. Where only one keyset works, nothing ever waits. Called by the edge for
 * requests and by the subscriber index for deliveries. Rules: spec/LIMITS.md LMT14.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Clock } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";

/** One keyset, and what it does. */
interface Lane {
  /** Of its share. What it takes beyond that in one turn is missing in the next ones. */
  spentMs: number;
  readonly waiting: (() => void)[];
  /** Since the silent ones were forgotten. */
  isHeard: boolean;
}

const SILENT_MS = 1_000;

/** Lets work begin. */
export class Turns {
  readonly #clock: Clock;
  readonly #nextTurn: (run: () => void) => void;
  readonly #lanes = new Map<string, Lane>();
  readonly #busy = new Set<Lane>();
  #forgottenMs: number;

  /** @param nextTurn calls later, when what has arrived meanwhile has been handed over. */
  constructor(clock: Clock, nextTurn: (run: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
    this.#forgottenMs = clock.monotonicMs();
  }

  /**
   * Does some work of a keyset: at once where something is left of its share and none of its work waits.
   *
   * @param keyset the subscribe key; an empty one for the work of none.
   * @param spendsMs what it will cost besides the time until `task` returns, in milliseconds.
   * @returns what the task returns.
   */
  take<Result>(keyset: string, task: () => MaybePromise<Result>, spendsMs = 0): MaybePromise<Result> {
    const lane = this.#laneOf(keyset);
    lane.isHeard = true;
    if (lane.waiting.length === 0) {
      if (this.#lanes.size === 1) return task();
      if (lane.spentMs < LIMITS.turnMsMax) return this.#spend(lane, task, spendsMs);
    }
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        try {
          resolve(this.#spend(lane, task, spendsMs));
        } catch (failure) {
          reject(failure);
        }
      };
      lane.waiting.push(begin);
    });
  }

  #spend<Result>(lane: Lane, task: () => Result, spendsMs: number): Result {
    if (this.#busy.size === 0) this.#nextTurn(() => this.#turn());
    this.#busy.add(lane);
    const startMs = this.#clock.monotonicMs();
    try {
      return task();
    } finally {
      lane.spentMs += this.#clock.monotonicMs() - startMs + spendsMs;
    }
  }

  #turn(): void {
    for (const lane of this.#busy) {
      lane.spentMs = Math.max(0, lane.spentMs - LIMITS.turnMsMax);
      this.#begin(lane);
      if (lane.spentMs === 0 && lane.waiting.length === 0) this.#busy.delete(lane);
    }
    if (this.#busy.size > 0) this.#nextTurn(() => this.#turn());
    this.#forgetSilent();
  }

  #begin(lane: Lane): void {
    let begun = 0;
    for (const begin of lane.waiting) {
      if (lane.spentMs >= LIMITS.turnMsMax) break;
      begun += 1;
      begin();
    }
    lane.waiting.splice(0, begun);
  }

  #laneOf(keyset: string): Lane {
    const known = this.#lanes.get(keyset);
    if (known) return known;
    const lane: Lane = { spentMs: 0, waiting: [], isHeard: true };
    this.#lanes.set(keyset, lane);
    return lane;
  }

  #forgetSilent(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#forgottenMs < SILENT_MS) return;
    this.#forgottenMs = nowMs;
    for (const [keyset, lane] of this.#lanes) {
      if (!lane.isHeard && !this.#busy.has(lane)) this.#lanes.delete(keyset);
      lane.isHeard = false;
    }
  }
}
