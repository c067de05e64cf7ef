/**
 * The live part of one keyset's log: a queue for each channel that has young messages, found by name or by wildcard.
 *
 * Called by the memory broker only, which orders the messages and decides what leaves.
 *
 * @module
 */
import { type SubscribeName, type Timetoken, wildcardsOf } from "@longwave/protocol";
import type { ReadAnswer, ReadRequest, Shortfall } from "../../ports/broker.ts";
import type { Message } from "../../ports/message.ts";
import { ChannelQueue } from "./channel-queue.ts";

const NO_MESSAGES: readonly Message[] = Object.freeze([]);
const NO_SHORTFALLS: readonly Shortfall[] = Object.freeze([]);

/** Queues of one keyset. */
export class KeysetLog {
  readonly keyset: string;
  /** For channels without a queue: nothing after this one has been forgotten. */
  #floor: Timetoken;
  /** Of those channels: the newest message that no store will give back. */
  #lost: Timetoken;
  readonly #queues = new Map<string, ChannelQueue>();
  readonly #queuesByWildcard = new Map<string, Set<ChannelQueue>>();

  constructor(keyset: string, floor: Timetoken, lost: Timetoken) {
    this.keyset = keyset;
    this.#floor = floor;
    this.#lost = lost;
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

  /** Forgets a channel whose queue ran empty; its floors live on in the keyset's. */
  close(queue: ChannelQueue): void {
    this.#floor = later(this.#floor, queue.floor);
    this.#lost = later(this.#lost, queue.lost);
    this.#queues.delete(queue.channel);
    for (const wildcard of wildcardsOf(queue.channel)) {
      const queues = this.#queuesByWildcard.get(wildcard);
      queues?.delete(queue);
      if (queues?.size === 0) this.#queuesByWildcard.delete(wildcard);
    }
  }

  /** The oldest matching messages after a cursor, and the names for which memory does not reach back to it. */
  read(request: ReadRequest): ReadAnswer {
    const { after, names, messagesMax } = request;
    const [only] = names;
    // What nearly every poll asks, again and again: is there anything new in this one channel?
    if (only?.kind === "channel" && names.length === 1) return this.#readChannel(only, request);
    const queues = new Set<ChannelQueue>();
    const shortfalls: Shortfall[] = [];
    for (const name of names) {
      const { through, lost } = this.#collect(name, queues);
      if (through > after) shortfalls.push({ name, through, lost });
    }
    return { messages: mergeOldest(queues, after, messagesMax), shortfalls };
  }

  #readChannel(name: SubscribeName, { after, messagesMax }: ReadRequest): ReadAnswer {
    const queue = this.#queues.get(name.name);
    const through = queue?.floor ?? this.#floor;
    const shortfalls = through > after ? [{ name, through, lost: queue?.lost ?? this.#lost }] : NO_SHORTFALLS;
    return { messages: queue?.after(after, messagesMax) ?? NO_MESSAGES, shortfalls };
  }

  // Adds the queues that a name matches, and says after which instant they hold everything. The keyset's floors are those
  // of channels that have no queue any more.
  #collect(name: SubscribeName, into: Set<ChannelQueue>): Omit<Shortfall, "name"> {
    const queue = this.#queues.get(name.name);
    if (queue) into.add(queue);
    if (name.kind === "channel") return floorsOf(queue) ?? { through: this.#floor, lost: this.#lost };
    let [through, lost] = [this.#floor, this.#lost];
    for (const found of this.#queuesByWildcard.get(name.name) ?? []) {
      into.add(found);
      through = later(through, found.floor);
      lost = later(lost, found.lost);
    }
    return { through, lost };
  }

  #open(channel: string): ChannelQueue {
    const queue = new ChannelQueue(channel, this.#floor, this.#lost);
    this.#queues.set(channel, queue);
    for (const wildcard of wildcardsOf(channel)) {
      const queues = this.#queuesByWildcard.get(wildcard);
      if (queues) queues.add(queue);
      else this.#queuesByWildcard.set(wildcard, new Set([queue]));
    }
    return queue;
  }
}

function floorsOf(queue: ChannelQueue | undefined): Omit<Shortfall, "name"> | undefined {
  return queue && { through: queue.floor, lost: queue.lost };
}

function later(one: Timetoken, other: Timetoken): Timetoken {
  return one > other ? one : other;
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
