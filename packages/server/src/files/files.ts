/**
 * Files of channels: forms to upload with, uploads, pages, links to download from, removal, retention.
 *
 * Called by the edge. An upload's content is kept first and named then, so a file that is shown is whole; a removal forgets
 * the name first. What a process that was killed between the two left unnamed, the next start deletes.
 * Rules: spec/FILES.md FIL1-FIL29.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Keyset, KeysetDirectory, KeysetSecrets } from "../access/keysets.ts";
import type { BlobStore, ByteRange, GetOutcome } from "../ports/blob-store.ts";
import { type Clock, type Timer, every } from "../ports/clock.ts";
import type { FilePlace, FileRecord, FileRemoveOutcome, FileStore } from "../ports/file-store.ts";
import {
  type LinkSeal,
  type NamedFile,
  type SignedPolicy,
  type UploadPolicy,
  isLinkGenuine,
  readPolicy,
  signLink,
  signPolicy,
  uploadKey,
} from "./signed-links.ts";

/** What files need from outside. */
export interface FilePorts {
  readonly blobs: BlobStore;
  readonly store: FileStore;
  readonly clock: Clock;
  readonly keysets: Pick<KeysetDirectory, "find" | "secretsOf">;
}

/** A form to upload one file with. */
export interface UploadForm extends SignedPolicy {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly expiresMs: number;
}

/** A form as it came back. */
export interface GivenForm extends SignedPolicy {
  readonly keyset: string;
  readonly key: string;
}

/** What a form that came back allows. */
export type FormOutcome =
  | { readonly kind: "policy"; readonly policy: UploadPolicy }
  | { readonly kind: "altered" }
  | { readonly kind: "expired" }
  | { readonly kind: "off" };

/** What comes with a form. */
export interface Upload {
  readonly mediaType: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What came of an upload. */
export type UploadOutcome =
  | { readonly kind: "kept"; readonly digest: string }
  | { readonly kind: "tooLarge"; readonly bytes: number }
  | { readonly kind: "broken"; readonly failure: unknown }
  /** The form had its file already, and this is another one. */
  | { readonly kind: "used" }
  | { readonly kind: "noRoom" }
  | { readonly kind: "overloaded" }
  | { readonly kind: "unavailable" };

/** A request for a page of files. */
export interface ListCommand {
  readonly keyset: string;
  readonly channel: string;
  readonly after: string;
  readonly filesMax: number;
}

/** A page of files. */
export interface FilePage {
  readonly files: readonly FileRecord[];
  /** What the next page comes after; nothing on the last one. */
  readonly next: string | undefined;
}

/** What a link leads to. */
export type OpenOutcome =
  | { readonly kind: "file"; readonly file: FileRecord }
  | { readonly kind: "altered" | "expired" | "off" | "none" };

const SWEEP_MS = 10_000;
const BLOBS_PER_CHECK = 1_000;
const BYTES_PER_MEBIBYTE = 1_048_576;
const DAY_MS = 86_400_000;

/** The files of one process. */
export class Files {
  readonly #ports: FilePorts;
  readonly #uploading = new Map<string, number>();
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve(); // files leave in one place at a time
  #isStopped = false;

  constructor(ports: FilePorts) {
    this.#ports = ports;
  }

  /**
   * Deletes what an earlier process left behind, and begins to delete what expires. Nothing is uploaded before.
   *
   * @param isKept whether there is a keyset of this subscribe key, known to the directory or not.
   */
  async start(isKept: (subscribeKey: string) => boolean): Promise<void> {
    const { store, clock } = this.#ports;
    for (const keyset of await store.keysets()) if (!isKept(keyset)) await this.removeKeyset(keyset);
    await this.#deleteUnnamed();
    this.#timer = every(clock, SWEEP_MS, () => void this.#inTurn(() => this.#sweep()));
  }

  /** Removes all files of a keyset that the directory no longer has. What a stop cuts short, the next start ends. */
  removeKeyset(subscribeKey: string): Promise<void> {
    return this.#inTurn(() => this.#takeAway((filesMax) => this.#ports.store.removeOf(subscribeKey, filesMax)));
  }

  async #deleteUnnamed(): Promise<void> {
    const { blobs, store } = this.#ports;
    let after = "";
    for (;;) {
      const found = await blobs.list(after, BLOBS_PER_CHECK);
      const named = new Set(await store.named(found));
      for (const blob of found) if (!named.has(blob)) await blobs.delete(blob);
      after = found.at(-1) ?? "";
      if (found.length < BLOBS_PER_CHECK) break;
    }
  }

