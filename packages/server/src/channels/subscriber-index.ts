/**
 * Who waits for what: finds the subscribers of a channel, by its name, by the wildcards over it, and by its groups.
 *
 * One index a node. It is fed by the broker's follow, and it calls nobody but subscribers. Groups are kept once, however
 * many subscribers ask for them; when one changes it leaves the index and its subscribers are told, so what the index holds
 * is never older than the control log. Rules: spec/SUBSCRIBE.md SUB9, SUB18, SUB19.
 *
 * @module
 */
import { LIMITS, PRESENCE_SUFFIX, type Timetoken, isPresenceName, wildcardsOf } from "@longwave/protocol";
import type { LogEntry } from "../ports/broker.ts";
import type { Message } from "../ports/message.ts";
import { Delivery } from "./delivery.ts";
import type { RequestedGroup, Selection } from "./selection.ts";
import type { Turns } from "./turns.ts";

/** Somebody who waits. */
export interface Subscriber {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  /** The same from {@link SubscriberIndex.add} to {@link SubscriberIndex.remove}. */
  readonly selection: Selection;
  /** Everything up to here has been delivered. */
  readonly after: Timetoken;
  /** Takes note of a message and of the requested name that it matches; whether it is the first since the last flush. */
  offer(delivery: Delivery, requested: string): boolean;
  /** Called after all messages of a batch have been offered. */
  flush(): void;
  /** One of its groups has other members from here on: what was offered before still counts. */
  groupChanged(): void;
  /** What it may do may have changed: it looks for itself. */
  accessChanged(): void;
}

/** A group that somebody waits for. */
interface WatchedGroup {
  readonly group: string;
  readonly members: ReadonlySet<string>;
  readonly messages: Set<Subscriber>;
  readonly presence: Set<Subscriber>;
}

interface KeysetSubscribers {
  readonly byName: Map<string, Set<Subscriber>>;
  readonly groups: Map<string, WatchedGroup>;
  readonly groupsByMember: Map<string, Set<WatchedGroup>>;
  readonly all: Set<Subscriber>;
  /** Those that have been offered something and not been flushed since, in the order in which they are. */
  offered: Subscriber[];
}

/** Deliveries that count as a keyset's share of a turn: a poll's answer costs about this part of it. */
const FLUSHES_PER_TURN = 64;

/** The subscribers of one node. */
export class SubscriberIndex {
  readonly #keysets = new Map<string, KeysetSubscribers>();
  readonly #turns: Turns;

  /** @param turns which keyset's subscribers are next. */
  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** Subscribers of one keyset. */
  countOf(keyset: string): number {
    return this.#keysets.get(keyset)?.all.size ?? 0;
  }

  /** Names and groups that somebody waits for, over all keysets; for tests that look for leaks. */
  get names(): number {
    const sizes = [...this.#keysets.values()].map(
      ({ byName, groups, groupsByMember }) => byName.size + groups.size + groupsByMember.size,
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Whether anybody waits for a message's channel. */
  isWanted({ keyset, channel }: Message): boolean {
    const subscribers = this.#keysets.get(keyset);
    if (!subscribers) return false;
    const { byName, groupsByMember } = subscribers;
    if (byName.has(channel)) return true;
    if (groupsByMember.size > 0 && (groupsByMember.has(channel) || groupsByMember.has(withoutPresence(channel)))) {
      return true;
    }
    return channel.includes(".") && wildcardsOf(channel).some((wildcard) => byName.has(wildcard));
  }

  add(subscriber: Subscriber): void {
    const subscribers = this.#keysets.get(subscriber.keyset) ?? this.#open(subscriber.keyset);
    subscribers.all.add(subscriber);
    for (const { name } of subscriber.selection.names) addTo(subscribers.byName, name, subscriber);
    for (const group of subscriber.selection.groups) watch(subscribers, group, subscriber);
  }

  remove(subscriber: Subscriber): void {
    const subscribers = this.#keysets.get(subscriber.keyset);
    if (!subscribers) return;
    subscribers.all.delete(subscriber);
    for (const { name } of subscriber.selection.names) removeFrom(subscribers.byName, name, subscriber);
    for (const group of subscriber.selection.groups) unwatch(subscribers, group, subscriber);
    if (subscribers.all.size === 0) this.#keysets.delete(subscriber.keyset);
  }

  /**
   * Offers messages, which come in timetoken order, to everybody who waits for them, then lets each answer: a keyset with
   * many subscribers a part of them at a time, where others have work too.
   */
  deliver(entries: readonly LogEntry[]): void {
    const fresh = new Map<string, KeysetSubscribers>();
    for (const entry of entries) {
      const subscribers = this.#keysets.get(entry.keyset);
      if (!subscribers) continue;
      if ("control" in entry) {
        flush(subscribers, Number.POSITIVE_INFINITY); // what came before the change is theirs before they hear of it
        if (entry.control.kind === "groupChanged") tellOfChange(subscribers, entry.control.group);
        else for (const subscriber of subscribers.all) subscriber.accessChanged();
      } else {
        const before = subscribers.offered.length;
        offerTo(subscribers, entry);
        if (subscribers.offered.length > before) fresh.set(entry.keyset, subscribers);
      }
    }
    for (const [keyset, subscribers] of fresh) this.#flush(keyset, subscribers);
  }

  #flush(keyset: string, subscribers: KeysetSubscribers): void {
    for (let left = subscribers.offered.length; left > 0; left -= FLUSHES_PER_TURN) {
      const flushes = Math.min(left, FLUSHES_PER_TURN);
      const spendsMs = (LIMITS.turnMsMax * flushes) / FLUSHES_PER_TURN;
      void this.#turns.take(keyset, () => flush(subscribers, flushes), spendsMs);
    }
  }

  #open(keyset: string): KeysetSubscribers {
    const subscribers: KeysetSubscribers = {
      byName: new Map(),
      groups: new Map(),
      groupsByMember: new Map(),
      all: new Set(),
      offered: [],
    };
    this.#keysets.set(keyset, subscribers);
    return subscribers;
  }
}

