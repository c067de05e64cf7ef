/**
 * The blob-store port: keeps the content of files, each under an identifier of the network's own making.
 *
 * Atomicity: content is there as a whole once its put is known to be kept, and not at all before; a process that ends amid a
 * put leaves nothing that a later start shows. Content never changes. Memory: content goes through in pieces, in both
 * directions, and the next piece is asked for when the last has been taken.
 * Rules: spec/FILES.md FIL30-FIL37; suite: conformance/blob-store.ts.
 *
 * @module
 */

/** A UUID, made by the caller; never a name that a client chose. */
export type BlobId = string;

/** What came of a put. Of whatever is not kept nothing is left. */
export type PutOutcome =
  /** Kept. `digest` is the SHA-256 of the content, in hexadecimal digits. */
  | { readonly kind: "kept"; readonly bytes: number; readonly digest: string }
  /** The content has more than `bytesMax`; `bytes` counts those that were seen. */
  | { readonly kind: "tooLarge"; readonly bytes: number }
  /** The content failed before its end. */
  | { readonly kind: "broken"; readonly failure: unknown }
  /** The store refused. */
  | { readonly kind: "unavailable" };

/** A part of content: the bytes from one on, the first being 0, and up to another that is not in it. Never empty. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** What came of a get. */
export type GetOutcome =
  /** Bytes that are read when they are asked for, piece by piece; whoever does not read a stream to its end cancels it. */
  | { readonly kind: "blob"; readonly content: Blob | ReadableStream<Uint8Array> }
  | { readonly kind: "none" }
  | { readonly kind: "unavailable" };

/** Keeps content. */
export interface BlobStore {
  /**
   * Keeps content under an identifier that was never used before.
   *
   * @param bytesMax the content may have as many bytes.
   */
  put(id: BlobId, content: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PutOutcome>;
  /**
   * Content as it was kept. It may be deleted before it is read: then reading fails, with `ENOENT` where it has not begun.
   *
   * @param range the part that is wanted, within the content; all of it where it is left out.
   */
  get(id: BlobId, range?: ByteRange): Promise<GetOutcome>;
  /** Deletes content; `deleted` also where there was none. */
  delete(id: BlobId): Promise<"deleted" | "unavailable">;
  /** Identifiers of kept content in ascending order, after one and at most so many; the empty text is before all. */
  list(after: BlobId, blobsMax: number): Promise<readonly BlobId[]>;
}
