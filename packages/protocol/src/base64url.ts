/**
 * Base64 as tokens and signatures carry it: the alphabet for URLs, with or without padding, and UTF-8 without a runtime.
 *
 * Written out, because the protocol runs where neither `Buffer` nor `atob` nor `TextDecoder` need exist. Pure.
 *
 * @module
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SIX_BITS = new Int8Array(128).fill(-1);
for (let at = 0; at < ALPHABET.length; at++) SIX_BITS[ALPHABET.charCodeAt(at)] = at;
// Some clients send the plain alphabet; no text means two things by it.
SIX_BITS["+".charCodeAt(0)] = 62;
SIX_BITS["/".charCodeAt(0)] = 63;

/**
 * Reads base64 in either alphabet.
 *
 * @param text with its padding or without; from an untrusted peer, of a length the caller has bounded.
 * @returns the bytes, or nothing when it is no base64.
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const length = lengthWithoutPadding(text);
  if (length === undefined || length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let [gathered, bits, filled] = [0, 0, 0];
  for (let at = 0; at < length; at++) {
    const value = SIX_BITS[text.charCodeAt(at)] ?? -1;
    if (value < 0) return undefined;
    gathered = ((gathered << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[filled++] = (gathered >> bits) & 0xff;
  }
  // Left-over bits that are not zero would let two texts mean the same bytes.
  return (gathered & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

// Padding is none at all, or exactly what fills the last group of four.
function lengthWithoutPadding(text: string): number | undefined {
  const mark = text.indexOf("=");
  if (mark < 0) return text.length;
  const padding = text.slice(mark);
  const isWhole = text.length % 4 === 0 && (padding === "=" || padding === "==");
  return isWhole ? mark : undefined;
}

/** Writes bytes as base64 for URLs. @param isPadded whether the last group is filled up with `=`. */
export function encodeBase64Url(bytes: Uint8Array, isPadded: boolean): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.subarray(at, at + 3);
    text += ALPHABET.charAt(first >> 2) + ALPHABET.charAt(((first & 3) << 4) | ((second ?? 0) >> 4));
    if (second !== undefined) text += ALPHABET.charAt(((second & 15) << 2) | ((third ?? 0) >> 6));
    if (third !== undefined) text += ALPHABET.charAt(third & 63);
  }
  return isPadded ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text;
}

/** Reads UTF-8. @returns nothing for bytes that are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let escaped = "";
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
