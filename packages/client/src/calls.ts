/**
 * The calls that are answered once: each a row of a table, and here the line that hands it to the one caller.
 *
 * The half of the client that knows nothing of its subscription. It is inherited, the one place where something is besides errors,
 * so that every call is found on the client itself and neither half is a file of a thousand lines.
 *
 * @module
 */
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
import { type Sign } from "./access/signing.ts";
import {
  type GrantTokenParameters,
  type ParsedToken,
  type RevokeTokenResult,
  grantTokenCall,
  readToken,
  requireToken,
  revokeTokenCall,
} from "./access/tokens.ts";
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
  type PublishOnce,
  type PublishParameters,
  type SignalParameters,
  fireCall,
  publishCall,
  signalCall,
} from "./endpoints/publishing.ts";
import { timeCall } from "./endpoints/time.ts";
import type { TimetokenResult } from "./endpoints/timetoken-result.ts";
import {
  type DeleteFileResult,
  type FileParameters,
  type ListFilesParameters,
  type ListFilesResult,
  type PublishFileParameters,
  announceCall,
  deleteFileCall,
  listFilesCall,
} from "./files/calls.ts";
import {
  type DownloadFileParameters,
  Files,
  type SendFileParameters,
  type SendFileResult,
  fileUrl,
} from "./files/files.ts";
import { refusalOf } from "./errors.ts";
import { Objects } from "./objects/objects.ts";
import { Push } from "./push/push.ts";
import { newPublishId } from "./retry/repeats.ts";
import { type Timers } from "./timers.ts";

/** Every call of a client that is answered once. */
export class Calls {
  /** Channel groups: change, list and delete them. */
  readonly channelGroups: ChannelGroups;
  /** App Context: users, channels, memberships. */
  readonly objects: Objects;
  /** Mobile push: which devices are woken by messages of which channels. */
  readonly push: Push;
  readonly #caller: Caller;
  readonly #files: Files;
  readonly #sign: Sign | undefined;

  /** @param caller what calls are made with. */
  constructor(caller: Caller, sign: Sign | undefined, timers: Timers) {
    this.#caller = caller;
    this.#sign = sign;
    this.#files = new Files(caller, timers);
    this.channelGroups = new ChannelGroups(caller);
    this.objects = new Objects(caller);
    this.push = new Push(caller);
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
   *   `PNNetworkIssuesCategory` or `PNTimeoutCategory` when it is unknown whether it arrived. With a reconnection policy a message
   *   that got no answer is first sent again, for about a minute, where the network takes it once.
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
    return perform(this.#caller, publishCall, this.#identified(parameters));
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
    return perform(this.#caller, signalCall, this.#identified(parameters));
  }

  // Without a policy nothing is sent again, so an id would only cost the network.
  #identified<Parameters extends PublishOnce>(parameters: Parameters): Parameters {
    const { retryPolicy } = this.#caller.configuration;
    return retryPolicy.kind === "none" ? parameters : { publishId: newPublishId(), ...parameters };
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
  setState(parameters: SetStateParameters): Promise<SetStateResult> {
    return perform(this.#caller, setStateCall, parameters);
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
   * Sends a file into a channel, and announces it to everybody who is subscribed.
   *
   * @throws {PubNubError} with `file` where the file is kept but could not be announced.
   * @example
   * ```ts
   * const file = { data: "hello, file", name: "hello.txt", mimeType: "text/plain" };
   * const { id, name } = await pubnub.sendFile({ channel: "hello", file, message: "look" });
   * ```
   * @see spec/SDK.md SDK60
   */
  sendFile(parameters: SendFileParameters): Promise<SendFileResult> {
    return this.#files.send(parameters);
  }

  /** Announces a file that is kept: what {@link sendFile} does at its end. @see spec/SDK.md SDK61 */
  publishFileMessage(parameters: PublishFileParameters): Promise<TimetokenResult> {
    return perform(this.#caller, announceCall, this.#identified(parameters));
  }

  /** Another name of {@link publishFileMessage}. */
  publishFile(parameters: PublishFileParameters): Promise<TimetokenResult> {
    return this.publishFileMessage(parameters);
  }

  /**
   * Lists the files of a channel.
   *
   * @example
   * ```ts
   * let page = await pubnub.listFiles({ channel: "hello" });
   * for (const { id, name, size } of page.data) console.log(id, name, size);
   * if (page.next !== null) page = await pubnub.listFiles({ channel: "hello", next: page.next });
   * ```
   * @see spec/SDK.md SDK62
   */
  listFiles(parameters: ListFilesParameters): Promise<ListFilesResult> {
    return perform(this.#caller, listFilesCall, parameters);
  }

  /**
   * The address at which a file can be downloaded, with the token or auth key that is set; nothing is asked for it.
   *
   * @throws {PubNubError} `PNValidationErrorCategory` with a secret key, since then it is to be signed: {@link getSignedFileUrl}.
   * @see spec/SDK.md SDK62
   */
  getFileUrl(parameters: FileParameters): string {
    if (this.#sign === undefined) return fileUrl(this.#caller.configuration, parameters);
    throw refusalOf("There is no address", "with a secretKey it is signed; call getSignedFileUrl");
  }

  /** The same with a signature, good for a minute; without a secret key as {@link getFileUrl}. @see spec/SDK.md SDK62 */
  async getSignedFileUrl(parameters: FileParameters): Promise<string> {
    const url = fileUrl(this.#caller.configuration, parameters);
    return this.#sign === undefined ? url : this.#sign({ method: "GET", url });
  }

  /**
   * Downloads a file, and decrypts it where there is a key.
   *
   * @throws {PubNubError} `PNDecryptionErrorCategory` when it was not encrypted with that key; status 404 where there is no such file.
   * @example
   * ```ts
   * const { data } = await pubnub.listFiles({ channel: "hello" });
   * for (const { id, name } of data) console.log(await (await pubnub.downloadFile({ channel: "hello", id, name })).text());
   * ```
   * @see spec/SDK.md SDK62
   */
  downloadFile(parameters: DownloadFileParameters): Promise<File> {
    return this.#files.download(parameters);
  }

  /** Deletes a file; no error where there is none. @see spec/SDK.md SDK62 */
  deleteFile(parameters: FileParameters): Promise<DeleteFileResult> {
    return perform(this.#caller, deleteFileCall, parameters);
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
    const { credentials, maySendCredentials } = this.#caller.configuration;
    if (token !== undefined && !maySendCredentials) throw refusalOf("The token was not set", PLAIN_WAY);
    credentials.token = token === undefined ? undefined : requireToken(token);
  }

  /** The token that was set last; nothing where none was. */
  getToken(): string | undefined {
    return this.#caller.configuration.credentials.token;
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
    const { cryptoModule } = this.#caller.configuration;
    if (cryptoModule !== undefined) return cryptoModule;
    throw refusalOf(
      "Nothing was encrypted or decrypted",
      "there is no key; set cipherKey or cryptoModule, or give one",
    );
  }
}
