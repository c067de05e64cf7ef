/**
 * One publisher and many subscribers: every subscriber gets every message, or the run fails.
 *
 * Messages are published when all have those before them, so a slice measures whole rounds.
 *
 * @module
 */
import type { Load } from "./alternate.ts";
import { RawConnection } from "./raw-connection.ts";
import {
  type Publication,
  type Subscription,
  cursorOf,
  messagesIn,
  publishTarget,
  requireSent,
  subscribeTarget,
} from "./requests.ts";

/** Subscribers of the workloads. */
export const SUBSCRIBERS = 1_000;

/** How the messages go out. */
export interface FanoutOptions {
  readonly transport: "poll" | "webSocket";
  /** Messages that are published at the same time. */
  readonly burst: number;
  readonly keyset?: string | undefined;
  /** The filter of each subscriber, and how many of them a message passes. */
  readonly filters?: { readonly of: (subscriber: number) => string; readonly passed: number } | undefined;
  /** What is published in each round. */
  readonly publication?: (round: number) => Publication;
}

/** Connects the subscribers. @returns a load that counts deliveries. */
export async function fanoutLoad(url: string, options: FanoutOptions): Promise<Load> {
  const { transport, burst, filters, keyset, publication = () => ({}) } = options;
  const publishers = await RawConnection.openMany(url, burst);
  const publish = async (round: number): Promise<void> => {
    const target = publishTarget({ keyset, ...publication(round) });
    for (const body of await Promise.all(publishers.map((publisher) => publisher.get(target)))) requireSent(body);
  };
  await publish(0); // so that a cursor means the same on every server
  const audience = new Audience(burst * (filters?.passed ?? SUBSCRIBERS));
  const connections = await RawConnection.openMany(url, SUBSCRIBERS);
  await Promise.all(
    connections.map((connection, at) => {
      const subscription = { keyset, uuid: `bench-${at}`, filter: filters?.of(at) };
      return transport === "poll"
        ? followByPoll(connection, subscription, audience)
        : connection.upgrade(subscribeTarget(subscription, "0"), (text) => audience.heard(messagesIn(text)));
    }),
  );
  await Bun.sleep(300); // until every poll is held
  let round = 0;
  return async (sliceMs) => {
    const endMs = performance.now() + sliceMs;
    let delivered = 0;
    while (performance.now() < endMs) {
      round += 1;
      await Promise.all([publish(round), audience.nextRound()]);
      delivered += audience.expected;
    }
    return delivered;
  };
}

/** Counts what the subscribers hear. */
class Audience {
  readonly expected: number;
  #heard = 0;
  #ends: (() => void) | undefined;

  constructor(expected: number) {
    this.expected = expected;
  }

  /** Ends when everybody has heard everything. */
  nextRound(): Promise<void> {
    this.#heard = 0;
    return new Promise((resolve) => {
      this.#ends = resolve;
    });
  }

  heard(messages: number): void {
    this.#heard += messages;
    if (this.#heard > this.expected) throw new Error(`${this.#heard} deliveries in place of ${this.expected}`);
    if (this.#heard === this.expected) this.#ends?.();
  }
}

async function followByPoll(connection: RawConnection, subscription: Subscription, audience: Audience): Promise<void> {
  let cursor = cursorOf(await connection.get(subscribeTarget(subscription, "0")));
  const follow = async (): Promise<void> => {
    for (;;) {
      const body = await connection.get(subscribeTarget(subscription, cursor));
      cursor = cursorOf(body);
      audience.heard(messagesIn(body));
    }
  };
  void follow();
}
