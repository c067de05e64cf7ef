/**
 * Forms of `multipart/form-data` whose last part is a file: fields first, then the file as a stream.
 *
 * Fields and headers are bounded; of the file no more is in memory than one piece of the body. What follows the file is
 * not looked at. Rules: spec/FILES.md FIL11, FIL12.
 *
 * @module
 */
import { LIMITS, NetworkError } from "@longwave/protocol";

/** A form up to the first byte of its file. */
export interface FileForm {
  /** The first of each name counts. */
  readonly fields: ReadonlyMap<string, string>;
  /** The bytes of the file. Fails with `uploadMalformed` where the body ends before the file does. */
  readonly content: AsyncIterable<Uint8Array>;
}

const BOUNDARY = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))/i;
const FILE_PART = "file";
const HEADERS_END = Buffer.from("\r\n\r\n");

/**
 * Reads a form up to its file.
 *
 * @param contentType of the request.
 * @throws {NetworkError} `uploadNotMultipart`, `uploadMalformed`, `uploadFileMissing`.
 */
export async function readFileForm(contentType: string | null, body: AsyncIterable<Uint8Array>): Promise<FileForm> {
  const [, quoted, bare] = BOUNDARY.exec(contentType ?? "") ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw new NetworkError("uploadNotMultipart");
  const reader = new PartReader(body);
  await reader.takeUntil(Buffer.from(`--${boundary}`));
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const fields = new Map<string, string>();
  for (let parts = 0; await beginsPart(reader); parts++) {
    const name = readPartName((await reader.takeUntil(HEADERS_END)).toString("utf8"));
    if (name === FILE_PART) return { fields, content: reader.streamUntil(delimiter) };
    const value = (await reader.takeUntil(delimiter)).toString("utf8");
    if (parts >= LIMITS.uploadFieldsMax) throw new NetworkError("uploadMalformed");
    if (!fields.has(name)) fields.set(name, value);
  }
  throw new NetworkError("uploadFileMissing");
}

// Behind a boundary: two hyphens at the end of the form, else a new line.
async function beginsPart(reader: PartReader): Promise<boolean> {
  const next = (await reader.take(2)).toString("latin1");
  if (next === "--") return false;
  if (next !== "\r\n") throw new NetworkError("uploadMalformed");
  return true;
}

const DISPOSITION = /^content-disposition:\s*form-data\s*;(.*)$/im;
const NAME = /(?:^|;)\s*name=(?:"([^"]*)"|([^\s;"]+))/i;

function readPartName(headers: string): string {
  const [, parameters = ""] = DISPOSITION.exec(headers) ?? [];
  const [, quoted, bare] = NAME.exec(parameters) ?? [];
  const name = quoted ?? bare;
  if (name === undefined) throw new NetworkError("uploadMalformed");
  return name;
}

/** Reads a body in portions that end at marks. */
class PartReader {
  readonly #body: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body[Symbol.asyncIterator]();
  }

  /** So many bytes. */
  async take(bytes: number): Promise<Buffer> {
    while (this.#buffer.length < bytes) await this.#fill();
    return this.#cut(bytes, 0);
  }

  /** Everything before a mark, which is dropped: at most as much as a field may have. */
  async takeUntil(mark: Buffer): Promise<Buffer> {
    let at = this.#buffer.indexOf(mark);
    while (at < 0) {
      if (this.#buffer.length > LIMITS.uploadFieldBytesMax) throw new NetworkError("uploadMalformed");
      await this.#fill();
      at = this.#buffer.indexOf(mark);
    }
    if (at > LIMITS.uploadFieldBytesMax) throw new NetworkError("uploadMalformed");
    return this.#cut(at, mark.length);
  }

  /** Everything before a mark, piece by piece. What could be the beginning of the mark waits for what follows it. */
  async *streamUntil(mark: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let at = this.#buffer.indexOf(mark); at < 0; at = this.#buffer.indexOf(mark)) {
        const certain = this.#buffer.length - mark.length + 1;
        if (certain > 0) yield this.#cut(certain, 0);
        await this.#fill();
      }
      const at = this.#buffer.indexOf(mark);
      if (at > 0) yield this.#cut(at, 0);
    } finally {
      await this.#body.return?.();
    }
  }

  #cut(bytes: number, dropped: number): Buffer {
    const cut = this.#buffer.subarray(0, bytes);
    this.#buffer = this.#buffer.subarray(bytes + dropped);
    return cut;
  }

  async #fill(): Promise<void> {
    const next = await this.#next();
    if (next.done) throw new NetworkError("uploadMalformed"); // the body ends amid what was begun
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#buffer, next.value]);
  }

  // Whatever the runtime throws here says that the client did not send to the end what it began.
  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#body.next();
    } catch {
      throw new NetworkError("uploadMalformed");
    }
  }
}
