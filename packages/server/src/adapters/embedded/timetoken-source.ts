/**
 * Gives out timetokens: the wall clock where it runs forward, one more than the last where it does not.
 *
 * None is given out beyond what the store has reserved, so that no later start can give it out again, whatever the wall
 * clock does in between (rules BRK2, BRK3). One source serves all keysets of a process.
 *
 * @module
 */
import { TICKS_PER_MS, type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";
import type { MessageStore } from "../../ports/message-store.ts";

/** How far ahead timetokens are reserved: a crash makes the next start begin at most this much ahead of the clock. */
export const RESERVE_AHEAD_MS = 3_000;

const RESERVE_AHEAD = BigInt(RESERVE_AHEAD_MS) * TICKS_PER_MS;

/** What keeps the reservations: the message store, of which no more is needed. */
export type TimetokenReserve = Pick<MessageStore, "reservedThrough" | "lostThrough" | "reserve">;

/** Gives out strictly increasing timetokens. */
export class TimetokenSource {
  readonly #clock: Clock;
  readonly #reserve: TimetokenReserve;
  #last: Timetoken;
  #reservedThrough: Timetoken;
  #renewAfter: Timetoken; // from here on the next reservation is asked for, ahead of need
  #reserving: Promise<boolean> | undefined;
  #wallMs = Number.NaN;
  #wall: Timetoken = 0n; // the timetoken of #wallMs, since making a bigint costs more than comparing two numbers

  constructor(clock: Clock, reserve: TimetokenReserve) {
    this.#clock = clock;
    this.#reserve = reserve;
    this.#last = reserve.reservedThrough;
    this.#reservedThrough = reserve.reservedThrough;
    this.#renewAfter = reserve.reservedThrough;
  }

  /** The newest instant that has been passed: nothing given out later is at or before it. */
  get last(): Timetoken {
    return this.#last;
  }

  /** The wall clock's instant, which may be behind the newest timetoken. */
  get now(): Timetoken {
    return this.#now();
  }

  /** Moves up to the clock's instant without giving it to anybody, as far as the reservation allows. */
  position(): Timetoken {
    const now = this.#now();
    const reachable = now < this.#reservedThrough ? now : this.#reservedThrough;
    if (reachable > this.#last) this.#last = reachable;
    return this.#last;
  }

  /** The next timetoken, or nothing while the reservation does not reach: then {@link extend} first. */
  next(): Timetoken | undefined {
    const next = this.#peek();
    if (next > this.#reservedThrough) return undefined;
    if (next > this.#renewAfter) void this.extend();
    this.#last = next;
    return next;
  }

  /** Reserves more. @returns whether the store took it. */
  extend(): Promise<boolean> {
    this.#reserving ??= this.#extend().finally(() => {
      this.#reserving = undefined;
    });
    return this.#reserving;
  }

  async #extend(): Promise<boolean> {
    const through = this.#peek() + RESERVE_AHEAD;
    if (!(await this.#reserve.reserve(through))) return false;
    if (through > this.#reservedThrough) this.#reservedThrough = through;
    this.#renewAfter = this.#reservedThrough - RESERVE_AHEAD / 2n;
    return true;
  }

  #peek(): Timetoken {
    const now = this.#now();
    return now > this.#last ? now : this.#last + 1n;
  }

  #now(): Timetoken {
    const wallMs = this.#clock.wallMs();
    if (wallMs !== this.#wallMs) {
      this.#wallMs = wallMs;
      this.#wall = timetokenFromMs(wallMs);
    }
    return this.#wall;
  }
}