function flush(subscribers: KeysetSubscribers, flushesMax: number): void {
  for (const subscriber of subscribers.offered.splice(0, flushesMax)) subscriber.flush();
}

function offerTo(subscribers: KeysetSubscribers, message: Message): void {
  const { byName, groupsByMember, offered } = subscribers;
  const { channel } = message;
  const delivery = new Delivery(message);
  const offerAll = (waiting: ReadonlySet<Subscriber> | undefined, requested: string): void => {
    for (const subscriber of waiting ?? NOBODY) {
      if (message.timetoken > subscriber.after && subscriber.offer(delivery, requested)) offered.push(subscriber);
    }
  };
  offerAll(byName.get(channel), channel);
  if (channel.includes(".")) for (const wildcard of wildcardsOf(channel)) offerAll(byName.get(wildcard), wildcard);
  if (groupsByMember.size === 0) return;
  for (const watched of groupsByMember.get(channel) ?? []) offerAll(watched.messages, watched.group);
  if (!isPresenceName(channel)) return;
  for (const watched of groupsByMember.get(withoutPresence(channel)) ?? []) {
    offerAll(watched.presence, `${watched.group}${PRESENCE_SUFFIX}`);
  }
}

const NOBODY: ReadonlySet<Subscriber> = new Set();

function withoutPresence(channel: string): string {
  return isPresenceName(channel) ? channel.slice(0, -PRESENCE_SUFFIX.length) : channel;
}

// The group leaves the index before anybody hears of it, so that whoever comes next brings its new members.
function tellOfChange(subscribers: KeysetSubscribers, group: string): void {
  const watched = subscribers.groups.get(group);
  if (!watched) return;
  forget(subscribers, watched);
  for (const subscriber of new Set([...watched.messages, ...watched.presence])) subscriber.groupChanged();
}

function forget({ groups, groupsByMember }: KeysetSubscribers, watched: WatchedGroup): void {
  groups.delete(watched.group);
  for (const member of watched.members) removeFrom(groupsByMember, member, watched);
}

function watch(subscribers: KeysetSubscribers, requested: RequestedGroup, subscriber: Subscriber): void {
  const { groups, groupsByMember } = subscribers;
  let watched = groups.get(requested.group);
  if (!watched) {
    watched = { group: requested.group, members: requested.members, messages: new Set(), presence: new Set() };
    groups.set(requested.group, watched);
    for (const member of watched.members) addTo(groupsByMember, member, watched);
  }
  (requested.isPresence ? watched.presence : watched.messages).add(subscriber);
}

function unwatch(subscribers: KeysetSubscribers, requested: RequestedGroup, subscriber: Subscriber): void {
  const watched = subscribers.groups.get(requested.group);
  if (!watched) return;
  (requested.isPresence ? watched.presence : watched.messages).delete(subscriber);
  if (watched.messages.size + watched.presence.size === 0) forget(subscribers, watched);
}

function addTo<Item>(sets: Map<string, Set<Item>>, name: string, item: Item): void {
  const set = sets.get(name);
  if (set) set.add(item);
  else sets.set(name, new Set([item]));
}

function removeFrom<Item>(sets: Map<string, Set<Item>>, name: string, item: Item): void {
  const set = sets.get(name);
  set?.delete(item);
  if (set?.size === 0) sets.delete(name);
}
