/**
 * JSON as text: one scan that says whether a text is JSON and drops its insignificant whitespace.
 *
 * Everything else is carried byte for byte: numbers beyond 2^53, key order, escapes. A value is never parsed and printed
 * again on its way through the network. Pure. Rules: spec/PROTOCOL.md JSN1-JSN4.
 *
 * @module
 */
import { LIMITS } from "./limits.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Checks that a text is one JSON value and removes the whitespace between its tokens.
 *
 * @param text UTF-16 text from an untrusted peer, of any length the caller has bounded.
 * @returns the same value without insignificant whitespace (the same string when there is none), or nothing when the
 *   text is not JSON, holds a lone surrogate outside an escape, or nests deeper than 128.
 * @see spec/PROTOCOL.md JSN1
 * @example
 * ```ts
 * compactJson('{ "price": 12345678901234567890 }'); // '{"price":12345678901234567890}'
 * ```
 */
export function compactJson(text: string): string | undefined {
  return new Scanner(text).scan();
}

/** One pass over one text; the nesting is kept in a list of closing brackets, so no depth can exhaust the stack. */
class Scanner {
  readonly #text: string;
  #at = 0;
  #copied = 0; // everything before this offset is in #out already
  #out = "";

  constructor(text: string) {
    this.#text = text;
  }

  scan(): string | undefined {
    if (!this.#values()) return undefined;
    this.#space();
    if (this.#at !== this.#text.length || !this.#text.isWellFormed()) return undefined;
    return this.#copied === 0 ? this.#text : this.#out + this.#text.slice(this.#copied);
  }

  // A value, and while containers are open, what follows it. Iterative on purpose.
  #values(): boolean {
    const closers: number[] = [];
    for (;;) {
      this.#space();
      const opened = this.#text.charCodeAt(this.#at);
      if (opened === OPEN_ARRAY || opened === OPEN_OBJECT) {
        if (closers.length === LIMITS.jsonDepthMax) return false;
        this.#at += 1;
        const closer = opened + 2; // in ASCII both closing brackets stand two behind the opening ones
        this.#space();
        if (this.#text.charCodeAt(this.#at) !== closer) {
          closers.push(closer);
          if (closer === CLOSE_OBJECT && !this.#key()) return false;
          continue;
        }
        this.#at += 1;
      } else if (!this.#scalar(opened)) {
        return false;
      }
      if (!this.#afterValue(closers)) return false;
      if (closers.length === 0) return true;
    }
  }

  // Closes what closes here, and stands at the next value (or at the end, with nothing open) when it returns true.
  #afterValue(closers: number[]): boolean {
    while (closers.length > 0) {
      this.#space();
      const next = this.#text.charCodeAt(this.#at);
      const closer = closers[closers.length - 1];
      this.#at += 1;
      if (next === COMMA) return closer === CLOSE_ARRAY || this.#key();
      if (next !== closer) return false;
      closers.pop();
    }
    return true;
  }

  #key(): boolean {
    this.#space();
    if (!this.#string()) return false;
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== COLON) return false;
    this.#at += 1;
    return true;
  }

  #scalar(first: number): boolean {
    if (first === QUOTE) return this.#string();
    if (first === MINUS || (first >= ZERO && first <= ZERO + 9)) return this.#number();
    return this.#word("true") || this.#word("false") || this.#word("null");
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): boolean {
    NUMBER.lastIndex = this.#at;
    if (!NUMBER.test(this.#text)) return false;
    this.#at = NUMBER.lastIndex;
    const next = this.#text.charCodeAt(this.#at);
    return !(next >= ZERO && next <= ZERO + 9) && next !== POINT; // "01" and "1." are no numbers
  }

  #string(): boolean {
    const text = this.#text;
    if (text.charCodeAt(this.#at) !== QUOTE) return false;
    let at = this.#at + 1;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) break;
      if (!(unit >= 0x20)) return false; // a control character, or NaN: the end of the text
      if (unit === BACKSLASH) {
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(text)) return false;
        at = ESCAPE.lastIndex;
      } else {
        at += 1;
      }
    }
    this.#at = at + 1;
    return true;
  }

  #space(): void {
    const start = this.#at;
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
    if (this.#at === start) return;
    this.#out += this.#text.slice(this.#copied, start);
    this.#copied = this.#at;
  }
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/**
 * How many bytes a text has as UTF-8.
 *
 * @param text well-formed UTF-16.
 * @param bytesMax where counting may stop: a result above it means "more than that".
 * @see spec/PROTOCOL.md JSN4
 */
export function utf8Bytes(text: string, bytesMax: number): number {
  if (text.length > bytesMax) return text.length; // never fewer bytes than UTF-16 units
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 2; // a pair is two units and four bytes
      at += 1;
    } else {
      bytes += unit < 0x800 ? 1 : 2;
    }
  }
  return bytes;
}
