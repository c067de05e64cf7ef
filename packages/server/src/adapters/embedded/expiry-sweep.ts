/**
 * Gives back the space of messages that have expired and of ids that have grown old, in small transactions with pauses between them.
 *
 * Not what hides them: every read does that, from the instant they expire. Owned by the message store.
 * Rules: spec/STORE.md STO16, IDM8.
 *
 * @module
 */
import { timetokenFromMs } from "@longwave/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";
import { EXPIRED_PER_TRANSACTION_MAX, expiryOfAll, expiryOfIds } from "./deletions.ts";
import { idFloorAt } from "./publish-ids.ts";
import type { Writer } from "./sqlite-writer.ts";

/** Between two looks for something that has expired. */
const IDLE_MS = 10_000;
/** Between two transactions while there is more: up to 14,000 messages a second leave, and the writer is free most of it. */
const PAUSE_MS = 25;

/** Sweeps until it is stopped. */
export class ExpirySweep {
  readonly #clock: Clock;
  readonly #writer: Writer;
  #timer: Timer;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(clock: Clock, writer: Writer) {
    this.#clock = clock;
    this.#writer = writer;
    this.#timer = this.#after(IDLE_MS);
  }

  /** Ends it; fulfilled when no transaction of its is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer.cancel();
    await this.#sweeping;
  }

  #after(delayMs: number): Timer {
    return this.#clock.after(delayMs, () => {
      this.#sweeping = this.#sweep();
    });
  }

  // A disk that refuses is tried again at the next look.
  async #sweep(): Promise<void> {
    const now = timetokenFromMs(this.#clock.wallMs());
    const { statements } = expiryOfAll(now);
    const outcome = await this.#writer.write({ statements: [...statements, expiryOfIds(idFloorAt(now))] });
    const swept = outcome.kind === "written" ? Math.max(...outcome.changes.slice(-2)) : 0; // messages, ids
    if (!this.#isStopped) this.#timer = this.#after(swept < EXPIRED_PER_TRANSACTION_MAX ? IDLE_MS : PAUSE_MS);
  }
}
