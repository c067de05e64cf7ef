/**
 * The blob store in a bucket of an S3-compatible service, which several machines can reach.
 *
 * `PREFIX` and an identifier together are the key of a file's content; whoever opens a store is alone with its prefix.
 * Content goes up through Bun's S3 client: in one request, or in parts of 5 MiB where it is larger, and an upload that is
 * given up takes its parts back. It comes down through links that are signed here and never leave the process, because
 * their status is known before the first byte. Rules: spec/FILES.md FIL30-FIL37, FIL50-FIL53.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { BlobId, BlobStore, ByteRange, GetOutcome, PutOutcome } from "../../ports/blob-store.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import { StartupError } from "../../startup-error.ts";
import { assertBlobId, isBlobId } from "../blob-id.ts";
import { WriteRefused, receiveContent } from "../embedded/received-content.ts";
import type { S3Credentials } from "./s3-credentials.ts";

/** Where a bucket is, and who asks for it. */
export interface S3BlobSettings {
  /** Address of the service; nothing for Amazon's own, by region. */
  readonly endpoint: string | undefined;
  readonly bucket: string;
  readonly region: string;
  /** What all keys begin with. */
  readonly prefix: string;
  readonly credentials: S3Credentials;
  readonly clock: Clock;
  /** Told the service's word when it refuses, for the log: a code, never a key, a link or a signature. */
  readonly refused: (reason: string) => void;
}

/** Of each upload no more is in memory than one part that goes up and one that is gathered. */
const UPLOAD = { partSize: LIMITS.s3PartBytesMax, queueSize: 1, retry: 2, type: "application/octet-stream" } as const;
const KEYS_PER_PAGE_MAX = 1_000; // the service's own bound

/** Keeps content in a bucket. */
export class S3BlobStore implements BlobStore {
  readonly #settings: S3BlobSettings;
  readonly #client: Bun.S3Client;

  /** Asks nothing of the service yet: the first call does. */
  constructor(settings: S3BlobSettings) {
    this.#settings = settings;
    const { endpoint, bucket, region, credentials } = settings;
    const { accessKeyId, secretAccessKey, sessionToken = "" } = credentials; // what is left out, the client looks for itself
    const address = endpoint ?? `https://s3.${region}.amazonaws.com`;
    this.#client = new Bun.S3Client({ endpoint: address, bucket, region, accessKeyId, secretAccessKey, sessionToken });
  }

