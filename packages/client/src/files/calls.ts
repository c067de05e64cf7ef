/**
 * The calls about files: a form to upload with, the message that announces one, list, download, delete.
 *
 * Rules: spec/SDK.md SDK60-SDK63.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import type { CryptoModule } from "../crypto/crypto-module.ts";
import type { Call, CallOptions } from "../endpoints/call.ts";
import { invalidParameter, optionalPage } from "../endpoints/parameters.ts";
import {
  type PublishOnce,
  type PublishParameters,
  jsonOf,
  keyPath,
  publishQuery,
  requireChannel,
} from "../endpoints/publishing.ts";
import type { CallRequest } from "../endpoints/request.ts";
import { type TimetokenResult, parseSent } from "../endpoints/timetoken-result.ts";
import { type JsonRecord, isRecord, parseJson, parseRecord, recordIn, isTexts, textIn } from "../json.ts";
import { requireFileName } from "./file-input.ts";

/** A file of a channel. */
export interface FileParameters extends CallOptions {
  readonly channel: string;
  readonly id: string;
  readonly name: string;
}

/** What goes along with the message that announces a file. */
export interface AnnouncementOptions
  extends CallOptions, Pick<PublishParameters, "meta" | "storeInHistory" | "ttl" | "customMessageType"> {
  /** What to say with the file: any value that JSON can hold. */
  readonly message?: unknown;
}

/** A file to announce. */
export interface PublishFileParameters extends AnnouncementOptions, PublishOnce {
  readonly channel: string;
  readonly fileId: string;
  readonly fileName: string;
}

/** An announcement whose payload is made already, and that may be repeated. */
interface Announcement extends PublishFileParameters {
  /** The payload's JSON, encrypted: base64. */
  readonly sealed?: string | undefined;
}

/** Which page of a channel's files. */
export interface ListFilesParameters extends CallOptions {
  readonly channel: string;
  /** Files of a page, 1 to 100. @defaultValue 100 */
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly next?: string | null | undefined;
}

/** A file that is kept. */
export interface ListedFile {
  readonly id: string;
  readonly name: string;
  /** Bytes, as they are kept: encrypted, where they are. */
  readonly size: number;
  /** When it was uploaded: ISO 8601, UTC. */
  readonly created: string;
}

/** A page of a channel's files. */
export interface ListFilesResult {
  /** The HTTP status. */
  readonly status: number;
  readonly data: readonly ListedFile[];
  /** The `next` of the following call; null on the last page. */
  readonly next: string | null;
  /** Files of this page. */
  readonly count: number;
}

/** That it is gone. */
export interface DeleteFileResult {
  /** The HTTP status. */
  readonly status: number;
}

