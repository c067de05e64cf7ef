/**
 * Identifiers of blobs, as every blob store takes them: whatever else goes wrong, no text of a client becomes a path or a key.
 *
 * @module
 */
import type { BlobId } from "../ports/blob-store.ts";

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is an identifier of a blob: a UUID in small letters. */
export function isBlobId(text: string): boolean {
  return ID.test(text);
}

/** The identifier itself. @throws {Error} where it is none, which is a bug of the caller. */
export function assertBlobId(id: BlobId): BlobId {
  if (!isBlobId(id)) throw new Error("a blob's identifier is not a UUID");
  return id;
}
