/**
 * The calls about what a network keeps: history, message actions, files; and the rooms with calls of their own.
 *
 * Inherited by the whole client as those of the core are.
 *
 * @module
 */
import { type Sign } from "./access/signing.ts";
import { type Caller, perform } from "./endpoints/call.ts";
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
import { type DoneResult } from "./endpoints/presence.ts";
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
import { CoreClient } from "./core/client.ts";
import type { Engine } from "./engine.ts";
import { identified } from "./retry/repeats.ts";

/** What the whole client asks of what networks keep. */
export class Calls extends CoreClient {
  /** Channel groups: change, list and delete them. */
  readonly channelGroups: ChannelGroups;
  /** App Context: users, channels, memberships. */
  readonly objects: Objects;
  /** Mobile push: which devices are woken by messages of which channels. */
  readonly push: Push;
  readonly #caller: Caller;
  readonly #files: Files;
  readonly #sign: Sign | undefined;

  /** @param sign signs addresses, where there is a secret key. */
  constructor(engine: Engine, sign: Sign | undefined) {
    super(engine);
    const { caller, timers } = engine;
    this.#caller = caller;
    this.#sign = sign;
    this.#files = new Files(caller, timers);
    this.channelGroups = new ChannelGroups(caller);
    this.objects = new Objects(caller);
    this.push = new Push(caller);
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
    return perform(this.#caller, announceCall, identified(this.#caller.configuration, parameters));
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
}
