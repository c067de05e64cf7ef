/**
 * The address of the network, as applications give it.
 *
 * Rules: spec/SDK.md SDK3.
 *
 * @module
 */
import { type Read, invalid } from "../setting.ts";

/**
 * Scheme, host and port. A scheme in the origin counts, since applications copy whole addresses; but it never switches off a TLS
 * that was asked for.
 */
export function readOrigin(read: Read): string {
  const [origin, ssl] = [read("origin"), read("ssl")];
  const text = String(origin.value);
  const address = /^https?:\/\//i.test(text) ? text : `${ssl.value === true ? "https" : "http"}://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // An origin alone, however its scheme and host are spelled: nothing before the host, nothing behind the port.
  if (url === undefined || url.href !== `${url.origin}/` || /\s/.test(text)) {
    throw invalid(`${origin.name} is not an address; give a host, or a host and a port, without a path`);
  }
  if (url.protocol === "http:" && ssl.isGiven && ssl.value === true) {
    throw invalid(
      `${origin.name} says http:// while ${ssl.name} is true; leave the scheme out, or set ${ssl.name} to false`,
    );
  }
  return url.origin;
}
