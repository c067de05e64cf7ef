/**
 * The blob store of a network that keeps nothing on disk; bounded, since its files are the process's memory.
 *
 * Rules: spec/FILES.md FIL30-FIL37.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { BlobId, BlobStore, ByteRange, GetOutcome, PutOutcome } from "../../ports/blob-store.ts";
import { WriteRefused, receiveContent } from "./received-content.ts";

/** How much the store may hold. */
export interface MemoryBlobBounds {
  /** Of all content together; more is refused. */
  readonly bytesMax: number;
}

/** Keeps content in memory. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<BlobId, Blob>();
  readonly #bounds: MemoryBlobBounds;
  #bytes = 0; // with those that are being received

  constructor(bounds: MemoryBlobBounds = { bytesMax: LIMITS.memoryFileBytesMax }) {
    this.#bounds = bounds;
  }

  async put(id: BlobId, content: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PutOutcome> {
    const pieces: BlobPart[] = [];
    let taken = 0;
    const outcome = await receiveContent(content, bytesMax, async (piece) => {
      if (this.#bytes + piece.byteLength > this.#bounds.bytesMax) throw new WriteRefused();
      taken += piece.byteLength;
      this.#bytes += piece.byteLength;
      pieces.push(new Uint8Array(piece));
    });
    if (outcome.kind === "kept") this.#blobs.set(id, new Blob(pieces));
    else this.#bytes -= taken;
    return outcome;
  }

  async get(id: BlobId, range?: ByteRange): Promise<GetOutcome> {
    const content = this.#blobs.get(id);
    if (!content) return { kind: "none" };
    return { kind: "blob", content: range ? content.slice(range.from, range.to) : content };
  }

  async delete(id: BlobId): Promise<"deleted"> {
    this.#bytes -= this.#blobs.get(id)?.size ?? 0;
    this.#blobs.delete(id);
    return "deleted";
  }

  async list(after: BlobId, blobsMax: number): Promise<readonly BlobId[]> {
    return [...this.#blobs.keys()]
      .filter((id) => id > after)
      .toSorted()
      .slice(0, blobsMax);
  }
}
