/**
 * Subscription objects: names with listeners of their own, alone or several as a set.
 *
 * Rules: spec/SDK.md SDK44.
 *
 * @module
 */
import type {
  FileEvent,
  MessageActionEvent,
  MessageEvent,
  ObjectsEvent,
  PresenceEvent,
  SignalEvent,
  Told,
} from "../events.ts";
import { type Listener, Listeners } from "../listeners.ts";
import { type Names, type SubscribeParameters, union } from "../subscription/names.ts";
import type { Hub } from "./hub.ts";
import type { Member } from "./members.ts";

/** What a subscription object receives. */
export interface SubscriptionOptions {
  /** Also receive who comes and goes. @defaultValue false */
  readonly receivePresenceEvents?: boolean | undefined;
  /** Receive only events for which this is true; asked in the client, unlike `filterExpression`. */
  readonly filter?: ((event: Told["event"]) => boolean) | undefined;
}

type Handler<Event> = ((event: Event) => void) | undefined;

/**
 * Names with listeners of their own. A name is subscribed as long as somebody wants it: this object, another one, or
 * the client itself.
 *
 * @example
 * ```ts
 * const subscription = pubnub.channel("hello").subscription({ receivePresenceEvents: true });
 * subscription.onMessage = ({ message }) => console.log(message);
 * subscription.onPresence = ({ action, uuid }) => console.log(action, uuid);
 * subscription.subscribe();
 * ```
 * @see spec/SDK.md SDK44
 */
export class Subscription implements Member {
  /** Called with each message. */
  onMessage: Handler<MessageEvent>;
  /** Called with each signal. */
  onSignal: Handler<SignalEvent>;
  /** Called with each presence event. */
  onPresence: Handler<PresenceEvent>;
  /** Called with each message action. */
  onMessageAction: Handler<MessageActionEvent>;
  /** Called with each file. */
  onFile: Handler<FileEvent>;
  /** Called with each event of App Context. */
  onObjects: Handler<ObjectsEvent>;
  /** Called when the client ends it, by `unsubscribeAll()` or `destroy()`. */
  onEnd: (() => void) | undefined;
  readonly #hub: Hub;
  readonly #listeners: Listeners;
  readonly #own: Names;
  readonly #filter: SubscriptionOptions["filter"];
  readonly #parts = new Set<Subscription>();
  #isSubscribed = false;

  /** @param own names of its own; none for a set. */
  constructor(hub: Hub, own: Names, options: Pick<SubscriptionOptions, "filter"> = {}) {
    this.#hub = hub;
    this.#own = own;
    this.#filter = options.filter;
    this.#listeners = new Listeners(hub.report);
    this.#listenItself();
  }

  /** All names, those of its parts among them. */
  get names(): Names {
    return Array.from(this.#parts).reduce((names, part) => union(names, part.names), this.#own);
  }

  /** The subscriptions of which a set is made. */
  get subscriptions(): readonly Subscription[] {
    return Array.from(this.#parts);
  }

  /**
   * Subscribes its names; nothing happens where that is so already.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` as the client's `subscribe`.
   */
  subscribe({ timetoken }: Pick<SubscribeParameters, "timetoken"> = {}): void {
    if (this.#isSubscribed) return;
    this.#hub.join(this, timetoken);
    this.#isSubscribed = true;
  }

  /** Unsubscribes those of its names that nobody else wants; it receives nothing more. */
  unsubscribe(): void {
    if (!this.#isSubscribed) return;
    this.#isSubscribed = false;
    this.#hub.leave(this, this.names, false);
  }

  /** Adds a subscription to this one, which thereby is a set; subscribed at once where this one is. */
  addSubscription(part: Subscription): void {
    if (part === this || part.#parts.has(this) || this.#parts.has(part)) return;
    this.#parts.add(part);
    try {
      if (this.#isSubscribed) this.#hub.join(this);
    } catch (refusal) {
      this.#parts.delete(part);
      throw refusal;
    }
  }

  /** Takes a subscription out of this one. */
  removeSubscription(part: Subscription): void {
    if (this.#parts.delete(part) && this.#isSubscribed) this.#hub.leave(this, part.names, true);
  }

  /** Adds a listener; one that is there already stays once. Statuses are the client's, and not told here. */
  addListener(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** Removes a listener: it is told nothing more. */
  removeListener(listener: Listener): void {
    this.#listeners.remove(listener);
  }

  /** Removes every listener and handler. */
  removeAllListeners(): void {
    this.#listeners.clear();
    this.onMessage = this.onSignal = this.onPresence = this.onMessageAction = undefined;
    this.onFile = this.onObjects = undefined;
    this.#listenItself();
  }

  /** Takes an event; called by the client. Parts that are not subscribed themselves receive it through their set. */
  offer(match: string, told: Told): void {
    const { channels, groups } = this.names;
    if (!channels.includes(match) && !groups.includes(match)) return;
    if (this.#passes(told)) this.#listeners.tell(told);
    for (const part of this.#parts) if (!part.#isSubscribed) part.offer(match, told);
  }

  /** The client has ended it; called by the client. */
  ended(): void {
    this.#isSubscribed = false;
    this.onEnd?.();
  }

  // A filter that throws is reported, and lets nothing through.
  #passes({ event }: Told): boolean {
    try {
      return this.#filter === undefined || this.#filter(event);
    } catch (failure) {
      this.#hub.report(failure);
      return false;
    }
  }

  #listenItself(): void {
    this.#listeners.add({
      message: (event) => this.onMessage?.(event),
      signal: (event) => this.onSignal?.(event),
      presence: (event) => this.onPresence?.(event),
      messageAction: (event) => this.onMessageAction?.(event),
      file: (event) => this.onFile?.(event),
      objects: (event) => this.onObjects?.(event),
    });
  }
}

/** A subscription of several. */
export type SubscriptionSet = Subscription;