  /** A form with which one file can be uploaded within a minute. */
  offer({ subscribeKey, fileMebibytesMax }: Keyset, channel: string, name: string): UploadForm {
    const file = { keyset: subscribeKey, channel, id: crypto.randomUUID(), name };
    const expiresMs = (Math.floor(this.#nowMs() / 1_000) + LIMITS.uploadFormSecondsMax) * 1_000;
    const policy = { ...file, bytesMax: fileMebibytesMax * BYTES_PER_MEBIBYTE, expiresMs };
    return { ...signPolicy(this.#secretsOf(subscribeKey), policy), id: file.id, name, key: uploadKey(file), expiresMs };
  }

  /** What a form allows now. */
  check({ keyset, key, policy, signature }: GivenForm): FormOutcome {
    const secrets = this.#ports.keysets.secretsOf(keyset);
    const allowed = secrets && readPolicy(secrets, { policy, signature });
    if (!allowed || allowed.keyset !== keyset || key !== uploadKey(allowed)) return { kind: "altered" };
    if (allowed.expiresMs <= this.#nowMs()) return { kind: "expired" };
    return this.#ports.keysets.find(keyset)?.hasFiles ? { kind: "policy", policy: allowed } : { kind: "off" };
  }

  /** Receives a file. The outcome is there when the file is kept, or nothing is left of it. */
  async receive(policy: UploadPolicy, upload: Upload): Promise<UploadOutcome> {
    const { keyset } = policy;
    const uploading = this.#uploading.get(keyset) ?? 0;
    if (uploading >= LIMITS.uploadsPerKeysetMax) return { kind: "overloaded" };
    this.#uploading.set(keyset, uploading + 1);
    try {
      return await this.#receive(policy, upload);
    } finally {
      this.#ended(keyset);
    }
  }

  /** A page of a channel's files, by their identifiers. */
  async list({ filesMax, ...command }: ListCommand): Promise<FilePage> {
    const found = await this.#ports.store.page({ ...command, filesMax: filesMax + 1, nowMs: this.#nowMs() });
    const files = found.slice(0, filesMax);
    return { files, next: found.length > filesMax ? files.at(-1)?.id : undefined };
  }

  /** A link to a file, whether there is one or not. */
  link(file: NamedFile): LinkSeal {
    return signLink(this.#secretsOf(file.keyset), file, this.#nowMs());
  }

  /** Follows a link. */
  async open(file: NamedFile, link: LinkSeal): Promise<OpenOutcome> {
    const { keysets, store } = this.#ports;
    const secrets = keysets.secretsOf(file.keyset);
    if (!secrets || !isLinkGenuine(secrets, file, link)) return { kind: "altered" };
    if (link.expiresSeconds * 1_000 <= this.#nowMs()) return { kind: "expired" };
    if (!keysets.find(file.keyset)?.hasFiles) return { kind: "off" };
    const record = await store.find(file, this.#nowMs());
    return record?.name === file.name ? { kind: "file", file: record } : { kind: "none" };
  }

  /** The bytes of a file, or those of a range. */
  read({ blob }: FileRecord, range?: ByteRange): Promise<GetOutcome> {
    return this.#ports.blobs.get(blob, range);
  }

  /** Removes a file. */
  async remove(place: FilePlace, name: string): Promise<FileRemoveOutcome> {
    const outcome = await this.#ports.store.remove(place, name);
    // Content that the disk does not let go of now has no name any more, and leaves at the next start.
    if (outcome.kind === "removed") await this.#ports.blobs.delete(outcome.blob);
    return outcome;
  }

  /** Ends; uploads have ended before. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#turn;
    await this.#ports.store.stop();
  }

  async #receive(policy: UploadPolicy, { mediaType, content }: Upload): Promise<UploadOutcome> {
    const { blobs, store } = this.#ports;
    const blob = crypto.randomUUID();
    const put = await blobs.put(blob, content, policy.bytesMax);
    if (put.kind !== "kept") return put;
    const file = { ...this.#recordOf(policy), mediaType, blob, bytes: put.bytes, digest: put.digest };
    const outcome = await store.put(file, this.#boundsOf(policy.keyset));
    if (outcome.kind === "kept") return put;
    await blobs.delete(blob);
    if (outcome.kind !== "exists") return outcome;
    // The same file once more is a client that did not hear of its success.
    return outcome.file.digest === put.digest ? put : { kind: "used" };
  }

  #recordOf({ keyset, channel, id, name }: UploadPolicy): Omit<FileRecord, "mediaType" | "blob" | "bytes" | "digest"> {
    const createdMs = this.#nowMs();
    const settings = this.#ports.keysets.find(keyset);
    const isForEver = !settings || settings.keepsFilesForEver;
    const expiresMs = isForEver ? undefined : createdMs + settings.fileRetentionDays * DAY_MS;
    return { keyset, channel, id, name, createdMs, expiresMs };
  }

  #boundsOf(keyset: string): { readonly filesMax: number; readonly bytesMax: number } {
    const settings = this.#ports.keysets.find(keyset);
    if (!settings) return { filesMax: 0, bytesMax: 0 }; // removed meanwhile
    return { filesMax: LIMITS.filesPerKeysetMax, bytesMax: settings.filesMebibytesMax * BYTES_PER_MEBIBYTE };
  }

  #ended(keyset: string): void {
    const left = (this.#uploading.get(keyset) ?? 1) - 1;
    if (left === 0) this.#uploading.delete(keyset);
    else this.#uploading.set(keyset, left);
  }

  #sweep(): Promise<void> {
    return this.#takeAway((filesMax) => this.#ports.store.expire(this.#nowMs(), filesMax));
  }

  // Names first, in small transactions, and after each the content that they named.
  async #takeAway(unname: (filesMax: number) => Promise<readonly string[]>): Promise<void> {
    let blobs: readonly string[];
    do {
      blobs = await unname(LIMITS.leavingFilesMax);
      await Promise.all(blobs.map((blob) => this.#ports.blobs.delete(blob)));
    } while (blobs.length === LIMITS.leavingFilesMax && !this.#isStopped);
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    return (this.#turn = this.#turn.then(run));
  }

  #secretsOf(keyset: string): KeysetSecrets {
    const secrets = this.#ports.keysets.secretsOf(keyset);
    if (!secrets) throw new Error("a keyset without secrets");
    return secrets;
  }

  #nowMs(): number {
    return this.#ports.clock.wallMs();
  }
}
