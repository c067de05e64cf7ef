/**
 * Gathers a room's small changes while its previous transaction is under way, so that many of them share one wait for the
 * disk and the rooms behind them in the writer's queue do not wait for each.
 *
 * Order: changes are made, and their outcomes become known, in the order of the calls. Changes of one batch become durable
 * together or not at all, so a statement must not fail but for the disk: what may be refused is a condition in its text.
 *
 * @module
 */
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

interface Waiting {
  readonly statements: readonly SqlStatement[];
  readonly settle: (changes: readonly number[] | undefined) => void;
}

/** Changes in one transaction, so that its callers do not wait for a whole flood. */
const BATCH_MAX = 500;

/** One room's way to the writer. */
export class SqlBatches {
  readonly #writer: Writer;
  readonly #refused: (reason: string) => void;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;

  /** @param refused told the database's own word when it refuses a batch, for the log. */
  constructor(writer: Writer, refused: (reason: string) => void) {
    this.#writer = writer;
    this.#refused = refused;
  }

  /**
   * Makes a change.
   *
   * @returns how many rows each statement changed, or nothing when the disk refused it: then nothing of it was done.
   */
  write(statements: readonly SqlStatement[]): Promise<readonly number[] | undefined> {
    return new Promise((settle) => {
      this.#waiting.push({ statements, settle });
      this.#sending ??= this.#sendAll();
    });
  }

  /** Waits until nothing waits. */
  async drain(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // what this turn of the event loop brings goes together
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, BATCH_MAX));
    this.#sending = undefined;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const outcome = await this.#writer.write({ statements: batch.flatMap(({ statements }) => statements) });
    if (outcome.kind === "refused") this.#refused(outcome.reason);
    let at = 0;
    for (const { statements, settle } of batch) {
      settle(outcome.kind === "written" ? outcome.changes.slice(at, at + statements.length) : undefined);
      at += statements.length;
    }
  }
}
