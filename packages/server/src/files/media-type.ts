/**
 * Media types: guessed from a file's name, accepted from an upload, and made harmless for an answer.
 *
 * Pure. Rules: spec/FILES.md FIL3, FIL23.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";

/** What a file is when nothing says otherwise. */
export const UNKNOWN_MEDIA_TYPE = "binary/octet-stream";

const BY_ENDING: ReadonlyMap<string, string> = new Map(
  Object.entries({
    txt: "text/plain; charset=utf-8",
    csv: "text/csv; charset=utf-8",
    md: "text/markdown; charset=utf-8",
    html: "text/html; charset=utf-8",
    css: "text/css; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    json: "application/json",
    xml: "text/xml; charset=utf-8",
    pdf: "application/pdf",
    zip: "application/zip",
    gz: "application/gzip",
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    avif: "image/avif",
    svg: "image/svg+xml",
    mp3: "audio/mpeg",
    ogg: "audio/ogg",
    wav: "audio/wav",
    m4a: "audio/mp4",
    mp4: "video/mp4",
    webm: "video/webm",
    mov: "video/quicktime",
    doc: "application/msword",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xls: "application/vnd.ms-excel",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ppt: "application/vnd.ms-powerpoint",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  }),
);

/** What a file of this name probably is. */
export function guessMediaType(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return BY_ENDING.get(ending) ?? UNKNOWN_MEDIA_TYPE;
}

const TOKEN = "[A-Za-z0-9!#$&^_.+-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:\\s*;\\s*${TOKEN}=(?:${TOKEN}|"[A-Za-z0-9 !#$&^_.+:/-]*"))*$`);

/** The media type that an upload names, or the unknown one where that is none. */
export function readMediaType(text: string | undefined): string {
  const isOne = text !== undefined && text.length <= LIMITS.fileMediaTypeBytesMax && MEDIA_TYPE.test(text);
  return isOne ? text : UNKNOWN_MEDIA_TYPE;
}

const SCRIPT = /^[^;]*(?:javascript|ecmascript|jscript|livescript)/i;

/** The media type to answer with: a script is a text there, so that no page can be made to run a file. */
export function servedMediaType(mediaType: string): string {
  return SCRIPT.test(mediaType) ? "text/plain; charset=utf-8" : mediaType;
}
