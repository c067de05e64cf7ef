/**
 * The client that applications use: every call of the SDK, each a line that hands on.
 *
 * @module
 */
import type { Envelope } from "@longwave/protocol";
import {
  type GrantParameters,
  type GrantResult,
  type GrantSubject,
  type AuditParameters,
  auditCall,
  grantCall,
  revokeCall,
} from "./access/older-grants.ts";
import { PLAIN_WAY } from "./access/settings.ts";
import { signedStreams, signedTransport, signerOf } from "./access/signing.ts";
import {
  type GrantTokenParameters,
  type ParsedToken,
  type RevokeTokenResult,
  grantTokenCall,
  readToken,
  requireToken,
  revokeTokenCall,
} from "./access/tokens.ts";
import { type Configuration, type PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { readConfiguration } from "./configuration-reader.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { decryptJson } from "./crypto/payload.ts";
import { type CallOptions, type Caller, perform } from "./endpoints/call.ts";
import { ChannelGroups } from "./endpoints/channel-groups.ts";
import {
  type FetchMessagesParameters,
  type FetchMessagesResult,
  type MessageCountsParameters,
  type MessageCountsResult,
  fetchMessagesCall,
  messageCountsCall,
} from "./endpoints/fetched-messages.ts";
import {
  type DeleteMessagesParameters,
  type HistoryParameters,
  type HistoryResult,
  deleteMessagesCall,
  historyCall,
} from "./endpoints/history.ts";
import {
  type AddMessageActionParameters,
  type AddMessageActionResult,
  type GetMessageActionsParameters,
  type GetMessageActionsResult,
  type RemoveMessageActionParameters,
  type RemoveMessageActionResult,
  addMessageActionCall,
  getMessageActionsCall,
  removeMessageActionCall,
} from "./endpoints/message-actions.ts";
import {
  type DoneResult,
  type GetStateParameters,
  type GetStateResult,
  type HeartbeatParameters,
  type HereNowParameters,
  type HereNowResult,
  type NamesParameters,
  type SetStateParameters,
  type SetStateResult,
  type WhereNowParameters,
  type WhereNowResult,
  getStateCall,
  heartbeatCall,
  hereNowCall,
  leaveCall,
  setStateCall,
  whereNowCall,
} from "./endpoints/presence.ts";
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
import { Entity } from "./entities/entity.ts";
import { Members } from "./entities/members.ts";
import { type Hub, Subscription, type SubscriptionOptions, type SubscriptionSet } from "./entities/subscription.ts";
import { toldOf } from "./events.ts";
import { refusalOf } from "./errors.ts";
import { type Listener, Listeners, type Report, reportToConsole } from "./listeners.ts";
import { PresenceLoop } from "./presence/loop.ts";
import { PresenceMemory } from "./presence/memory.ts";
import { checkIntervalSeconds } from "./presence/settings.ts";
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
}

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
export class PubNub {
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

