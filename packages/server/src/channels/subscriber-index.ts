/**
 * Who waits for what: finds the subscribers of a channel, by its name and by the wildcards over it.
 *
 * One index a node. It is fed by the broker's follow, and it calls nobody but subscribers. Rules: spec/SUBSCRIBE.md SUB9.
 *
 * @module
 */
import { type SubscribeName, type Timetoken, prefixesOf } from "@longwave/protocol";
import type { Message } from "../ports/message.ts";
import { Delivery } from "./delivery.ts";

/** Somebody who waits. */
export interface Subscriber {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  /** Without repetition. */
  readonly names: readonly SubscribeName[];
  /** Everything up to here has been delivered. */
  readonly after: Timetoken;
  /** Takes note of a message; returns whether it is the first since the last {@link flush}. */
  offer(delivery: Delivery, requested: SubscribeName): boolean;
  /** Called after all messages of a batch have been offered. */
  flush(): void;
}

interface KeysetSubscribers {
  readonly byChannel: Map<string, Set<Subscriber>>;
  readonly byPrefix: Map<string, Set<Subscriber>>;
  count: number;
}

/** The subscribers of one node. */
export class SubscriberIndex {
  readonly #keysets = new Map<string, KeysetSubscribers>();

  /** Subscribers of one keyset. */
  countOf(keyset: string): number {
    return this.#keysets.get(keyset)?.count ?? 0;
  }

  /** Channels and prefixes that somebody waits for, over all keysets; for tests that look for leaks. */
  get names(): number {
    return [...this.#keysets.values()].reduce(
      (sum, { byChannel, byPrefix }) => sum + byChannel.size + byPrefix.size,
      0,
    );
  }

  /** Whether anybody waits for a message's channel. */
  isWanted({ keyset, channel }: Message): boolean {
    const subscribers = this.#keysets.get(keyset);
    if (!subscribers) return false;
    if (subscribers.byChannel.has(channel)) return true;
    return subscribers.byPrefix.size > 0 && prefixesOf(channel).some((prefix) => subscribers.byPrefix.has(prefix));
  }

  add(subscriber: Subscriber): void {
    const subscribers = this.#keysets.get(subscriber.keyset) ?? this.#open(subscriber.keyset);
    subscribers.count += 1;
    for (const name of subscriber.names) {
      if (name.kind === "channel") addTo(subscribers.byChannel, name.name, subscriber);
      else addTo(subscribers.byPrefix, name.prefix, subscriber);
    }
  }

  remove(subscriber: Subscriber): void {
    const subscribers = this.#keysets.get(subscriber.keyset);
    if (!subscribers) return;
    subscribers.count -= 1;
    for (const name of subscriber.names) {
      if (name.kind === "channel") removeFrom(subscribers.byChannel, name.name, subscriber);
      else removeFrom(subscribers.byPrefix, name.prefix, subscriber);
    }
    if (subscribers.count === 0) this.#keysets.delete(subscriber.keyset);
  }

  /** Offers messages, which come in timetoken order, to everybody who waits for them, then lets each answer. */
  deliver(messages: readonly Message[]): void {
    const touched: Subscriber[] = [];
    for (const message of messages) {
      const subscribers = this.#keysets.get(message.keyset);
      if (subscribers) offerTo(subscribers, message, touched);
    }
    for (const subscriber of touched) subscriber.flush();
  }

  #open(keyset: string): KeysetSubscribers {
    const subscribers: KeysetSubscribers = { byChannel: new Map(), byPrefix: new Map(), count: 0 };
    this.#keysets.set(keyset, subscribers);
    return subscribers;
  }
}

function offerTo({ byChannel, byPrefix }: KeysetSubscribers, message: Message, touched: Subscriber[]): void {
  const delivery = new Delivery(message);
  const offerAll = (subscribers: ReadonlySet<Subscriber> | undefined, requested: SubscribeName): void => {
    for (const subscriber of subscribers ?? []) {
      if (message.timetoken > subscriber.after && subscriber.offer(delivery, requested)) touched.push(subscriber);
    }
  };
  offerAll(byChannel.get(message.channel), { kind: "channel", name: message.channel });
  if (byPrefix.size === 0) return;
  for (const prefix of prefixesOf(message.channel)) {
    offerAll(byPrefix.get(prefix), { kind: "wildcard", name: `${prefix}*`, prefix });
  }
}

function addTo(sets: Map<string, Set<Subscriber>>, name: string, subscriber: Subscriber): void {
  const set = sets.get(name);
  if (set) set.add(subscriber);
  else sets.set(name, new Set([subscriber]));
}

function removeFrom(sets: Map<string, Set<Subscriber>>, name: string, subscriber: Subscriber): void {
  const set = sets.get(name);
  set?.delete(subscriber);
  if (set?.size === 0) sets.delete(name);
}
