/**
 * Which keyset pays when the queues are full: one that holds more than its share, with its own oldest messages.
 *
 * Called by the memory broker only, which holds the messages in one order. Rules: spec/LIMITS.md LMT12.
 *
 * @module
 */
import type { Message } from "../../ports/message.ts";
import type { KeysetLog } from "./keyset-log.ts";

/** The bytes of each keyset's queues. */
export class QueueShares {
  readonly #bytesMax: number;
  readonly #bytes = new Map<KeysetLog, number>();
  /** Those beyond their share: with a share of a quarter at most three of them can be there when there is no room. */
  readonly #beyond = new Set<KeysetLog>();
  // Where to go on looking for a keyset's oldest: each place of the common order is passed once, until the order moves.
  readonly #passed = new Map<KeysetLog, number>();

  /** @param bytesMax the share of one keyset. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A keyset's queues have grown, or shrunk by a negative number. */
  add(log: KeysetLog, bytes: number): void {
    const sum = (this.#bytes.get(log) ?? 0) + bytes;
    this.#bytes.set(log, sum);
    if (sum > this.#bytesMax) this.#beyond.add(log);
    else if (this.#beyond.delete(log)) this.#passed.delete(log);
  }

  /** Who makes room for a message of a keyset: itself or another that is beyond its share, or nobody in particular. */
  payer(asking: KeysetLog): KeysetLog | undefined {
    if (this.#beyond.has(asking)) return asking;
    const [first] = this.#beyond;
    return first;
  }

  /**
   * The place of a keyset's oldest message.
   *
   * @param remembered all messages, oldest first, some of them forgotten by their queues already.
   * @param head where those that are left begin.
   */
  oldestOf(log: KeysetLog, remembered: readonly Message[], head: number): number {
    let at = Math.max(head, this.#passed.get(log) ?? 0);
    for (
      let next = remembered[at];
      next && !(next.keyset === log.keyset && log.remembers(next));
      next = remembered[at]
    ) {
      at += 1;
    }
    this.#passed.set(log, at);
    return at;
  }

  /** The messages have other places now. */
  moved(): void {
    this.#passed.clear();
  }
}
