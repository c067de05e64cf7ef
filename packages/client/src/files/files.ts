/**
 * Sending and downloading files: what takes more than one request, and encrypts on the way.
 *
 * Rules: spec/SDK.md SDK60-SDK62.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import { CryptoModule } from "../crypto/crypto-module.ts";
import { type Caller, perform } from "../endpoints/call.ts";
import { errorOfAnswer, errorOfFailure } from "../endpoints/failure.ts";
import { encodeRequest, fitsAddress } from "../endpoints/request.ts";
import type { TimetokenResult } from "../endpoints/timetoken-result.ts";
import { PubNubError, refusalOf } from "../errors.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import { type Timers, pause } from "../timers.ts";
import {
  type AnnouncementOptions,
  type FileParameters,
  type PublishFileParameters,
  type UploadForm,
  announceCall,
  downloadFileCall,
  filePath,
  fileRequest,
  sealAnnouncement,
  uploadFormCall,
} from "./calls.ts";
import { type FileContent, type FileInput, readFileInput } from "./file-input.ts";

/** A file to send. */
export interface SendFileParameters extends AnnouncementOptions {
  readonly channel: string;
  readonly file: FileInput;
  /** A key of its own for the content, in the older way. @defaultValue the configuration's crypto module, where there is one */
  readonly cipherKey?: string | undefined;
}

/** A file that was sent and announced. */
export interface SendFileResult {
  /** The HTTP status. */
  readonly status: number;
  readonly id: string;
  /** The name that counts: the network may have changed it. */
  readonly name: string;
  /** When it was announced: 17 digits. */
  readonly timetoken: string;
}

/** A file to download. */
export interface DownloadFileParameters extends FileParameters {
  /** The key that the content was sent with, where it was sent with one of its own. */
  readonly cipherKey?: string | undefined;
}

const SEND = "PNSendFileOperation";
const PAUSE_MS = 1_000;
const WORTH_REPEATING: ReadonlySet<string> = new Set([
  STATUS_CATEGORIES.networkIssues,
  STATUS_CATEGORIES.timeout,
  STATUS_CATEGORIES.serverError,
]);

/** The files of one client. */
export class Files {
  readonly #caller: Caller;
  readonly #timers: Timers;

  constructor(caller: Caller, timers: Timers) {
    this.#caller = caller;
    this.#timers = timers;
  }

  /** Sends a file: asks for a form, uploads, announces. What cannot be announced is refused before anything is sent. */
  async send(parameters: SendFileParameters): Promise<SendFileResult> {
    const { channel, signal, cipherKey } = parameters;
    const given = await this.#inOperation(SEND, async () => {
      const content = await readFileInput(parameters.file);
      refuseUnsendable(
        announcementOf(parameters, { id: "0".repeat(36), name: content.name }),
        this.#caller.configuration,
      );
      return { ...content, content: await this.#sealed(content.content, cipherKey) };
    });
    const form = await perform(this.#caller, uploadFormCall, { channel, name: given.name, signal });
    await this.#inOperation(SEND, () => this.#upload(form, given, signal));
    const { timetoken } = await this.#announce(announcementOf(parameters, form), form);
    return { status: 200, id: form.id, name: form.name, timetoken };
  }

