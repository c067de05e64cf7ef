/**
 * A channel's queue: the newest messages of one channel, a window over its log.
 *
 * Not a store: what leaves the window is forgotten here, and `floor` says up to where. Called by the memory broker only.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { Message } from "../../ports/message.ts";

const COMPACT_AT = 512;

/** The messages of one channel after `floor`, oldest first. */
export class ChannelQueue {
  readonly channel: string;
  /** Every message of the channel after this one is in the queue. */
  floor: Timetoken;
  /** The newest message that left and that no store will give back. */
  lost: Timetoken;
  #items: Message[] = [];
  #head = 0; // items before it have left; dropped in bulk, so that leaving costs no move

  constructor(channel: string, floor: Timetoken, lost: Timetoken) {
    this.channel = channel;
    this.floor = floor;
    this.lost = lost;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The oldest message still here. */
  get oldest(): Message | undefined {
    return this.#items[this.#head];
  }

  /** Adds a message that is newer than all before it. */
  push(message: Message): void {
    this.#items.push(message);
  }

  /**
   * Forgets the oldest message and raises the floor to it.
   *
   * @param isAged whether it has outlived the window, after which the store does not give it to subscribers either.
   */
  shift(isAged: boolean): Message | undefined {
    const message = this.#items[this.#head];
    if (message === undefined) return undefined;
    this.#head += 1;
    this.floor = message.timetoken;
    if (isAged || !message.stored) this.lost = message.timetoken;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  /** The oldest messages after a cursor, at most `messagesMax`. */
  after(cursor: Timetoken, messagesMax: number): readonly Message[] {
    const items = this.#items;
    const newest = items[items.length - 1];
    if (newest === undefined || newest.timetoken <= cursor) return NONE;
    let low = this.#head;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const message = items[middle];
      if (message !== undefined && message.timetoken > cursor) high = middle;
      else low = middle + 1;
    }
    return items.slice(low, low + messagesMax);
  }
}

const NONE: readonly Message[] = Object.freeze([]);
