/**
 * Whether only programs of the same machine can reach an address.
 *
 * @module
 */

/** @param host a name or an address, as it is listened on. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
