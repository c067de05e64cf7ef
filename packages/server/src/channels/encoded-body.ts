/**
 * A body that many answers share: its text, and its gzip form once somebody wants it.
 *
 * @module
 */

/** Below this many characters compressing costs more than it saves. */
export const GZIP_CHARACTERS_MIN = 1_024;

/** A text that is sent as it is or compressed, each form made once. */
export class EncodedBody {
  readonly text: string;
  #gzip: Uint8Array<ArrayBuffer> | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The compressed form, or nothing where it is not worth it. */
  get gzip(): Uint8Array<ArrayBuffer> | undefined {
    if (this.text.length < GZIP_CHARACTERS_MIN) return undefined;
    this.#gzip ??= Bun.gzipSync(this.text);
    return this.#gzip;
  }
}
