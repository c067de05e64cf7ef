/**
 * A clock that tests move by hand: five minutes pass in a millisecond, and the wall clock can be set back.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports/clock.ts";

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  /** @param wallMs where the wall clock stands at first, in milliseconds since the Unix epoch. */
  constructor(wallMs = 1_732_605_123_456) {
    this.#wallMs = wallMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const pending: Pending = { dueMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Timers that wait, for tests that look for leaks. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves both clocks forward and runs every timer that falls due, in the order of their times. */
  advance(milliseconds: number): void {
    const endMs = this.#monotonicMs + milliseconds;
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#pending.delete(next);
      this.#moveTo(next.dueMs);
      next.run();
    }
    this.#moveTo(endMs);
  }

  /** Sets the wall clock alone, forwards or back, as an administrator or NTP would. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }

  #nextDue(endMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > endMs) continue;
      if (!first || pending.dueMs < first.dueMs || (pending.dueMs === first.dueMs && pending.order < first.order)) {
        first = pending;
      }
    }
    return first;
  }
}
