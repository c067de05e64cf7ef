/**
 * The client that applications use: the core, every other call, subscriptions as objects, callbacks of the classic form.
 *
 * @module
 */
import { signedStreams, signedTransport, signerOf } from "./access/signing.ts";
import type { PNConfiguration, PubNubOptions } from "./configuration.ts";
import { readConfiguration } from "./configuration-reader.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { openEnvelopes } from "./crypto/payload.ts";
import { Engine, type PubNubParts } from "./engine.ts";
import { Entity } from "./entities/entity.ts";
import { type Hub, hubOf } from "./entities/hub.ts";
import { Subscription, type SubscriptionOptions, type SubscriptionSet } from "./entities/subscription.ts";
import { announcedUrl } from "./files/files.ts";
import type { Listener } from "./listeners.ts";
import { NotificationPayload } from "./push/payload.ts";
import { readersOf } from "./readers.ts";
import { SecretCalls } from "./secret-calls.ts";
import { SubscribeCallback, listenerOf } from "./subscribe-callback.ts";
import { NO_NAMES, type SubscribeParameters } from "./subscription/names.ts";
import { background } from "#background";
import { fetchTransport } from "./transport/fetch.ts";
import { runtimeStreams } from "./transport/stream.ts";

/** What a set of subscriptions is made of. */
export interface SubscriptionSetParameters extends Pick<SubscribeParameters, "channels" | "channelGroups"> {
  /** What each of its subscriptions receives. */
  readonly subscriptionOptions?: SubscriptionOptions | undefined;
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
export class PubNub extends SecretCalls {
  /** Makes what encrypts and decrypts: see {@link CryptoModule}. */
  static readonly CryptoModule = CryptoModule;

  /** A notification for mobile devices, to be built into the payload of a message. */
  static notificationPayload(title?: string, body?: string): NotificationPayload {
    return new NotificationPayload(title, body);
  }

  readonly #hub: Hub;
  readonly #callbacks = new WeakMap<SubscribeCallback, Listener>();

  /**
   * @param configuration a {@link PNConfiguration}, or a plain object. It is read once.
   * @param parts for tests: a network and a clock that are moved by hand.
   * @throws {PubNubError} `PNValidationErrorCategory` when it cannot be used; the message names the property and the remedy.
   * @see spec/SDK.md SDK2
   */
  constructor(configuration: PNConfiguration | PubNubOptions, parts: PubNubParts = {}) {
    const read = readConfiguration(configuration);
    const { cryptoModule } = read;
    const sign = signerOf(read, parts.now ?? Date.now);
    const transport = signedTransport(parts.transport ?? fetchTransport, sign);
    const openStream = signedStreams(parts.openStream ?? runtimeStreams(), sign);
    const behind = parts.background ?? background;
    const engine = new Engine(
      read,
      {
        ...parts,
        transport,
        openStream,
        background: behind && { ...behind, transport: signedTransport(behind.transport, sign) },
      },
      {
        readers: readersOf((file) => announcedUrl(read, file)),
        open: cryptoModule && ((envelopes) => openEnvelopes(cryptoModule, envelopes)),
      },
    );
    super(engine, sign);
    this.#hub = hubOf(engine);
  }

  /**
   * A channel, or a wildcard, as an object.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` when the name is none.
   * @example
   * ```ts
   * const subscription = pubnub.channel("hello").subscription();
   * subscription.onMessage = ({ message }) => console.log(message);
   * subscription.subscribe();
   * ```
   * @see spec/SDK.md SDK44
   */
  channel(name: string): Entity {
    return new Entity(this.#hub, { channels: [name] });
  }

  /** A channel group as an object. @throws {PubNubError} `PNValidationErrorCategory` when the name is none. */
  channelGroup(name: string): Entity {
    return new Entity(this.#hub, { channelGroups: [name] });
  }

  /** A user of App Context as an object, whose subscription receives the user's events. @throws {PubNubError} as above. */
  userMetadata(id: string): Entity {
    return this.channel(id);
  }

  /** A channel of App Context as an object, whose subscription receives the channel's events. @throws {PubNubError} as above. */
  channelMetadata(id: string): Entity {
    return this.channel(id);
  }

  /** A set of subscriptions, one for each name; not subscribed yet. @see spec/SDK.md SDK44 */
  subscriptionSet({
    channels = [],
    channelGroups = [],
    subscriptionOptions,
  }: SubscriptionSetParameters): SubscriptionSet {
    const set = new Subscription(this.#hub, NO_NAMES);
    for (const entity of [
      ...channels.map((name) => this.channel(name)),
      ...channelGroups.map((name) => this.channelGroup(name)),
    ]) {
      set.addSubscription(entity.subscription(subscriptionOptions));
    }
    return set;
  }

  /** Adds a listener; one that is there already stays once. */
  override addListener(listener: Listener): void;
  /** Adds a callback of the classic form. */
  override addListener(callback: SubscribeCallback): void;
  override addListener(listener: Listener | SubscribeCallback): void {
    super.addListener(this.#adapted(listener));
  }

  /** Removes a listener: it is told nothing more. */
  override removeListener(listener: Listener): void;
  /** Removes a callback of the classic form. */
  override removeListener(callback: SubscribeCallback): void;
  override removeListener(listener: Listener | SubscribeCallback): void {
    super.removeListener(this.#adapted(listener));
  }

  #adapted(listener: Listener | SubscribeCallback): Listener {
    if (!(listener instanceof SubscribeCallback)) return listener;
    const adapted = this.#callbacks.get(listener) ?? listenerOf(listener, this);
    this.#callbacks.set(listener, adapted);
    return adapted;
  }
}