  async put(id: BlobId, content: AsyncIterable<Uint8Array>, bytesMax: number): Promise<PutOutcome> {
    const key = this.#keyOf(id);
    const pipe = new TransformStream<Uint8Array, Uint8Array>();
    const writer = pipe.writable.getWriter();
    const uploading = this.#upload(key, pipe.readable);
    const refused = uploading.then(() => Promise.reject(new WriteRefused())); // it ends by itself only where it is refused
    refused.catch(() => {});
    const outcome = await receiveContent(content, bytesMax, async (piece) => {
      if (piece.byteLength > 0) await Promise.race([refused, this.#within(writer.write(piece)).catch(refuse)]);
    });
    if (outcome.kind === "kept") {
      writer.close().catch(() => {}); // its failure is the upload's
      if (await this.#within(uploading).catch(() => false)) return outcome;
    }
    writer.abort(new WriteRefused()).catch(() => {});
    await this.#within(uploading).catch(() => false);
    if (outcome.kind === "kept") await this.delete(id); // it may have been kept all the same, and nobody heard of it
    return outcome.kind === "kept" ? { kind: "unavailable" } : outcome;
  }

  async get(id: BlobId, range?: ByteRange): Promise<GetOutcome> {
    const url = this.#client.presign(this.#keyOf(id), { method: "GET", expiresIn: LIMITS.s3CallSecondsMax });
    const headers = { "Accept-Encoding": "identity", ...(range && { Range: `bytes=${range.from}-${range.to - 1}` }) };
    const abort = new AbortController();
    try {
      const response = await this.#within(fetch(url, { headers, signal: abort.signal }));
      if (response.status === (range ? 206 : 200)) return { kind: "blob", content: response.body ?? new Blob() };
      const code = codeIn(await this.#within(response.text()));
      return code === "NoSuchKey" ? { kind: "none" } : this.#refuse(code ?? `status ${response.status}`);
    } catch (refusal) {
      abort.abort();
      return this.#refuse(codeOf(refusal));
    }
  }

  async delete(id: BlobId): Promise<"deleted" | "unavailable"> {
    const key = this.#keyOf(id);
    try {
      await this.#within(this.#client.delete(key));
      return "deleted";
    } catch (refusal) {
      if (codeOf(refusal) === "NoSuchKey") return "deleted";
      return this.#refuse(codeOf(refusal)).kind;
    }
  }

  /** @throws {StartupError} where the service refuses: a start lists, and cannot go on without. */
  async list(after: BlobId, blobsMax: number): Promise<readonly BlobId[]> {
    const { prefix } = this.#settings;
    const found: BlobId[] = [];
    let startAfter = prefix + after;
    for (;;) {
      const maxKeys = Math.min(blobsMax - found.length, KEYS_PER_PAGE_MAX);
      const page = await this.#page({ prefix, maxKeys, ...(startAfter !== "" && { startAfter }) });
      const keys = (page.contents ?? []).map(({ key }) => key);
      found.push(...keys.map((key) => key.slice(prefix.length)).filter((id) => isBlobId(id)));
      startAfter = keys.at(-1) ?? startAfter;
      if (!page.isTruncated || keys.length === 0 || found.length >= blobsMax) return found;
    }
  }

  async #page(request: Bun.S3ListObjectsOptions): Promise<Bun.S3ListObjectsResponse> {
    try {
      return await this.#within(this.#client.list(request));
    } catch (refusal) {
      const { bucket, endpoint = "the service" } = this.#settings;
      throw new StartupError(
        `The bucket ${bucket} of ${endpoint} cannot hold files: ${codeOf(refusal)}. Check --s3-endpoint, --s3-bucket, ` +
          "--s3-region and the credentials.",
      );
    }
  }

  // Whether the content was kept. It goes up while it comes in: the service's pace is the client's.
  async #upload(key: string, content: ReadableStream<Uint8Array>): Promise<boolean> {
    try {
      await this.#client.write(key, new Response(content), UPLOAD);
      return true;
    } catch (refusal) {
      if (!(refusal instanceof WriteRefused)) this.#refuse(codeOf(refusal));
      return false;
    }
  }

  // A service that says nothing any more is one that refuses.
  async #within<Result>(running: Promise<Result>): Promise<Result> {
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      const run = (): void => reject(new NoAnswer());
      timer = this.#settings.clock.after(LIMITS.s3CallSecondsMax * 1_000, run);
    });
    try {
      return await Promise.race([running, late]);
    } finally {
      timer?.cancel();
    }
  }

  #keyOf(id: BlobId): string {
    return this.#settings.prefix + assertBlobId(id);
  }

  #refuse(code: string): { readonly kind: "unavailable" } {
    this.#settings.refused(code);
    return { kind: "unavailable" };
  }
}

class NoAnswer extends Error {
  readonly code = `no answer within ${LIMITS.s3CallSecondsMax} seconds`;
}

function refuse(): never {
  throw new WriteRefused();
}

// The code alone: what else a failure says may hold the address that was asked, which is signed.
function codeOf(refusal: unknown): string {
  const code = refusal instanceof Error && "code" in refusal ? refusal.code : undefined;
  return typeof code === "string" && code !== "" ? code : "unknown";
}

function codeIn(xml: string): string | undefined {
  return /<Code>(\w{1,100})<\/Code>/.exec(xml)?.[1];
}
