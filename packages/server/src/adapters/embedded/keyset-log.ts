/**
 * The live part of one keyset's log: a queue for each channel that has young messages, found by name or by prefix.
 *
 * Called by the memory broker only, which orders the messages and decides what leaves.
 *
 * @module
 */
import { type SubscribeName, type Timetoken, prefixesOf } from "@longwave/protocol";
import type { ReadAnswer, ReadRequest, Shortfall } from "../../ports/broker.ts";
import type { Message } from "../../ports/message.ts";
import { ChannelQueue } from "./channel-queue.ts";

/** Queues of one keyset. */
export class KeysetLog {
  readonly keyset: string;
  /** For channels without a queue: nothing after this one has been forgotten. */
  #floor: Timetoken;
  readonly #queues = new Map<string, ChannelQueue>();
  readonly #queuesByPrefix = new Map<string, Set<ChannelQueue>>();

  constructor(keyset: string, floor: Timetoken) {
    this.keyset = keyset;
    this.#floor = floor;
  }

  /** The queue of a channel, opened where there is none. */
  queueFor(channel: string): ChannelQueue {
    return this.#queues.get(channel) ?? this.#open(channel);
  }

  /** Whether a message that was pushed has not been forgotten since. */
  remembers({ channel, timetoken }: Message): boolean {
    const queue = this.#queues.get(channel);
    return queue !== undefined && timetoken > queue.floor;
  }

  /** Forgets a channel whose queue ran empty; its floor lives on in the keyset's. */
  close(queue: ChannelQueue): void {
    if (queue.floor > this.#floor) this.#floor = queue.floor;
    this.#queues.delete(queue.channel);
    for (const prefix of prefixesOf(queue.channel)) {
      const queues = this.#queuesByPrefix.get(prefix);
      queues?.delete(queue);
      if (queues?.size === 0) this.#queuesByPrefix.delete(prefix);
    }
  }

  /** The oldest matching messages after a cursor, and the names for which memory does not reach back to it. */
  read({ after, names, messagesMax }: ReadRequest): ReadAnswer {
    const queues = new Set<ChannelQueue>();
    const shortfalls: Shortfall[] = [];
    for (const name of names) {
      const through = this.#collect(name, queues);
      if (through > after) shortfalls.push({ name, through });
    }
    return { messages: mergeOldest(queues, after, messagesMax), shortfalls };
  }

  // Adds the queues that a name matches, and says after which instant they hold everything.
  #collect(name: SubscribeName, into: Set<ChannelQueue>): Timetoken {
    if (name.kind === "channel") {
      const queue = this.#queues.get(name.name);
      if (!queue) return this.#floor;
      into.add(queue);
      return queue.floor;
    }
    let through = this.#floor; // of channels under the prefix that have no queue any more
    for (const queue of this.#queuesByPrefix.get(name.prefix) ?? []) {
      into.add(queue);
      if (queue.floor > through) through = queue.floor;
    }
    return through;
  }

  #open(channel: string): ChannelQueue {
    const queue = new ChannelQueue(channel, this.#floor);
    this.#queues.set(channel, queue);
    for (const prefix of prefixesOf(channel)) {
      const queues = this.#queuesByPrefix.get(prefix);
      if (queues) queues.add(queue);
      else this.#queuesByPrefix.set(prefix, new Set([queue]));
    }
    return queue;
  }
}

function mergeOldest(queues: ReadonlySet<ChannelQueue>, after: Timetoken, messagesMax: number): readonly Message[] {
  const [only] = queues;
  if (only === undefined) return [];
  if (queues.size === 1) return only.after(after, messagesMax);
  const messages = [...queues].flatMap((queue) => queue.after(after, messagesMax));
  return messages.toSorted(byTimetoken).slice(0, messagesMax);
}

/** Orders messages of one keyset by their timetokens. */
export function byTimetoken(one: Message, other: Message): number {
  return one.timetoken < other.timetoken ? -1 : Number(one.timetoken > other.timetoken);
}