  /** Channel groups: change, list and delete them. */
  readonly channelGroups: ChannelGroups;
  readonly #configuration: Configuration;
  readonly #caller: Caller;
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
    this.#configuration = readConfiguration(configuration);
    const sign = signerOf(this.#configuration, parts.now ?? Date.now);
    const transport = signedTransport(parts.transport ?? fetchTransport, sign);
    this.#caller = { configuration: this.#configuration, transport };
    this.channelGroups = new ChannelGroups(this.#caller);
    const report = parts.report ?? reportToConsole;
    this.#hub = this.#hubOf(report);
    this.#listeners = new Listeners(report);
    const timers = parts.timers ?? runtimeTimers;
    const tell = (status: StatusEvent): void => this.#listeners.status(status);
    this.#presence = new PresenceLoop({ caller: this.#caller, timers, memory: this.#memory, tell });
    this.#subscription = new SubscriptionLoop({
      ...this.#caller,
      openStream: signedStreams(parts.openStream ?? runtimeStreams, sign),
      timers,
      random: parts.random ?? Math.random,
      statesOf: (names) => this.#memory.statesOf(names),
      deliver: (envelope) => this.#deliver(envelope),
      announce: (notice) => this.#announce(notice),
    });
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
   * Reads a page of a channel's past.
   *
   * @throws {PubNubError} `PNAccessDeniedCategory` where the keyset keeps no messages.
   * @example
   * ```ts
   * const { messages, startTimeToken } = await pubnub.history({ channel: "hello", count: 10 });
   * const before = await pubnub.history({ channel: "hello", count: 10, start: startTimeToken });
   * ```
   * @see spec/SDK.md SDK31
   */
  history(parameters: HistoryParameters): Promise<HistoryResult> {
    return perform(this.#caller, historyCall, parameters);
  }

  /**
   * Fetches messages of several channels, or of one with their message actions.
   *
   * @example
   * ```ts
   * const { channels } = await pubnub.fetchMessages({ channels: ["hello", "news"], count: 5 });
   * for (const { timetoken, message } of channels["hello"] ?? []) console.log(timetoken, message);
   * ```
   * @see spec/SDK.md SDK32
   */
  fetchMessages(parameters: FetchMessagesParameters): Promise<FetchMessagesResult> {
    return perform(this.#caller, fetchMessagesCall, parameters);
  }

  /**
   * Counts the messages after an instant, or after one for each channel.
   *
   * @example
   * ```ts
   * const { timetoken } = await pubnub.time();
   * const { channels } = await pubnub.messageCounts({ channels: ["hello"], timetoken });
   * ```
   * @see spec/SDK.md SDK32
   */
  messageCounts(parameters: MessageCountsParameters): Promise<MessageCountsResult> {
    return perform(this.#caller, messageCountsCall, parameters);
  }

  /** Deletes a part of a channel's past, or all of it. @see spec/SDK.md SDK33 */
  deleteMessages(parameters: DeleteMessagesParameters): Promise<DoneResult> {
    return perform(this.#caller, deleteMessagesCall, parameters);
  }

  /**
   * Attaches a type and a value to a message; everybody who is subscribed to its channel learns of it.
   *
   * @throws {PubNubError} status 409 where this client attached the same before.
   * @example
   * ```ts
   * const { timetoken } = await pubnub.publish({ channel: "hello", message: "hi" });
   * await pubnub.addMessageAction({
   *   channel: "hello",
   *   messageTimetoken: timetoken,
   *   action: { type: "reaction", value: "smile" },
   * });
   * ```
   * @see spec/SDK.md SDK34
   */
  addMessageAction(parameters: AddMessageActionParameters): Promise<AddMessageActionResult> {
    return perform(this.#caller, addMessageActionCall, parameters);
  }

  /** Takes away an action that this client attached. @see spec/SDK.md SDK34 */
  removeMessageAction(parameters: RemoveMessageActionParameters): Promise<RemoveMessageActionResult> {
    return perform(this.#caller, removeMessageActionCall, parameters);
  }

  /** Lists the actions of a channel. @see spec/SDK.md SDK34 */
  getMessageActions(parameters: GetMessageActionsParameters): Promise<GetMessageActionsResult> {
    return perform(this.#caller, getMessageActionsCall, parameters);
  }

  /**
   * Says who is on channels, on the members of groups, or without both on all channels of the keyset.
   *
   * @example
   * ```ts
   * const { totalOccupancy, channels } = await pubnub.hereNow({ channels: ["hello"], includeState: true });
   * ```
   * @see spec/SDK.md SDK28
   */
  hereNow(parameters: HereNowParameters = {}): Promise<HereNowResult> {
    return perform(this.#caller, hereNowCall, parameters);
  }

  /** Says on which channels somebody is. @see spec/SDK.md SDK28 */
  whereNow(parameters: WhereNowParameters = {}): Promise<WhereNowResult> {
    return perform(this.#caller, whereNowCall, parameters);
  }

  /** Reads somebody's state on channels. @see spec/SDK.md SDK28 */
  getState(parameters: GetStateParameters): Promise<GetStateResult> {
    return perform(this.#caller, getStateCall, parameters);
  }

  /**
   * Sets somebody's state on channels.
   *
   * @example
   * ```ts
   * await pubnub.setState({ channels: ["hello"], state: { mood: "fine" } });
   * ```
   * @see spec/SDK.md SDK28
   */
  async setState(parameters: SetStateParameters): Promise<SetStateResult> {
    const result = await perform(this.#caller, setStateCall, parameters);
    const { uuid = this.#configuration.uuid, channels = [], channelGroups: groups = [], state } = parameters;
    const isKept = this.#configuration.keepsStates && uuid === this.#configuration.uuid;
    if (isKept) this.#memory.keep({ channels, groups }, state);
    return result;
  }

  /** Says that this client is present on channels; subscribing is not needed for it. @see spec/SDK.md SDK29 */
  heartbeat(parameters: HeartbeatParameters): Promise<DoneResult> {
    return perform(this.#caller, heartbeatCall, parameters);
  }

  /** Says that this client is no longer present on channels. @see spec/SDK.md SDK29 */
  leave(parameters: NamesParameters): Promise<DoneResult> {
    return perform(this.#caller, leaveCall, parameters);
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
    const told = toldOf(envelope);
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

  /**
   * Grants an access token.
   *
   * @returns the token; who sets it with {@link setToken} may do what it grants.
   * @throws {PubNubError} `PNValidationErrorCategory` without a secret key, or where nothing is granted.
   * @example
   * ```ts
   * const server = new PubNub({ subscribeKey: "s", publishKey: "p", secretKey: "secret", userId: "server" });
   * const token = await server.grantToken({
   *   ttl: 60,
   *   authorizedUserId: "alice",
   *   resources: { channels: { hello: { read: true, write: true } } },
   *   patterns: { channels: { "^news[.]": { read: true } } },
   * });
   * ```
   * @see spec/SDK.md SDK54
   */
  grantToken(parameters: GrantTokenParameters): Promise<string> {
    return perform(this.#caller, grantTokenCall, parameters);
  }

  /** Revokes a token: nobody may use it any more. Needs the secret key. @see spec/SDK.md SDK54 */
  revokeToken(token: string, options: CallOptions = {}): Promise<RevokeTokenResult> {
    return perform(this.#caller, revokeTokenCall, { ...options, token });
  }

  /**
   * Sets the token that requests show from the next one on.
   *
   * @param token nothing takes it away, so that the configuration's `authKey` counts again.
   * @throws {PubNubError} `PNValidationErrorCategory` when it could be read on the way to the network.
   * @example
   * ```ts
   * pubnub.setToken("p0F2AkF0GmB4Sd9DdHRsD0NyZXOkRGNoYW6iY2ZvbwFj");
   * pubnub.reconnect(); // where the network refused the subscription before
   * ```
   * @see spec/SDK.md SDK52
   */
  setToken(token: string | undefined): void {
    const { credentials, maySendCredentials } = this.#configuration;
    if (token !== undefined && !maySendCredentials) throw refusalOf("The token was not set", PLAIN_WAY);
    credentials.token = token === undefined ? undefined : requireToken(token);
  }

  /** The token that was set last; nothing where none was. */
  getToken(): string | undefined {
    return this.#configuration.credentials.token;
  }

  /**
   * Reads what a token grants, without asking anybody.
   *
   * @returns nothing where the text is no token. Whether one is genuine and not revoked, only the network can tell.
   * @example
   * ```ts
   * const { ttl, resources } = pubnub.parseToken(pubnub.getToken() ?? "") ?? {};
   * console.log(ttl, resources?.channels?.["hello"]?.write);
   * ```
   * @see spec/SDK.md SDK55
   */
  parseToken(token: string): ParsedToken | undefined {
    return readToken(token);
  }

  /**
   * Grants in the older way: to the keyset, to names, or to names for auth keys. Needs the secret key.
   *
   * @example
   * ```ts
   * await pubnub.grant({ channels: ["hello"], authKeys: ["key-of-alice"], read: true, write: true, ttl: 60 });
   * ```
   * @see spec/SDK.md SDK56
   */
  grant(parameters: GrantParameters = {}): Promise<GrantResult> {
    return perform(this.#caller, grantCall, parameters);
  }

  /** Takes back what was granted in the older way. Needs the secret key. @see spec/SDK.md SDK56 */
  revoke(parameters: GrantSubject = {}): Promise<GrantResult> {
    return perform(this.#caller, revokeCall, parameters);
  }

  /** Lists what was granted in the older way. Needs the secret key. @see spec/SDK.md SDK56 */
  audit(parameters: AuditParameters = {}): Promise<GrantResult> {
    return perform(this.#caller, auditCall, parameters);
  }

  /**
   * Encrypts a text, or the bytes of a file, as messages are.
   *
   * @param data what to encrypt. A message is encrypted as JSON: `JSON.stringify(message)`.
   * @param cipherKey a key of its own, for the older way; without it the configuration's crypto module is used.
   * @returns base64 of a text; bytes of bytes.
   * @throws {PubNubError} `PNValidationErrorCategory` when there is no key.
   * @example
   * ```ts
   * const push = { pn_gcm: {}, pn_other: await pubnub.encrypt(JSON.stringify({ text: "hi" }), "enigma") };
   * await pubnub.publish({ channel: "hello", message: push });
   * ```
   * @see spec/SDK.md SDK51
   */
  encrypt(data: string, cipherKey?: string): Promise<string>;
  /** Encrypts the bytes of a file. */
  encrypt(data: Uint8Array, cipherKey?: string): Promise<Uint8Array>;
  async encrypt(data: string | Uint8Array, cipherKey?: string): Promise<string | Uint8Array> {
    const cryptoModule = this.#cryptoModule(cipherKey);
    return typeof data === "string" ? cryptoModule.encrypt(data) : cryptoModule.encrypt(data);
  }

  /**
   * Decrypts what {@link encrypt} gave.
   *
   * @returns of a text what its JSON says, or itself where it is no JSON; bytes of bytes.
   * @throws {PubNubError} `PNDecryptionErrorCategory` when that is impossible.
   * @example
   * ```ts
   * await pubnub.decrypt(await pubnub.encrypt('{"text":"hi"}', "enigma"), "enigma"); // { text: "hi" }
   * ```
   * @see spec/SDK.md SDK51
   */
  decrypt(data: string, cipherKey?: string): Promise<unknown>;
  /** Decrypts the bytes of a file. */
  decrypt(data: Uint8Array, cipherKey?: string): Promise<Uint8Array>;
  async decrypt(data: string | Uint8Array, cipherKey?: string): Promise<unknown> {
    const cryptoModule = this.#cryptoModule(cipherKey);
    return typeof data === "string" ? decryptJson(cryptoModule, data) : cryptoModule.decrypt(data);
  }

  #cryptoModule(cipherKey: string | undefined): CryptoModule {
    if (cipherKey !== undefined) return CryptoModule.legacyCryptoModule({ cipherKey });
    const { cryptoModule } = this.#configuration;
    if (cryptoModule !== undefined) return cryptoModule;
    throw refusalOf(
      "Nothing was encrypted or decrypted",
      "there is no key; set cipherKey or cryptoModule, or give one",
    );
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
