/**
 * Base64 by the runtime, in the plain alphabet and with padding.
 *
 * @module
 */

/** Writes bytes as base64. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""));
}
