/**
 * The client that applications use.
 *
 * @module
 */
import { type Configuration, type PNConfiguration, type PubNubOptions, readConfiguration } from "./configuration.ts";
import { perform } from "./endpoints/call.ts";
import {
  type FireParameters,
  type PublishParameters,
  type SignalParameters,
  type TimetokenResult,
  fireCall,
  publishCall,
  signalCall,
  timeCall,
} from "./endpoints/publishing.ts";
import { PubNubError } from "./errors.ts";
import { type Listener, Listeners } from "./listeners.ts";
import { STATUS_CATEGORIES } from "./status.ts";
import { SubscriptionLoop } from "./subscription/loop.ts";
import { type Timers, runtimeTimers } from "./timers.ts";
import { fetchTransport } from "./transport/fetch.ts";
import type { Transport } from "./transport/transport.ts";

/** What a client is made of besides its configuration; for tests. */
export interface PubNubParts {
  readonly transport?: Transport | undefined;
  readonly timers?: Timers | undefined;
}

/** How a call is made. */
export interface CallOptions {
  /** Aborts the call; its promise then rejects with `PNCancelledCategory`. */
  readonly signal?: AbortSignal | undefined;
}

/** What to subscribe to. */
export interface SubscribeParameters {
  /** Channels and wildcards (`news.*`). Those that are subscribed already stay so. */
  readonly channels: readonly string[];
  /** Start after this instant, 17 digits, instead of now. */
  readonly timetoken?: string | undefined;
}

/**
 * A client of a Longwave network, or of any network that speaks its protocol.
 *
 * Listeners are added before subscribing. Every call rejects with a {@link PubNubError}.
 *
 * @example
 * ```ts
 * const pubnub = new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "alice", origin: "127.0.0.1:1980", ssl: false });
 * pubnub.addListener({ message: ({ channel, message }) => console.log(channel, message) });
 * pubnub.subscribe({ channels: ["hello"] });
 * await pubnub.publish({ channel: "hello", message: { text: "hi" } });
 * ```
 * @see spec/SDK.md
 */
export class PubNub {
  readonly #configuration: Configuration;
  readonly #transport: Transport;
  readonly #listeners = new Listeners();
  readonly #subscription: SubscriptionLoop;

  /**
   * @param configuration a {@link PNConfiguration}, or a plain object.
   * @throws {PubNubError} `PNValidationErrorCategory` when it cannot be used; the message names the property and the remedy.
   */
  constructor(configuration: PNConfiguration | PubNubOptions, parts: PubNubParts = {}) {
    this.#configuration = readConfiguration(configuration);
    this.#transport = parts.transport ?? fetchTransport;
    this.#subscription = new SubscriptionLoop({
      configuration: this.#configuration,
      transport: this.#transport,
      listeners: this.#listeners,
      timers: parts.timers ?? runtimeTimers,
    });
  }

  /** Asks for the network's clock: 17 digits, in 100 ns units since 1970. */
  time(options?: CallOptions): Promise<TimetokenResult> {
    return perform(this.#caller, timeCall, undefined, options?.signal);
  }

  /** Publishes a message; resolves with its timetoken once it is accepted, and kept where it is to be kept. */
  publish(parameters: PublishParameters, options?: CallOptions): Promise<TimetokenResult> {
    return perform(this.#caller, publishCall, parameters, options?.signal);
  }

  /** Publishes a message that is acknowledged, not kept, and delivered to no subscriber. */
  fire(parameters: FireParameters, options?: CallOptions): Promise<TimetokenResult> {
    return perform(this.#caller, fireCall, parameters, options?.signal);
  }

  /** Sends a signal: at most 64 bytes, never kept. */
  signal(parameters: SignalParameters, options?: CallOptions): Promise<TimetokenResult> {
    return perform(this.#caller, signalCall, parameters, options?.signal);
  }

  /** Adds channels to the subscription; a status tells when they are connected. */
  subscribe({ channels, timetoken }: SubscribeParameters): void {
    if (channels.length === 0 || channels.some((channel) => typeof channel !== "string" || channel === "")) {
      throw invalid("channels is empty or holds an empty name; name the channels to subscribe to");
    }
    if (timetoken !== undefined && !/^\d{1,17}$/.test(timetoken))
      throw invalid("timetoken is not 17 digits in a string");
    this.#subscription.handle({ kind: "changed", channels: this.#union(channels), timetoken });
  }

  /** Takes channels out of the subscription. */
  unsubscribe({ channels }: Pick<SubscribeParameters, "channels">): void {
    const rest = this.#subscription.channels.filter((channel) => !channels.includes(channel));
    if (rest.length < this.#subscription.channels.length)
      this.#subscription.handle({ kind: "changed", channels: rest });
  }

  /** Takes every channel out of the subscription. */
  unsubscribeAll(): void {
    this.#subscription.handle({ kind: "changed", channels: [] });
  }

  /** The channels that are subscribed, in alphabetical order. */
  getSubscribedChannels(): readonly string[] {
    return this.#subscription.channels;
  }

  /** Stops receiving; channels and cursor are kept for {@link reconnect}. */
  disconnect(): void {
    this.#subscription.handle({ kind: "disconnect" });
  }

  /** Receives again, from where it stopped or from a timetoken. */
  reconnect(options: Pick<SubscribeParameters, "timetoken"> = {}): void {
    this.#subscription.handle({ kind: "reconnect", timetoken: options.timetoken });
  }

  addListener(listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeListener(listener: Listener): void {
    this.#listeners.remove(listener);
  }

  /** Ends everything; a client that was destroyed may be let go. */
  destroy(): void {
    this.unsubscribeAll();
  }

  /** The older name of {@link destroy}. */
  stop(): void {
    this.destroy();
  }

  get #caller(): { configuration: Configuration; transport: Transport } {
    return { configuration: this.#configuration, transport: this.#transport };
  }

  #union(channels: readonly string[]): readonly string[] {
    return [...new Set([...this.#subscription.channels, ...channels])].toSorted();
  }
}

function invalid(reason: string): PubNubError {
  return new PubNubError(`Nothing was subscribed: ${reason}.`, { category: STATUS_CATEGORIES.validation });
}
