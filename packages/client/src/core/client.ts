/**
 * The client of the core: its subscription and its listeners, above the calls that it has.
 *
 * @module
 */
import type { Engine } from "../engine.ts";
import type { CoreListener } from "../listeners.ts";
import { readInterval } from "../presence/settings.ts";
import type { ExponentialRetryParameters, LinearRetryParameters, RetryConfiguration } from "../retry/settings.ts";
import {
  type SubscribeParameters,
  type UnsubscribeParameters,
  NO_NAMES,
  difference,
  isEmpty,
  readTimetoken,
  withNames,
  withoutNames,
} from "../subscription/names.ts";
import { CoreCalls } from "./calls.ts";

/** What every client does. */
export class CoreClient extends CoreCalls {
  /** A policy for `retryConfiguration`: the same pause before each attempt. */
  static LinearRetryPolicy(parameters: LinearRetryParameters): RetryConfiguration {
    return { policy: "linear", ...parameters };
  }

  /** A policy for `retryConfiguration`: pauses that double. */
  static ExponentialRetryPolicy(parameters: ExponentialRetryParameters): RetryConfiguration {
    return { policy: "exponential", ...parameters };
  }

  /** A policy for `retryConfiguration`: a lost network is told, and the application calls `reconnect()`. */
  static NoneRetryPolicy(): RetryConfiguration {
    return { policy: "none" };
  }

  readonly #engine: Engine;

  /** @param engine what it is made of. */
  constructor(engine: Engine) {
    super(engine);
    this.#engine = engine;
  }

  /**
   * Adds channels and channel groups to the subscription; a status tells when they are connected.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` when they cannot be subscribed to; nothing has changed then.
   * @example
   * ```ts
   * pubnub.subscribe({ channels: ["hello", "news.*"], channelGroups: ["family"] });
   * ```
   * @see spec/SDK.md SDK11
   */
  subscribe(parameters: SubscribeParameters): void {
    const timetoken = readTimetoken(parameters.timetoken);
    const { members, subscription } = this.#engine;
    this.#engine.join(withNames(subscription.names, parameters), timetoken);
    members.want(withNames(NO_NAMES, parameters));
  }

  /**
   * Takes channels and channel groups out of the subscription, with their presence, and leaves them. Nothing more of them is
   * delivered once this returns, but to subscription objects that want the same names.
   *
   * @see spec/SDK.md SDK16
   */
  unsubscribe(parameters: UnsubscribeParameters): void {
    const { members, subscription } = this.#engine;
    const gone = members.unwant(difference(subscription.names, withoutNames(subscription.names, parameters)));
    if (!isEmpty(gone)) this.#engine.leave(gone);
  }

  /** Takes everything out of the subscription, leaves it, and forgets the cursor. */
  unsubscribeAll(): void {
    this.#engine.leave(this.#engine.subscription.names);
    this.#engine.members.clear();
  }

  /** The channels that are subscribed, presence companions among them, in alphabetical order. */
  getSubscribedChannels(): readonly string[] {
    return this.#engine.subscription.names.channels;
  }

  /** The channel groups that are subscribed, presence companions among them, in alphabetical order. */
  getSubscribedChannelGroups(): readonly string[] {
    return this.#engine.subscription.names.groups;
  }

  /** Stops receiving, and leaves; names and cursor are kept for {@link reconnect}. */
  disconnect(): void {
    this.#engine.subscription.handle({ kind: "disconnect" });
    this.#engine.presence.handle({ kind: "disconnect" });
  }

  /**
   * Receives again, from where it stopped or from an instant; while the network is lost, tries now instead of later.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` when `timetoken` is no instant.
   */
  reconnect({ timetoken }: Pick<SubscribeParameters, "timetoken"> = {}): void {
    this.#engine.subscription.handle({ kind: "reconnect", timetoken: readTimetoken(timetoken) });
  }

  /**
   * Sets how often heartbeats are sent while something is subscribed.
   *
   * @param seconds 0 for none, else 1 to 3,600.
   * @throws {PubNubError} `PNValidationErrorCategory` for any other number.
   */
  setHeartbeatInterval(seconds: number): void {
    this.#engine.presence.setInterval(readInterval({ name: "heartbeatInterval", value: seconds }));
  }

  /** Adds a listener; one that is there already stays once. */
  addListener(listener: CoreListener): void {
    this.#engine.listeners.add(listener);
  }

  /** Removes a listener: it is told nothing more. */
  removeListener(listener: CoreListener): void {
    this.#engine.listeners.remove(listener);
  }

  /** Ends the subscription and removes every listener. May be called twice. */
  destroy(): void {
    this.unsubscribeAll();
    this.#engine.listeners.clear();
  }

  /** The older name of {@link destroy}. */
  stop(): void {
    this.destroy();
  }
}
