/**
 * The blob store of a single process, on the local disk.
 *
 * `DIRECTORY/ab/abcdef01-…` is a file's content, under its identifier alone; `DIRECTORY/incoming/` holds what is being
 * received. Content is written there, synced, and then moved to its place, which happens as a whole or not at all; opening
 * empties `incoming/`, where only a process that was killed leaves anything. Rules: spec/FILES.md FIL30-FIL37.
 *
 * @module
 */
import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BlobId, BlobStore, ByteRange, GetOutcome, PutOutcome } from "../../ports/blob-store.ts";
import { assertBlobId, isBlobId } from "../blob-id.ts";
import { StartupError } from "../../startup-error.ts";
import { WriteRefused, receiveContent } from "./received-content.ts";

/** How the store uses its disk. */
export interface DiskBlobSettings {
  readonly directory: string;
  /** Whether a put waits for the disk itself ("full") or may be lost with the power ("normal"). */
  readonly synchronous: "full" | "normal";
  /** Told the disk's own word when it refuses, for the log. */
  readonly refused: (reason: string) => void;
}

const SHARD = /^[0-9a-f]{2}$/;
const INCOMING = "incoming";

/** Where the content of files lies in a data directory. */
export const FILES_DIRECTORY = "files";

/**
 * The path of a file's content.
 *
 * @param directory the store's directory.
 * @throws {Error} for what is no identifier: no text of a client becomes a path.
 */
export function pathOfBlob(directory: string, id: BlobId): string {
  return join(directory, assertBlobId(id).slice(0, 2), id);
}

/** Keeps content in files. */
export class DiskBlobStore implements BlobStore {
  readonly #settings: DiskBlobSettings;

  /**
   * Opens a directory that nobody else uses, making it where it does not exist.
   *
   * @throws {StartupError} when it cannot be used, with the disk's own word and what to do.
   */
  constructor(settings: DiskBlobSettings) {
    this.#settings = settings;
    const incoming = join(settings.directory, INCOMING);
    try {
      rmSync(incoming, { recursive: true, force: true });
      mkdirSync(incoming, { recursive: true, mode: 0o700 });
    } catch (refusal) {
      const reason = refusal instanceof Error ? refusal.message : String(refusal);
      throw new StartupError(
        `The directory ${settings.directory} cannot hold files: ${reason}. Check its permissions and free space.`,
      );
    }
  }

  async put(id: BlobId, content: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PutOutcome> {
    const incoming = join(this.#settings.directory, INCOMING, assertBlobId(id));
    let file: FileHandle;
    try {
      file = await open(incoming, "wx", 0o600);
    } catch (refusal) {
      return this.#refuse(refusal);
    }
    const outcome = await this.#receive(file, content, bytesMax);
    const kept = outcome.kind === "kept" && (await this.#move(incoming, id));
    if (kept) return outcome;
    await this.#remove(incoming);
    return outcome.kind === "kept" ? { kind: "unavailable" } : outcome;
  }

  async get(id: BlobId, range?: ByteRange): Promise<GetOutcome> {
    const path = this.#pathOf(id);
    try {
      await stat(path);
      const content = Bun.file(path);
      return { kind: "blob", content: range ? content.slice(range.from, range.to) : content };
    } catch (refusal) {
      return isMissing(refusal) ? { kind: "none" } : this.#refuse(refusal);
    }
  }

  async delete(id: BlobId): Promise<"deleted" | "unavailable"> {
    return (await this.#remove(this.#pathOf(id))) ? "deleted" : "unavailable";
  }

  async list(after: BlobId, blobsMax: number): Promise<readonly BlobId[]> {
    const found: BlobId[] = [];
    const shards = (await readdir(this.#settings.directory)).filter((name) => SHARD.test(name)).toSorted();
    for (const shard of shards) {
      if (shard < after.slice(0, 2)) continue;
      const ids = (await readdir(join(this.#settings.directory, shard))).filter((id) => isBlobId(id) && id > after);
      found.push(...ids.toSorted());
      if (found.length >= blobsMax) break;
    }
    return found.slice(0, blobsMax);
  }

  async #receive(file: FileHandle, content: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PutOutcome> {
    const ask = async (call: () => Promise<unknown>): Promise<void> => {
      try {
        await call();
      } catch (refusal) {
        this.#refuse(refusal);
        throw new WriteRefused();
      }
    };
    try {
      const outcome = await receiveContent(content, bytesMax, (piece) => ask(() => file.appendFile(piece)));
      if (outcome.kind === "kept" && this.#settings.synchronous === "full") await ask(() => file.sync());
      return outcome;
    } catch {
      return { kind: "unavailable" };
    } finally {
      await file.close();
    }
  }

  async #move(incoming: string, id: BlobId): Promise<boolean> {
    try {
      const shard = join(this.#settings.directory, id.slice(0, 2));
      const isNew = (await mkdir(shard, { recursive: true, mode: 0o700 })) !== undefined;
      await rename(incoming, this.#pathOf(id));
      if (isNew) await this.#syncDirectory(this.#settings.directory);
      await this.#syncDirectory(shard);
      return true;
    } catch (refusal) {
      this.#refuse(refusal);
      return false;
    }
  }

  // A name is as durable as the directory that holds it.
  async #syncDirectory(path: string): Promise<void> {
    if (this.#settings.synchronous !== "full") return;
    const directory = await open(path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  async #remove(path: string): Promise<boolean> {
    try {
      await rm(path, { force: true });
      return true;
    } catch (refusal) {
      this.#refuse(refusal);
      return false;
    }
  }

  #pathOf(id: BlobId): string {
    return pathOfBlob(this.#settings.directory, id);
  }

  #refuse(refusal: unknown): { readonly kind: "unavailable" } {
    this.#settings.refused(refusal instanceof Error ? refusal.message : String(refusal));
    return { kind: "unavailable" };
  }
}

function isMissing(refusal: unknown): boolean {
  return refusal instanceof Error && "code" in refusal && refusal.code === "ENOENT";
}
