/**
 * What of a file a request wants: the whole, a range of its bytes, or nothing where the client has it already.
 *
 * A file never changes, so its tag is its digest and never weak. Several ranges at once, and what is no range, are left
 * out, as RFC 9110 lets a server do. Pure. Rules: spec/FILES.md FIL26-FIL28.
 *
 * @module
 */
import type { ByteRange } from "../ports/blob-store.ts";
import type { FileRecord } from "../ports/file-store.ts";

/** What a request wants of a file. */
export type Wanted =
  | { readonly kind: "whole" }
  | { readonly kind: "range"; readonly range: ByteRange }
  /** No byte of the file lies in the range. */
  | { readonly kind: "beyond" }
  /** The client has it. */
  | { readonly kind: "unchanged" };

/** A file's tag, as headers carry it. */
export function tagOf({ digest }: Pick<FileRecord, "digest">): string {
  return `"${digest}"`;
}

/** Reads what a request wants. */
export function readWanted(headers: Headers, file: Pick<FileRecord, "bytes" | "digest">): Wanted {
  if (isTagAmong(headers.get("if-none-match"), tagOf(file))) return { kind: "unchanged" };
  const onlyOf = headers.get("if-range");
  if (onlyOf !== null && onlyOf !== tagOf(file)) return { kind: "whole" };
  return readRange(headers.get("range"), file.bytes);
}

// A weak tag of the same text is as good here: what is compared is whether the client needs the bytes again.
function isTagAmong(list: string | null, tag: string): boolean {
  if (list === null) return false;
  const tags = new Set(list.split(",").map((one) => one.trim().replace(/^W\//, "")));
  return tags.has(tag) || tags.has("*");
}

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/i;

function readRange(text: string | null, bytes: number): Wanted {
  const [, first, last] = RANGE.exec(text?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return { kind: "whole" };
  if (first !== "" && last !== "" && Number(last) < Number(first)) return { kind: "whole" };
  const from = first === "" ? Math.max(bytes - Number(last), 0) : Number(first);
  const to = first === "" || last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  return from < to ? { kind: "range", range: { from, to } } : { kind: "beyond" };
}
