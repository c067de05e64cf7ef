/**
 * Reads the part of CBOR (RFC 8949) that tokens are written in: definite lengths, no tags, bounded in depth.
 *
 * Not an encoder: the network's tokens are written by a library. What is outside this part is refused, not skipped, so
 * that no two readers can see different things in one token. Pure.
 *
 * @module
 */
import { decodeUtf8 } from "./base64url.ts";
import { LIMITS } from "./limits.ts";

/** A value of CBOR. Byte strings are bytes; keys of maps are texts, whether written as text, bytes or number. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<string, CborValue>;

const MAJOR = Object.freeze({ unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5 });

/**
 * Reads one value that fills the bytes exactly.
 *
 * @param bytes from an untrusted peer, of a length the caller has bounded.
 * @returns the value, wrapped so that CBOR's own `undefined` is one; nothing for anything else.
 */
export function decodeCbor(bytes: Uint8Array): { readonly value: CborValue } | undefined {
  const reader = new Reader(bytes);
  try {
    const value = reader.read(0);
    return reader.isAtEnd ? { value } : undefined;
  } catch (failure) {
    if (failure instanceof Unreadable) return undefined;
    throw failure;
  }
}

/** Whether a value is a map. */
export function isCborMap(value: CborValue): value is ReadonlyMap<string, CborValue> {
  return value instanceof Map;
}

/** Ends a read from within; never leaves this module. */
class Unreadable extends Error {}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(depth: number): CborValue {
    if (depth > LIMITS.tokenDepthMax) throw new Unreadable();
    const head = this.#take(1)[0] ?? 0;
    const [major, information] = [head >> 5, head & 31];
    switch (major) {
      case MAJOR.unsigned:
        return this.#argument(information);
      case MAJOR.negative:
        return -1 - this.#argument(information);
      case MAJOR.bytes:
        return this.#take(this.#argument(information)).slice();
      case MAJOR.text:
        return this.#text(this.#argument(information));
      case MAJOR.array:
        return this.#array(this.#argument(information), depth);
      case MAJOR.map:
        return this.#map(this.#argument(information), depth);
      default:
        return major === 7 ? this.#simple(information) : unreadable();
    }
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new Unreadable();
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  #skip(length: number): number {
    const from = this.#at;
    this.#take(length);
    return from;
  }

  #argument(information: number): number {
    if (information < 24) return information;
    switch (information) {
      case 24:
        return this.#view.getUint8(this.#skip(1));
      case 25:
        return this.#view.getUint16(this.#skip(2));
      case 26:
        return this.#view.getUint32(this.#skip(4));
      case 27:
        return Number(this.#view.getBigUint64(this.#skip(8)));
      default:
        return unreadable(); // 31 would be an indefinite length
    }
  }

  #text(length: number): string {
    return decodeUtf8(this.#take(length)) ?? unreadable();
  }

  // A length is checked by reading: each element takes a byte at least, so a lie ends at the end of the bytes.
  #array(length: number, depth: number): readonly CborValue[] {
    const values: CborValue[] = [];
    for (let left = length; left > 0; left--) values.push(this.read(depth + 1));
    return values;
  }

  #map(length: number, depth: number): ReadonlyMap<string, CborValue> {
    const values = new Map<string, CborValue>();
    for (let left = length; left > 0; left--) {
      const key = keyOf(this.read(depth + 1));
      if (values.has(key)) throw new Unreadable();
      values.set(key, this.read(depth + 1));
    }
    return values;
  }

  #simple(information: number): CborValue {
    switch (information) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        return halfFloat(this.#view.getUint16(this.#skip(2)));
      case 26:
        return this.#view.getFloat32(this.#skip(4));
      case 27:
        return this.#view.getFloat64(this.#skip(8));
      default:
        return unreadable();
    }
  }
}

function unreadable(): never {
  throw new Unreadable();
}

// Tokens write some keys as byte strings and some as text; both name the same thing, so one that is both is refused above.
function keyOf(key: CborValue): string {
  if (typeof key === "string") return key;
  if (typeof key === "number") return String(key);
  return key instanceof Uint8Array ? (decodeUtf8(key) ?? unreadable()) : unreadable();
}

// RFC 8949, appendix D.
function halfFloat(half: number): number {
  const [sign, exponent, mantissa] = [half >> 15, (half >> 10) & 31, half & 1023];
  const size = exponent === 31 ? beyondNumbers(mantissa) : finite(exponent, mantissa);
  return sign === 1 ? -size : size;
}

function finite(exponent: number, mantissa: number): number {
  return exponent === 0 ? mantissa * 2 ** -24 : (mantissa + 1024) * 2 ** (exponent - 25);
}

function beyondNumbers(mantissa: number): number {
  return mantissa === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
}
