/**
 * Request signatures: the texts that are signed.
 *
 * The sender signs what it puts on the wire, in an encoding of its own; the network decodes what it gets and encodes it
 * again in the one canonical way. The keyed hash itself belongs to whoever holds the secret key: `node:crypto` in the
 * network, WebCrypto in the SDK. Pure. Rules: spec/ACCESS.md ACC6-ACC9.
 *
 * @module
 */
import { NetworkError } from "./network-error.ts";

/** What begins a signature of the second form; the first has no such beginning. */
export const SIGNATURE_V2_PREFIX = "v2.";

/** The parts of a request that a signature covers, apart from its body. */
export interface SignedRequest {
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded, beginning with a slash, without the query. */
  readonly path: string;
  /** What follows the question mark, percent-encoded as it came. */
  readonly query: string;
}

/** The public keys that stand in a signed text. */
export interface SignedKeys {
  readonly publishKey: string;
  readonly subscribeKey: string;
}

/**
 * What the second form signs, up to the body: the body's bytes follow as they are, none for GET and DELETE.
 *
 * @see spec/ACCESS.md ACC6
 */
export function stringToSignV2({ publishKey }: SignedKeys, { method, path, query }: SignedRequest): string {
  return `${method}\n${publishKey}\n${path}\n${canonicalQuery(query)}\n`;
}

/**
 * What the first form signs, whole: some clients still publish with it by POST, and older ones grant with it.
 *
 * @see spec/ACCESS.md ACC7
 */
export function stringToSignV1({ publishKey, subscribeKey }: SignedKeys, { path, query }: SignedRequest): string {
  return `${subscribeKey}\n${publishKey}\n${path}\n${canonicalQuery(query)}`;
}

/**
 * A query as signatures see it: sorted, without `signature`, values encoded in the one strict way, keys as they are.
 *
 * @param query percent-encoded, without its question mark; a plus is a space.
 * @throws {NetworkError} `requestMalformed` for broken percent-encoding or bytes that are not UTF-8.
 */
export function canonicalQuery(query: string): string {
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map(splitPair)
    .filter(([name]) => name !== "signature");
  // Of a repeated name every value is signed, in the order of the values.
  return pairs
    .toSorted(comparePairs)
    .map(([name, value]) => `${name}=${percentEncode(value)}`)
    .join("&");
}

type Pair = readonly [name: string, value: string];

function splitPair(pair: string): Pair {
  const equals = pair.indexOf("=");
  if (equals < 0) return [decodeQuery(pair), ""];
  return [decodeQuery(pair.slice(0, equals)), decodeQuery(pair.slice(equals + 1))];
}

// By UTF-16 units, as every client's own sort does, never by a language's order.
function comparePairs([name, value]: Pair, [otherName, otherValue]: Pair): number {
  return compareTexts(name, otherName) || compareTexts(value, otherValue);
}

function compareTexts(text: string, other: string): number {
  if (text === other) return 0;
  return text < other ? -1 : 1;
}

/**
 * The spellings of a path that its sender may have signed: as it came, then re-encoded strictly, then with `~` left alone.
 *
 * @param path percent-encoded, as the runtime hands it over.
 * @returns one to three texts, none twice. A path that cannot be decoded has no other spelling.
 */
export function pathSpellings(path: string): readonly string[] {
  try {
    const strict = path.split("/").map(encodeSegment).join("/");
    return [...new Set([path, strict, strict.replaceAll("%7E", "~")])];
  } catch {
    return [path];
  }
}

// Names in a list are encoded one by one and joined with raw commas.
function encodeSegment(segment: string): string {
  return segment
    .split(",")
    .map((name) => percentEncode(decodeURIComponent(name)))
    .join(",");
}

/** Encodes a text so that only letters, digits, `-`, `_` and `.` stay as they are; upper-case hexadecimals of UTF-8. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*~]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decodeQuery(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new NetworkError("requestMalformed");
  }
}
