/**
 * Entities: a channel, or a channel group, as an object.
 *
 * Rules: spec/SDK.md SDK44, SDK45.
 *
 * @module
 */
import { PubNubError } from "../errors.ts";
import type { MessageEvent } from "../events.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import { NO_NAMES, type SubscribeParameters, withNames } from "../subscription/names.ts";
import type { Hub } from "./hub.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";

/** Messages that may wait for a loop that does not keep up. */
export const WAITING_MESSAGES_MAX = 10_000;

/** How to iterate over messages. */
export interface MessagesOptions extends Pick<SubscribeParameters, "timetoken"> {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined;
}

/** A channel or a channel group. */
export class Entity {
  readonly #hub: Hub;
  readonly #names: Pick<SubscribeParameters, "channels" | "channelGroups">;

  /** @throws {PubNubError} `PNValidationErrorCategory` when the name is none. */
  constructor(hub: Hub, names: Pick<SubscribeParameters, "channels" | "channelGroups">) {
    withNames(NO_NAMES, names);
    this.#hub = hub;
    this.#names = names;
  }

  /** Makes a subscription, which is not subscribed yet. */
  subscription({ receivePresenceEvents, filter }: SubscriptionOptions = {}): Subscription {
    const names = withNames(NO_NAMES, { ...this.#names, withPresence: receivePresenceEvents });
    return new Subscription(this.#hub, names, { filter });
  }

  /**
   * The messages that come, for `for await`: subscribed while it runs, until its signal or the client ends it.
   *
   * @throws {PubNubError} `PNUnknownCategory` when more than 10,000 messages wait for the loop.
   * @example
   * ```ts
   * for await (const { message } of pubnub.channel("hello").messages({ signal: AbortSignal.timeout(60_000) })) {
   *   console.log(message);
   * }
   * ```
   * @see spec/SDK.md SDK45
   */
  async *messages({ signal, timetoken }: MessagesOptions = {}): AsyncGenerator<MessageEvent, void, undefined> {
    const subscription = this.subscription();
    const queue = new MessageQueue();
    const end = (): void => queue.end();
    subscription.onMessage = (event) => queue.add(event) || subscription.unsubscribe();
    subscription.onEnd = end;
    signal?.addEventListener("abort", end);
    try {
      if (signal?.aborted === true) return;
      subscription.subscribe({ timetoken });
      for (let next = await queue.next(); next !== undefined; next = await queue.next()) yield next;
    } finally {
      signal?.removeEventListener("abort", end);
      subscription.unsubscribe();
    }
  }
}

/** Messages on their way to one loop. */
class MessageQueue {
  readonly #waiting: MessageEvent[] = [];
  #isOver = false;
  #isFull = false;
  #wake = (): void => {};

  /** @returns false where no more is taken, since too many wait. */
  add(event: MessageEvent): boolean {
    this.#isFull ||= this.#waiting.length >= WAITING_MESSAGES_MAX;
    if (!this.#isFull) this.#waiting.push(event);
    this.#wake();
    return !this.#isFull;
  }

  /** There is nothing more to come. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** The next message; nothing after the end. @throws {PubNubError} when there were too many. */
  async next(): Promise<MessageEvent | undefined> {
    if (!this.#isOver && !this.#isFull && this.#waiting.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#isFull) throw tooMany();
    return this.#isOver ? undefined : this.#waiting.shift();
  }
}

function tooMany(): PubNubError {
  const sentence = `More than ${WAITING_MESSAGES_MAX} messages wait for this loop. Do less in it, or receive less.`;
  return new PubNubError(sentence, { category: STATUS_CATEGORIES.unknown, operation: "PNSubscribeOperation" });
}
