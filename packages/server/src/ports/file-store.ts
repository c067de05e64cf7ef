/**
 * The file-store port: what is known of files besides their content.
 *
 * Atomicity: a put with its limits is one step; a put or a removal becomes durable as a whole or not at all, and its outcome
 * is there when it is. A read shows every change whose outcome is known. A file never changes. A file that has expired is
 * shown to nobody from that instant on.
 * Rules: spec/FILES.md FIL40-FIL47; suite: conformance/file-store.ts.
 *
 * @module
 */

/** A channel's file is known by these. */
export interface FilePlace {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly channel: string;
  /** Unique among the channel's files. */
  readonly id: string;
}

/** Everything that is known of a file. */
export interface FileRecord extends FilePlace {
  readonly name: string;
  readonly bytes: number;
  /** Its media type, as it is answered. */
  readonly mediaType: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number;
  /** From this instant on it is gone; nothing for never. */
  readonly expiresMs: number | undefined;
  /** SHA-256 of its content, in hexadecimal digits. */
  readonly digest: string;
  /** What the blob store knows its content by; unique. */
  readonly blob: string;
}

/** How much a keyset may have, the file that is put included. */
export interface FileBounds {
  readonly filesMax: number;
  readonly bytesMax: number;
}

/** What came of a put. */
export type FilePutOutcome =
  | { readonly kind: "kept" }
  /** There is a file in this place already: nothing happened. */
  | { readonly kind: "exists"; readonly file: FileRecord }
  /** A bound would have been passed: nothing happened. */
  | { readonly kind: "noRoom" }
  | { readonly kind: "unavailable" };

/** What came of a removal. */
export type FileRemoveOutcome =
  | { readonly kind: "removed"; readonly blob: string }
  | { readonly kind: "none" }
  | { readonly kind: "unavailable" };

/** A request for a page of a channel's files, in ascending order of their identifiers. */
export interface FilePageRequest {
  readonly keyset: string;
  readonly channel: string;
  /** Identifiers above this one; the empty text is before all. */
  readonly after: string;
  readonly filesMax: number;
  readonly nowMs: number;
}

/** Keeps what is known of files. */
export interface FileStore {
  put(file: FileRecord, bounds: FileBounds): Promise<FilePutOutcome>;
  find(place: FilePlace, nowMs: number): Promise<FileRecord | undefined>;
  /** Removes the file of a place, if it has this name. */
  remove(place: FilePlace, name: string): Promise<FileRemoveOutcome>;
  page(request: FilePageRequest): Promise<readonly FileRecord[]>;
  /** Removes at most so many files that have expired. @returns the blobs that nothing names any more. */
  expire(nowMs: number, filesMax: number): Promise<readonly string[]>;
  /**
   * Removes at most so many files of a keyset, whatever their age; those too whose put was called before.
   *
   * @returns the blobs that nothing names any more; fewer than were asked for when there are no more, or the store refuses.
   */
  removeOf(keyset: string, filesMax: number): Promise<readonly string[]>;
  /** The keysets that have files, expired ones included. */
  keysets(): Promise<readonly string[]>;
  /** Those of these blobs that a file names, expired or not. */
  named(blobs: readonly string[]): Promise<readonly string[]>;
  /** Ends changes that are under way and refuses later ones. May be called twice. */
  stop(): Promise<void>;
}