/** A form to upload with. */
export interface UploadForm {
  readonly id: string;
  /** The name that counts. */
  readonly name: string;
  readonly url: string;
  /** To be sent in this order, before the file. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Content as it is kept. */
export interface StoredContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** Asks for a form. */
export const uploadFormCall: Call<Pick<FileParameters, "channel" | "name" | "signal">, UploadForm> = {
  operation: "PNGenerateUploadUrlOperation",
  request: ({ channel, name }, { subscribeKey }) => ({
    path: [...filesPath(subscribeKey, channel), "generate-upload-url"],
    body: JSON.stringify({ name }),
  }),
  parse: (text) => {
    const answer = parseJson(text);
    const [data, form] = [recordIn(answer, "data"), recordIn(answer, "file_upload_request")];
    const fields = fieldsOf(form?.["form_fields"]);
    const { id, name, url } = { ...data, url: form?.["url"] } as JsonRecord;
    if (typeof id !== "string" || typeof name !== "string" || fields === undefined) return undefined;
    return typeof url === "string" && /^https?:/i.test(url) && URL.canParse(url)
      ? { id, name, url, fields }
      : undefined;
  },
};

/** Announces a file. */
export const announceCall: Call<Announcement, TimetokenResult> = {
  operation: "PNPublishFileOperation",
  request: (parameters, configuration) => ({
    path: [
      "v1",
      "files",
      ...keyPath("publish-file", configuration),
      requireChannel(parameters.channel),
      "0",
      parameters.sealed === undefined ? payloadOf(parameters) : JSON.stringify(parameters.sealed),
    ],
    query: publishQuery(parameters),
  }),
  parse: parseSent,
  seal: sealAnnouncement,
};

/** Encrypts an announcement; one that is encrypted already stays as it is, so that a repeat is one. */
export async function sealAnnouncement(announcement: Announcement, cryptoModule: CryptoModule): Promise<Announcement> {
  if (announcement.sealed !== undefined) return announcement;
  return { ...announcement, sealed: await cryptoModule.encrypt(payloadOf(announcement)) };
}

/** Lists files. */
export const listFilesCall: Call<ListFilesParameters, ListFilesResult> = {
  operation: "PNListFilesOperation",
  request: ({ channel, limit, next }, { subscribeKey }) => ({
    path: [...filesPath(subscribeKey, channel), "files"],
    query: {
      limit: optionalPage(limit, "limit", LIMITS.filesPerPageMax) ?? LIMITS.filesPerPageMax,
      next: next === null || next === undefined ? undefined : requireNext(next),
    },
  }),
  parse: (text) => {
    const { data, status, next, count } = parseRecord(text);
    if (!Array.isArray(data) || !data.every(isListed)) return undefined;
    if (typeof status !== "number" || typeof count !== "number") return undefined;
    return { status, data, next: textIn(next) ?? null, count };
  },
};

/** Deletes a file. */
export const deleteFileCall: Call<FileParameters, DeleteFileResult> = {
  operation: "PNDeleteFileOperation",
  request: (parameters, configuration) => ({ method: "DELETE", ...fileRequest(parameters, configuration) }),
  parse: (text) => {
    const { status } = parseRecord(text);
    return typeof status === "number" ? { status } : undefined;
  },
};

/** Downloads what is kept. */
export const downloadFileCall: Call<FileParameters, StoredContent> = {
  operation: "PNDownloadFileOperation",
  way: ({ fileRequestTimeout: timeoutMs }) => ({ timeoutMs, wantsBytes: true }),
  request: fileRequest,
  parse: (_, __, { bytes, contentType = "" }) => (bytes === undefined ? undefined : { bytes, contentType }),
};

/** What asks for a file. */
export function fileRequest(
  { channel, id, name }: FileParameters,
  { subscribeKey }: Pick<Configuration, "subscribeKey">,
): Pick<CallRequest, "path"> {
  const file = { id: requireFileName(id, "id"), name: requireFileName(name, "name") };
  return { path: filePath(subscribeKey, requireChannel(channel), file) };
}

/** The path of a file. */
export function filePath(
  subscribeKey: string,
  channel: string,
  { id, name }: Pick<FileParameters, "id" | "name">,
): CallRequest["path"] {
  return ["v1", "files", subscribeKey, "channels", channel, "files", id, name];
}

function filesPath(subscribeKey: string, channel: unknown): CallRequest["path"] {
  return ["v1", "files", subscribeKey, "channels", requireChannel(channel)];
}

function payloadOf({ message, fileId, fileName }: PublishFileParameters): string {
  const file = { id: requireFileName(fileId, "fileId"), name: requireFileName(fileName, "fileName") };
  const said = message === undefined ? "" : `"message":${jsonOf(message, "message")},`;
  return `{${said}"file":${JSON.stringify(file)}}`;
}

function requireNext(next: unknown): string {
  if (typeof next === "string" && next.isWellFormed()) return next;
  throw invalidParameter("next is none; give that of the page before, or leave it out");
}

function isListed(value: unknown): value is ListedFile {
  if (!isRecord(value)) return false;
  const { id, name, size, created } = value;
  return isTexts([id, name, created]) && typeof size === "number";
}

function fieldsOf(value: unknown): UploadForm["fields"] | undefined {
  if (!Array.isArray(value)) return undefined;
  const fields = value.flatMap((field: unknown) => {
    const { key, value: text } = isRecord(field) ? field : {};
    return typeof key === "string" && typeof text === "string" ? [[key, text] as const] : [];
  });
  return fields.length === value.length ? fields : undefined;
}
