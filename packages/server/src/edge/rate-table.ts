/**
 * Token buckets, as many as there is room for: one number for each key that was seen of late.
 *
 * The number is the instant at which the key's bucket is full again, so filling it needs no timer, and a key that was silent
 * for long enough is the same as one never seen. The table has two generations: when the young one is full it becomes
 * the old one, and what nobody asked for meanwhile is forgotten. Rules: spec/LIMITS.md LMT2, LMT3.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Clock } from "../ports/clock.ts";

const BURST_MS = LIMITS.burstSecondsMax * 1_000;
/** Sums of fractions of a millisecond are not exact. */
const TOLERANCE_MS = 0.001;

/** Counts requests by key. */
export class RateTable {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  #young = new Map<string, number>();
  #old: ReadonlyMap<string, number> = new Map<string, number>();

  /** @param entriesMax keys of one generation, at least 1. */
  constructor(clock: Clock, entriesMax: number = LIMITS.rateTableEntriesMax) {
    this.#clock = clock;
    this.#entriesMax = entriesMax;
  }

  /** Keys that are remembered now, some perhaps twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Takes one token; whether there was one. What is refused takes none.
   *
   * @param perSecond how fast the bucket fills, at least 1; it holds what comes in {@link LIMITS.burstSecondsMax}.
   */
  take(key: string, perSecond: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const fullMs = Math.max(this.#young.get(key) ?? this.#old.get(key) ?? 0, nowMs) + 1_000 / perSecond;
    if (fullMs - nowMs > BURST_MS + TOLERANCE_MS) return false;
    if (this.#young.size >= this.#entriesMax && !this.#young.has(key)) this.#age();
    this.#young.set(key, fullMs);
    return true;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
