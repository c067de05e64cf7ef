/**
 * Cuts a server's side of a WebSocket into frames: text and binary frames are handed on, a ping is answered.
 *
 * @module
 */

/** The answer to a ping, masked by zeros as a client's frames must be. */
export const PONG = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);

/** A short frame of a client, text or binary by what it is given: masked by zeros too. */
export function clientFrame(content: string | Uint8Array): Uint8Array {
  const isText = typeof content === "string";
  const bytes = isText ? Buffer.from(content) : content;
  const length = bytes.length < LENGTH_16 ? [bytes.length] : [LENGTH_16, bytes.length >> 8, bytes.length & 0xff];
  const head = [FINAL | (isText ? TEXT : BINARY), MASKED | (length[0] ?? 0), ...length.slice(1), 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), bytes]);
}

const FINAL = 0x80;
const MASKED = 0x80;
const PING = 0x9;
const TEXT = 0x1;
const BINARY = 0x2;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Reads frames out of chunks. */
export class FrameReader {
  readonly #hear: (text: Buffer) => void;
  readonly #pinged: () => void;
  #rest: Buffer | undefined;

  constructor(hear: (text: Buffer) => void, pinged: () => void) {
    this.#hear = hear;
    this.#pinged = pinged;
  }

  take(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (let end = endOf(bytes, at); end <= bytes.length; end = endOf(bytes, at)) {
      this.#frame(bytes, at, end);
      at = end;
    }
    // Copied, since the chunk is the runtime's own.
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
  }

  #frame(bytes: Buffer, at: number, end: number): void {
    const kind = (bytes[at] ?? 0) & 0x0f;
    if (kind === PING) this.#pinged();
    if (kind === TEXT || kind === BINARY) this.#hear(bytes.subarray(at + headOf(bytes[at + 1] ?? 0), end));
  }
}

function headOf(length: number): number {
  if (length === LENGTH_16) return 4;
  return length === LENGTH_64 ? 10 : 2;
}

// Behind everything while the head is not whole.
function endOf(bytes: Buffer, at: number): number {
  const length = bytes[at + 1];
  if (length === undefined || at + headOf(length) > bytes.length) return Number.POSITIVE_INFINITY;
  if (length === LENGTH_16) return at + 4 + bytes.readUInt16BE(at + 2);
  if (length === LENGTH_64) return at + 10 + Number(bytes.readBigUInt64BE(at + 2));
  return at + 2 + length;
}