  /** Downloads a file, and decrypts it where there is a key. */
  async download(parameters: DownloadFileParameters): Promise<File> {
    return this.#inOperation(downloadFileCall.operation, async () => {
      const cryptoModule = this.#cryptoModule(parameters.cipherKey);
      const { bytes, contentType } = await perform(this.#caller, downloadFileCall, parameters);
      const plain = cryptoModule ? new Uint8Array(await cryptoModule.decrypt(bytes)) : bytes;
      return new File([plain], parameters.name, { type: contentType });
    });
  }

  async #sealed(content: Blob, cipherKey: string | undefined): Promise<Blob> {
    const cryptoModule = this.#cryptoModule(cipherKey);
    if (cryptoModule === undefined) return content;
    return new Blob([new Uint8Array(await cryptoModule.encrypt(new Uint8Array(await content.arrayBuffer())))]);
  }

  #cryptoModule(cipherKey: string | undefined): CryptoModule | undefined {
    if (cipherKey === undefined) return this.#caller.configuration.cryptoModule;
    return CryptoModule.legacyCryptoModule({ cipherKey });
  }

  async #upload(
    { url, name, fields }: UploadForm,
    { content, type }: FileContent,
    signal?: AbortSignal,
  ): Promise<void> {
    const { configuration, transport } = this.#caller;
    const body = new FormData();
    for (const [key, value] of fields) body.append(key, key === "Content-Type" ? (type ?? value) : value);
    body.append("file", new File([content], name, type === undefined ? {} : { type }));
    const answer = await transport({ method: "POST", url, body, timeoutMs: configuration.fileRequestTimeout, signal });
    if (answer.status < 300) return;
    const message = /<Message>([^<]*)<\/Message>/.exec(answer.text)?.[1]; // whoever takes uploads answers in XML
    throw errorOfAnswer({ ...answer, text: JSON.stringify({ message }) }, SEND, configuration);
  }

  // Encrypted once and sent by one id, so that the network knows a repeat of what it has announced already. Its repeats are
  // counted by a setting of their own, so those of the reconnection policy do not come on top.
  async #announce(announcement: PublishFileParameters, { id, name }: UploadForm): Promise<TimetokenResult> {
    const { cryptoModule, fileUploadPublishRetryLimit } = this.#caller.configuration;
    const { channel, signal } = announcement;
    const { operation } = announceCall;
    const caller = { ...this.#caller, repeats: this.#caller.transport };
    try {
      const sealed = cryptoModule
        ? await this.#inOperation(operation, () => sealAnnouncement(announcement, cryptoModule))
        : announcement;
      for (let repeats = 0; repeats < fileUploadPublishRetryLimit; repeats++) {
        const sent = await perform(caller, announceCall, { ...sealed, publishId: id }).catch(unlessPassing);
        if (sent !== undefined) return sent;
        await this.#inOperation(operation, () => pause(this.#timers, PAUSE_MS, signal));
      }
      return await perform(caller, announceCall, { ...sealed, publishId: id });
    } catch (failure) {
      throw unannounced(failure as PubNubError, { channel, id, name }); // a call throws nothing else
    }
  }

  async #inOperation<Result>(operation: string, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (failure) {
      throw errorOfFailure(failure, operation, this.#caller.configuration);
    }
  }
}

/** The address at which a file can be asked for, with what this client shows to be let in. */
export function fileUrl(configuration: Configuration, file: FileParameters): string {
  return encodeRequest(configuration, fileRequest(file, configuration)).url;
}

/** The same of a file that was announced, whose id and name were looked at. */
export function announcedUrl(configuration: Configuration, file: Omit<FileParameters, "signal">): string {
  const path = filePath(configuration.subscribeKey, file.channel.toWellFormed(), file);
  return encodeRequest(configuration, { path }).url;
}

function announcementOf(parameters: SendFileParameters, file: Pick<UploadForm, "id" | "name">): PublishFileParameters {
  const { channel, message, meta, storeInHistory, ttl, customMessageType, signal } = parameters;
  const options = { message, meta, storeInHistory, ttl, customMessageType, signal };
  return { channel, fileId: file.id, fileName: file.name, ...options };
}

function refuseUnsendable(announcement: PublishFileParameters, configuration: Configuration): void {
  const request = announceCall.request(announcement, configuration);
  if (fitsAddress(configuration, request)) return;
  throw refusalOf("Nothing was sent", "message and meta are too long for an address; shorten them");
}

// Nothing where another attempt may find the network in a better state.
function unlessPassing(failure: PubNubError): undefined {
  if (!WORTH_REPEATING.has(failure.category)) throw failure;
}

function unannounced(error: PubNubError, file: NonNullable<PubNubError["file"]>): PubNubError {
  const { message, category, operation, status } = error;
  const sentence = `${message} The file is kept but not announced: call publishFileMessage with its id and name.`;
  return new PubNubError(sentence, { category, operation, status, file });
}
