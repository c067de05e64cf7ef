/**
 * The lines of a process, one by one.
 *
 * @module
 */

/** Reads a stream line by line. */
export class LineReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next line. @throws an error when the stream ends before. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`a process ended early: ${this.#rest}`);
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }
}
