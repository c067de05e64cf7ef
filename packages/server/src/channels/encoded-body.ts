/**
 * A body that many answers share: its text, and its gzip form once somebody wants it.
 *
 * @module
 */

/** Below this many characters compressing costs more than it saves. */
const GZIP_CHARACTERS_MIN = 1_024;

/** A text that is sent as it is or compressed, each form made once. */
export class EncodedBody {
  readonly text: string;
  #gzip: Uint8Array<ArrayBuffer> | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether the compressed form saves enough. */
  get isWorthGzip(): boolean {
    return this.text.length >= GZIP_CHARACTERS_MIN;
  }

  /** The compressed form. */
  get gzip(): Uint8Array<ArrayBuffer> {
    this.#gzip ??= Bun.gzipSync(this.text);
    return this.#gzip;
  }
}
