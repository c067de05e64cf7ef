/**
 * The client that applications use: every call of the SDK, each a line that hands on.
 *
 * @module
 */
import { type Configuration, type PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { readConfiguration } from "./configuration-reader.ts";
import { type CallOptions, type Caller, perform } from "./endpoints/call.ts";
import {
  type FireParameters,
  type PublishParameters,
  type SignalParameters,
  fireCall,
  publishCall,
  signalCall,
} from "./endpoints/publishing.ts";
import { timeCall } from "./endpoints/time.ts";
import type { TimetokenResult } from "./endpoints/timetoken-result.ts";
import { type Listener, Listeners, type Report, reportToConsole } from "./listeners.ts";
import { SubscriptionLoop } from "./subscription/loop.ts";
import { type SubscribeParameters, readTimetoken, withNames, withoutNames } from "./subscription/names.ts";
import { requireSubscribable } from "./subscription/request.ts";
import { type Timers, runtimeTimers } from "./timers.ts";
import { fetchTransport } from "./transport/fetch.ts";
import type { Transport } from "./transport/transport.ts";

/** What a client is made of besides its configuration; for tests. */
export interface PubNubParts {
  /** Sends requests. @defaultValue the runtime's `fetch` */
  readonly transport?: Transport | undefined;
  /** Waits. @defaultValue the runtime's timers */
  readonly timers?: Timers | undefined;
  /** Takes what listeners throw. @defaultValue writes it to the console */
  readonly report?: Report | undefined;
}

/**
 * A client of a Longwave network, or of any network that speaks its protocol.
 *
 * Listeners are added before subscribing. Calls that return a promise reject with a {@link PubNubError}, the others throw one.
 *
 * @example
 * ```ts
 * const pubnub = new PubNub({
 *   subscribeKey: "demo",
 *   publishKey: "demo",
 *   userId: "alice",
 *   origin: "127.0.0.1:1980",
 *   ssl: false,
 * });
 * pubnub.addListener({ message: ({ channel, message }) => console.log(channel, message) });
 * pubnub.subscribe({ channels: ["hello"] });
 * await pubnub.publish({ channel: "hello", message: { text: "hi" } });
 * ```
 * @see spec/SDK.md
 */
export class PubNub {
  readonly #configuration: Configuration;
  readonly #caller: Caller;
  readonly #listeners: Listeners;
  readonly #subscription: SubscriptionLoop;

  /**
   * @param configuration a {@link PNConfiguration}, or a plain object. It is read once.
   * @param parts for tests: a network and a clock that are moved by hand.
   * @throws {PubNubError} `PNValidationErrorCategory` when it cannot be used; the message names the property and the remedy.
   * @see spec/SDK.md SDK2
   */
  constructor(configuration: PNConfiguration | PubNubOptions, parts: PubNubParts = {}) {
    this.#configuration = readConfiguration(configuration);
    this.#caller = { configuration: this.#configuration, transport: parts.transport ?? fetchTransport };
    this.#listeners = new Listeners(parts.report ?? reportToConsole);
    const timers = parts.timers ?? runtimeTimers;
    this.#subscription = new SubscriptionLoop({ ...this.#caller, listeners: this.#listeners, timers });
  }

  /**
   * Asks for the network's clock.
   *
   * @example
   * ```ts
   * const { timetoken } = await pubnub.time(); // "17326051234567890"
   * ```
   * @see spec/SDK.md SDK9
   */
  time(options: CallOptions = {}): Promise<TimetokenResult> {
    return perform(this.#caller, timeCall, options);
  }

  /**
   * Publishes a message; resolves with its timetoken once it is accepted, and kept where it is to be kept.
   *
   * @throws {PubNubError} `PNBadRequestCategory` when the network refuses it, `PNServerErrorCategory` when it cannot keep it,
   *   `PNNetworkIssuesCategory` or `PNTimeoutCategory` when it is unknown whether it arrived.
   * @example
   * ```ts
   * const { timetoken } = await pubnub.publish({
   *   channel: "hello",
   *   message: { text: "hi" },
   *   meta: { lang: "en" },
   *   customMessageType: "chat-line",
   *   signal: AbortSignal.timeout(2_000),
   * });
   * ```
   * @see spec/SDK.md SDK6
   */
  publish(parameters: PublishParameters): Promise<TimetokenResult> {
    return perform(this.#caller, publishCall, parameters);
  }

  /**
   * Publishes a message that is acknowledged, not kept, and delivered to no subscriber.
   *
   * @throws {PubNubError} as {@link publish}.
   * @see spec/SDK.md SDK7
   */
  fire(parameters: FireParameters): Promise<TimetokenResult> {
    return perform(this.#caller, fireCall, parameters);
  }

  /**
   * Sends a signal: at most 64 bytes of JSON, never kept.
   *
   * @throws {PubNubError} as {@link publish}.
   * @example
   * ```ts
   * await pubnub.signal({ channel: "hello", message: "typing" });
   * ```
   * @see spec/SDK.md SDK7
   */
  signal(parameters: SignalParameters): Promise<TimetokenResult> {
    return perform(this.#caller, signalCall, parameters);
  }

  /**
   * Adds channels to the subscription; a status tells when they are connected.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` when the channels cannot be subscribed to; nothing has changed then.
   * @example
   * ```ts
   * pubnub.subscribe({ channels: ["hello", "news.*"] });
   * ```
   * @see spec/SDK.md SDK11
   */
  subscribe(parameters: SubscribeParameters): void {
    const timetoken = readTimetoken(parameters.timetoken);
    const channels = withNames(this.#subscription.channels, parameters);
    requireSubscribable(this.#configuration, channels);
    this.#subscription.handle({ kind: "changed", channels, timetoken });
  }

  /**
   * Takes channels out of the subscription, with their presence. Nothing more of them is delivered once this returns.
   *
   * @see spec/SDK.md SDK16
   */
  unsubscribe({ channels }: Pick<SubscribeParameters, "channels">): void {
    const rest = withoutNames(this.#subscription.channels, channels);
    if (rest.length === this.#subscription.channels.length) return;
    this.#subscription.handle({ kind: "changed", channels: rest });
  }

  /** Takes every channel out of the subscription, and forgets the cursor. */
  unsubscribeAll(): void {
    this.#subscription.handle({ kind: "changed", channels: [] });
  }

  /** The names that are subscribed, presence companions among them, in alphabetical order. */
  getSubscribedChannels(): readonly string[] {
    return this.#subscription.channels;
  }

  /** Stops receiving; channels and cursor are kept for {@link reconnect}. */
  disconnect(): void {
    this.#subscription.handle({ kind: "disconnect" });
  }

  /**
   * Receives again, from where it stopped or from an instant; while the network is lost, tries now instead of later.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` when `timetoken` is no instant.
   */
  reconnect({ timetoken }: Pick<SubscribeParameters, "timetoken"> = {}): void {
    this.#subscription.handle({ kind: "reconnect", timetoken: readTimetoken(timetoken) });
  }

  /** Adds a listener; one that is there already stays once. */
  addListener(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** Removes a listener: it is told nothing more. */
  removeListener(listener: Listener): void {
    this.#listeners.remove(listener);
  }

  /** Ends the subscription and removes every listener. May be called twice. */
  destroy(): void {
    this.unsubscribeAll();
    this.#listeners.clear();
  }

  /** The older name of {@link destroy}. */
  stop(): void {
    this.destroy();
  }
}
