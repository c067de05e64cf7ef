/**
 * The header `Retry-After`: seconds, or a date. Pure.
 *
 * @module
 */

/**
 * Reads the header.
 *
 * @param nowMs in milliseconds since the Unix epoch.
 * @returns milliseconds to wait; nothing where it says nothing that can be read.
 */
export function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? Math.max(at - nowMs, 0) : undefined;
}
