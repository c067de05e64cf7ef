/**
 * What applications give as a file, as one content with its name and type.
 *
 * Rules: spec/SDK.md SDK60.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { invalidParameter, isSegment } from "../endpoints/parameters.ts";

/** Content with a name. */
export interface NamedData {
  readonly data: Blob | ArrayBuffer | Uint8Array | string;
  /** At most 255 bytes of UTF-8; the network may change it, and answers the name that counts. */
  readonly name: string;
  /** A media type: `image/png`. The network guesses it from the name's ending where this is left out. */
  readonly mimeType?: string | undefined;
}

/** Content that is still to be read, as a stream of the runtime; the whole of it is taken into memory. */
export interface NamedStream extends Pick<NamedData, "name" | "mimeType"> {
  readonly stream: AsyncIterable<Uint8Array | string>;
}

/** A file to send. */
export type FileInput = File | NamedData | NamedStream;

/** A file as it is read. */
export interface FileContent {
  readonly name: string;
  /** A media type; nothing where none was given. */
  readonly type: string | undefined;
  readonly content: Blob;
}

/**
 * Reads what was given.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` where it is no file.
 */
export async function readFileInput(file: FileInput): Promise<FileContent> {
  if (typeof file !== "object" || file === null) throw invalidParameter(NO_FILE);
  const name = requireFileName(file.name, "file.name");
  if (file instanceof Blob) return { name, type: typeOf(file.type), content: file };
  if ("stream" in file) return { name, type: typeOf(file.mimeType), content: await gathered(file.stream) };
  const { data, mimeType } = file;
  const isContent =
    data instanceof Blob || data instanceof ArrayBuffer || data instanceof Uint8Array || typeof data === "string";
  if (!isContent) throw invalidParameter(NO_FILE);
  const ownType = data instanceof Blob ? data.type : undefined;
  const content = data instanceof Uint8Array ? new Blob([new Uint8Array(data)]) : new Blob([data]);
  return { name, type: typeOf(mimeType ?? ownType), content };
}

/** Checks a file's name, or its identifier. */
export function requireFileName(value: unknown, parameter: string): string {
  if (isSegment(value)) return value;
  throw invalidParameter(`${parameter} is missing or no name; use no lone dots, whole characters`);
}

const NO_FILE = "file is no file; give a File, or data (or a stream) with a name";

// An empty type says that nobody knows it.
function typeOf(type: unknown): string | undefined {
  return typeof type === "string" && type !== "" ? type : undefined;
}

async function gathered(stream: unknown): Promise<Blob> {
  if (typeof stream !== "object" || stream === null || !(Symbol.asyncIterator in stream))
    throw invalidParameter(NO_FILE);
  const parts: BlobPart[] = [];
  let bytes = 0;
  for await (const part of stream as AsyncIterable<unknown>) {
    if (typeof part !== "string" && !(part instanceof Uint8Array)) throw invalidParameter(NO_FILE);
    bytes += part.length;
    if (bytes > LIMITS.fileBytesMax) throw invalidParameter("file is too long for any network; send a shorter one");
    parts.push(typeof part === "string" ? part : new Uint8Array(part));
  }
  return new Blob(parts);
}
