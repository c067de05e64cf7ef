/**
 * Messages that are on their way to the journal: nobody waits for them, so they leave together, some times a second.
 *
 * Bounds: where the disk refuses for long, the oldest leave first. Called by the group commit only. Rules: spec/STORE.md.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Message } from "../../ports/message.ts";
import { JOURNAL_INTERVAL_MS } from "../../ports/message-store.ts";

/** Messages that may wait for a disk that refuses them. */
const WAITING_MAX = 100_000;
const BATCH_MAX = 20_000;

/** What waits to be journalled. */
export class WaitingJournal {
  readonly #clock: Clock;
  readonly #becomesDue: () => void;
  #messages: Message[] = [];
  #timer: Timer | undefined;

  /** @param becomesDue is called when what waits has waited for its time. */
  constructor(clock: Clock, becomesDue: () => void) {
    this.#clock = clock;
    this.#becomesDue = becomesDue;
  }

  /** Whether what waits has waited long enough, or is too much to wait. */
  get isDue(): boolean {
    const isLong = this.#messages.length >= BATCH_MAX;
    return isLong || (this.#messages.length > 0 && this.#timer === undefined);
  }

  add(message: Message): void {
    this.#messages.push(message);
    if (this.#messages.length > WAITING_MAX) this.#messages = this.#messages.slice(WAITING_MAX / 2);
    this.#wait();
  }

  /** Takes the oldest, as many as one transaction holds. */
  takeBatch(): readonly Message[] {
    return this.#messages.splice(0, BATCH_MAX);
  }

  /** Gives back a batch that was not written. */
  putBack(batch: readonly Message[]): void {
    this.#messages = [...batch, ...this.#messages].slice(-WAITING_MAX);
    this.#wait();
  }

  /** Nothing becomes due by itself any more. */
  stop(): void {
    this.#timer?.cancel();
  }

  /** Takes whatever waits. */
  takeAll(): readonly Message[] {
    return this.#messages.splice(0);
  }

  #wait(): void {
    this.#timer ??= this.#clock.after(JOURNAL_INTERVAL_MS, () => {
      this.#timer = undefined;
      this.#becomesDue();
    });
  }
}
