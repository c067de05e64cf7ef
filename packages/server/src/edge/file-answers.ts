/**
 * The answers of files: forms, pages, redirects, and the bytes themselves with headers that keep them from running.
 *
 * Rules: spec/FILES.md FIL1, FIL13, FIL15, FIL20-FIL28.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { tagOf } from "./file-conditions.ts";
import type { FilePage, UploadForm } from "../files/files.ts";
import { guessMediaType, servedMediaType } from "../files/media-type.ts";
import type { LinkSeal, NamedFile } from "../files/signed-links.ts";
import type { ByteRange } from "../ports/blob-store.ts";
import type { FileRecord } from "../ports/file-store.ts";

const SHARED_HEADERS = { "Access-Control-Allow-Origin": "*" } as const;
const JSON_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-cache", ...SHARED_HEADERS } as const;

/** A form to upload with. @param url where to. */
export function answerForm({ id, name, key, policy, signature, expiresMs }: UploadForm, url: string): Response {
  const fields = { key, "Content-Type": guessMediaType(name), Policy: policy, Signature: signature };
  return answerJson({
    status: 200,
    data: { id, name },
    file_upload_request: {
      url,
      method: "POST",
      expiration_date: printSecond(expiresMs),
      form_fields: Object.entries(fields).map(([field, value]) => ({ key: field, value })),
    },
  });
}

/** A page. */
export function answerPage({ files, next }: FilePage): Response {
  const data = files.map(({ name, id, bytes, createdMs }) => ({
    name,
    id,
    size: bytes,
    created: printSecond(createdMs),
  }));
  const cursor = next === undefined ? null : Buffer.from(next).toString("base64url");
  return answerJson({ status: 200, data, next: cursor, count: data.length });
}

/** A removal. */
export function answerDeleted(): Response {
  return answerJson({ status: 200 });
}

/** An upload that is kept. @param location where it can be asked for. */
export function answerUploaded(digest: string, location: string): Response {
  const headers = { ETag: `"${digest}"`, Location: location, "Access-Control-Expose-Headers": "ETag, Location" };
  return new Response(null, { status: 204, headers: { ...SHARED_HEADERS, ...headers } });
}

/** The way to a file's bytes, which may be remembered until a minute before the link is void. */
export function answerRedirect(origin: string, file: NamedFile, link: LinkSeal, nowMs: number): Response {
  const seconds = link.expiresSeconds - Math.floor(nowMs / 1_000) - 60;
  const path = [file.keyset, file.channel, file.id, file.name].map(encodeURIComponent).join("/");
  const location = `${origin}/v1/file-content/${path}?expires=${link.expiresSeconds}&signature=${link.signature}`;
  const caching = `public, max-age=${seconds}, immutable`;
  return new Response(null, {
    status: 307,
    headers: { Location: location, "Cache-Control": caching, ...SHARED_HEADERS },
  });
}

/** A client has a file already. */
export function answerSame(file: FileRecord): Response {
  return new Response(null, { status: 304, headers: { ...cachingOf(file), ...SHARED_HEADERS } });
}

/** What would come with a file's bytes. */
export function answerHead(file: FileRecord): Response {
  return new Response(null, { headers: { ...contentHeaders(file), "Content-Length": String(file.bytes) } });
}

/**
 * A file's bytes. Whatever they are, they are no page of this origin: browsers save them, take them for nothing but what
 * they are said to be, and would show them, if anything, in an origin of their own.
 */
export function answerContent(file: FileRecord, content: BodyInit, range?: ByteRange): Response {
  if (!range)
    return new Response(content, { headers: { ...contentHeaders(file), "Content-Length": String(file.bytes) } });
  const headers = {
    ...contentHeaders(file),
    "Content-Range": `bytes ${range.from}-${range.to - 1}/${file.bytes}`,
    "Content-Length": String(range.to - range.from),
  };
  return new Response(content, { status: 206, headers });
}

function contentHeaders(file: FileRecord): Readonly<Record<string, string>> {
  return {
    "Content-Type": servedMediaType(file.mediaType),
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeAttribute(file.name)}`,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Accept-Ranges": "bytes",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Disposition, Content-Range, ETag",
    ...cachingOf(file),
    ...SHARED_HEADERS,
  };
}

function cachingOf(file: FileRecord): Readonly<Record<string, string>> {
  return { "Cache-Control": `private, max-age=${LIMITS.fileLinkSecondsMax}, immutable`, ETag: tagOf(file) };
}

// The service writes these three escaped, as encoders that think of HTML do.
function answerJson(value: object): Response {
  const text = JSON.stringify(value).replaceAll(/[<>&]/g, (character) => ESCAPES[character] ?? character);
  return new Response(text, { headers: JSON_HEADERS });
}

const ESCAPES: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };

function printSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

// RFC 8187 leaves fewer characters as they are than encodeURIComponent does.
function encodeAttribute(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
