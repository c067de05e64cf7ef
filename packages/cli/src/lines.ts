/**
 * Splits a stream of bytes into lines of text.
 *
 * Split before decoding: bytes that are no UTF-8 spoil their own line only, and never turn into replacement characters
 * that would be published. Pure but for the stream it is given. Rules: spec/CLI.md CLI8, CLI9.
 *
 * @module
 */

/** One line, counted from 1. */
export type Line =
  | { readonly kind: "line"; readonly number: number; readonly text: string }
  /** A line that cannot be published, and why. */
  | { readonly kind: "unusable"; readonly number: number; readonly why: "tooLong" | "notUtf8" };

const LINE_FEED = 0x0a;
const NOTHING = new Uint8Array();

/**
 * Splits a stream into lines.
 *
 * @param chunks bytes, cut anywhere.
 * @param bytesMax how long a line may be; of a longer one nothing is kept, however long it is.
 * @returns every line without its line feed; what follows the last line feed is a line if it is not empty.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Line> {
  const line = new OpenLine(bytesMax);
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end < 0) break;
      line.add(chunk.subarray(start, end));
      yield line.close();
      start = end + 1;
    }
    line.add(chunk.slice(start)); // a copy: the stream may use its buffer again
  }
  if (!line.isEmpty) yield line.close();
}

/** The line that is being read. */
class OpenLine {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #number = 1;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Uint8Array): void {
    this.#bytes += part.byteLength;
    if (this.#bytes > this.#bytesMax) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part);
  }

  close(): Line {
    const line = this.#read();
    this.#number += 1;
    this.#bytes = 0;
    this.#parts = [];
    return line;
  }

  #read(): Line {
    const number = this.#number;
    if (this.#bytes > this.#bytesMax) return { kind: "unusable", number, why: "tooLong" };
    const [first = NOTHING] = this.#parts;
    try {
      const bytes = this.#parts.length > 1 ? Buffer.concat(this.#parts) : first;
      return { kind: "line", number, text: this.#decoder.decode(bytes) };
    } catch {
      return { kind: "unusable", number, why: "notUtf8" };
    }
  }
}
