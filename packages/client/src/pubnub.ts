/**
 * The client that applications use: its subscription here, the calls that are answered once in calls.ts.
 *
 * @module
 */
import type { Envelope } from "@longwave/protocol";
import { signedStreams, signedTransport, signerOf } from "./access/signing.ts";
import { Calls } from "./calls.ts";
import { type Configuration, type PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { readConfiguration } from "./configuration-reader.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { type SetStateParameters, type SetStateResult } from "./endpoints/presence.ts";
import { Entity } from "./entities/entity.ts";
import { Members } from "./entities/members.ts";
import { type Hub, Subscription, type SubscriptionOptions, type SubscriptionSet } from "./entities/subscription.ts";
import { toldOf } from "./events.ts";
import { announcedUrl } from "./files/files.ts";
import { type Listener, Listeners, type Report, reportToConsole } from "./listeners.ts";
import { PresenceLoop } from "./presence/loop.ts";
import { PresenceMemory } from "./presence/memory.ts";
import { checkIntervalSeconds } from "./presence/settings.ts";
import { NotificationPayload } from "./push/payload.ts";
import { Repeats } from "./retry/repeats.ts";
import type { ExponentialRetryParameters, LinearRetryParameters, RetryConfiguration } from "./retry/settings.ts";
import type { StatusEvent } from "./status.ts";
import { SubscribeCallback, listenerOf } from "./subscribe-callback.ts";
import { SubscriptionLoop } from "./subscription/loop.ts";
import {
  type Names,
  type SubscribeParameters,
  type UnsubscribeParameters,
  difference,
  NO_NAMES,
  isEmpty,
  plainOf,
  readTimetoken,
  union,
  withNames,
  withoutNames,
} from "./subscription/names.ts";
import { type Notice, statusOf } from "./subscription/notice.ts";
import { requireSubscribable } from "./subscription/request.ts";
import { type Timers, runtimeTimers } from "./timers.ts";
import { fetchTransport } from "./transport/fetch.ts";
import { type OpenStream, runtimeStreams } from "./transport/stream.ts";
import type { Transport } from "./transport/transport.ts";

/** What a client is made of besides its configuration; for tests. */
export interface PubNubParts {
  /** Sends requests. @defaultValue the runtime's `fetch` */
  readonly transport?: Transport | undefined;
  /** Opens WebSockets. @defaultValue the runtime's, where it has them */
  readonly openStream?: OpenStream | undefined;
  /** Milliseconds since 1970, for signatures. @defaultValue `Date.now` */
  readonly now?: (() => number) | undefined;
  /** Waits. @defaultValue the runtime's timers */
  readonly timers?: Timers | undefined;
  /** Numbers from 0 to below 1, by chance. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Takes what listeners throw. @defaultValue writes it to the console */
  readonly report?: Report | undefined;
  /** Takes what may be wrong with the configuration. @defaultValue writes it to the console */
  readonly warn?: ((sentence: string) => void) | undefined;
}

const PLAIN_WARNING =
  "Longwave client: origin is another machine without TLS, so everybody on the way can read and change what is sent; set ssl to true.";

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
export class PubNub extends Calls {
  /** Makes what encrypts and decrypts: see {@link CryptoModule}. */
  static readonly CryptoModule = CryptoModule;

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

  /** A notification for mobile devices, to be built into the payload of a message. */
  static notificationPayload(title?: string, body?: string): NotificationPayload {
    return new NotificationPayload(title, body);
  }

  readonly #configuration: Configuration;
  readonly #listeners: Listeners;
  readonly #subscription: SubscriptionLoop;
  readonly #presence: PresenceLoop;
  readonly #memory = new PresenceMemory();
  readonly #members = new Members();
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
    const sign = signerOf(read, parts.now ?? Date.now);
    const transport = signedTransport(parts.transport ?? fetchTransport, sign);
    const [timers, random] = [parts.timers ?? runtimeTimers, parts.random ?? Math.random];
    const repeats = new Repeats({ configuration: read, transport, timers, random });
    const caller = { configuration: read, transport, repeats: repeats.send };
    super(caller, sign, timers);
    this.#configuration = read;
    if (!read.maySendCredentials) (parts.warn ?? console.warn)(PLAIN_WARNING);
    const report = parts.report ?? reportToConsole;
    this.#hub = this.#hubOf(report);
    this.#listeners = new Listeners(report);
    const tell = (status: StatusEvent): void => this.#listeners.status(status);
    this.#presence = new PresenceLoop({
      caller,
      timers,
      memory: this.#memory,
      tell,
      before: () => this.#subscription.closing,
    });
    this.#subscription = new SubscriptionLoop({
      ...caller,
      openStream: signedStreams(parts.openStream ?? runtimeStreams, sign),
      timers,
      random,
      learn: (knowsIds) => repeats.learn(knowsIds),
      statesOf: (names) => this.#memory.statesOf(names),
      deliver: (envelope) => this.#deliver(envelope),
      announce: (notice) => this.#announce(notice),
    });
  }

  // The states that this client set go along with its heartbeats and handshakes.
  override async setState(parameters: SetStateParameters): Promise<SetStateResult> {
    const result = await super.setState(parameters);
    const { uuid = this.#configuration.uuid, channels = [], channelGroups: groups = [], state } = parameters;
    const isKept = this.#configuration.keepsStates && uuid === this.#configuration.uuid;
    if (isKept) this.#memory.keep({ channels, groups }, state);
    return result;
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
    const names = withNames(this.#subscription.names, parameters);
    this.#join(names, timetoken);
    this.#members.want(withNames(NO_NAMES, parameters));
  }

  #join(names: Names, timetoken: string | undefined): void {
    const joined = plainOf(difference(names, this.#subscription.names));
    requireSubscribable(this.#configuration, names);
    this.#subscription.handle({ kind: "changed", ...names, timetoken });
    if (!isEmpty(joined)) this.#presence.handle({ kind: "joined", ...joined });
  }

  /**
   * Takes channels and channel groups out of the subscription, with their presence, and leaves them. Nothing more of them is
   * delivered once this returns, but to subscription objects that want the same names.
   *
   * @see spec/SDK.md SDK16
   */
  unsubscribe(parameters: UnsubscribeParameters): void {
    const before = this.#subscription.names;
    const gone = this.#members.unwant(difference(before, withoutNames(before, parameters)));
    if (!isEmpty(gone)) this.#leave(gone);
  }

  /** Takes everything out of the subscription, leaves it, and forgets the cursor. */
  unsubscribeAll(): void {
    this.#leave(this.#subscription.names);
    this.#members.clear();
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

  #hubOf(report: Report): Hub {
    return {
      report,
      join: (member, timetoken) => {
        const from = readTimetoken(timetoken);
        const names = union(this.#subscription.names, member.names);
        const isNew = !isEmpty(difference(names, this.#subscription.names));
        if (isNew || from !== undefined) this.#join(names, from);
        this.#members.add(member);
      },
      leave: (member, names, stays) => {
        const gone = this.#members.remove(member, names);
        if (stays) this.#members.add(member);
        const left = stays ? difference(gone, member.names) : gone;
        if (!isEmpty(left)) this.#leave(left);
      },
    };
  }

  #leave(gone: Names): void {
    this.#subscription.handle({ kind: "changed", ...difference(this.#subscription.names, gone) });
    this.#memory.forget(gone);
    this.#presence.handle({ kind: "left", ...plainOf(gone) });
  }

  /** The channels that are subscribed, presence companions among them, in alphabetical order. */
  getSubscribedChannels(): readonly string[] {
    return this.#subscription.names.channels;
  }

  /** The channel groups that are subscribed, presence companions among them, in alphabetical order. */
  getSubscribedChannelGroups(): readonly string[] {
    return this.#subscription.names.groups;
  }

  /** Stops receiving, and leaves; names and cursor are kept for {@link reconnect}. */
  disconnect(): void {
    this.#subscription.handle({ kind: "disconnect" });
    this.#presence.handle({ kind: "disconnect" });
  }

  /**
   * Receives again, from where it stopped or from an instant; while the network is lost, tries now instead of later.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` when `timetoken` is no instant.
   */
  reconnect({ timetoken }: Pick<SubscribeParameters, "timetoken"> = {}): void {
    this.#subscription.handle({ kind: "reconnect", timetoken: readTimetoken(timetoken) });
  }

  /**
   * Sets how often heartbeats are sent while something is subscribed.
   *
   * @param seconds 0 for none, else 1 to 3,600.
   * @throws {PubNubError} `PNValidationErrorCategory` for any other number.
   */
  setHeartbeatInterval(seconds: number): void {
    this.#presence.setInterval(checkIntervalSeconds({ name: "heartbeatInterval", value: seconds }) * 1_000);
  }

  #deliver(envelope: Envelope): void {
    const told = toldOf(envelope, (file) => announcedUrl(this.#configuration, file));
    if (told === undefined) return;
    this.#listeners.tell(told);
    this.#members.offer(envelope.b ?? envelope.c, told);
  }

  // Heartbeats rest while the network is lost, and go on with it.
  #announce(notice: Notice): void {
    const isOffline = "error" in notice;
    if (notice.kind !== "disconnected") this.#presence.handle({ kind: isOffline ? "offline" : "online" });
    const status = statusOf(notice, this.#configuration.statusVocabulary);
    if (status !== undefined) this.#listeners.status(status);
  }

  /** Adds a listener; one that is there already stays once. */
  addListener(listener: Listener): void;
  /** Adds a callback of the classic form. */
  addListener(callback: SubscribeCallback): void;
  addListener(listener: Listener | SubscribeCallback): void {
    this.#listeners.add(this.#adapted(listener));
  }

  /** Removes a listener: it is told nothing more. */
  removeListener(listener: Listener): void;
  /** Removes a callback of the classic form. */
  removeListener(callback: SubscribeCallback): void;
  removeListener(listener: Listener | SubscribeCallback): void {
    this.#listeners.remove(this.#adapted(listener));
  }

  #adapted(listener: Listener | SubscribeCallback): Listener {
    if (!(listener instanceof SubscribeCallback)) return listener;
    const adapted = this.#callbacks.get(listener) ?? listenerOf(listener, this);
    this.#callbacks.set(listener, adapted);
    return adapted;
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
