/**
 * Checks the signature of a request that was signed with a keyset's secret key.
 *
 * Several texts may have been signed: two forms, several spellings of the path. All are compared, in constant time.
 * Rules: spec/ACCESS.md ACC6-ACC9, ACC17-ACC19.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import {
  LIMITS,
  SIGNATURE_V2_PREFIX,
  type SignedKeys,
  pathSpellings,
  stringToSignV1,
  stringToSignV2,
} from "@longwave/protocol";

/** A request as far as its signature is concerned. */
export interface SignatureRequest {
  readonly method: string;
  /** Percent-encoded, as the runtime hands it over. */
  readonly path: string;
  /** Percent-encoded, without its question mark. */
  readonly query: string;
  /** As received; empty for methods whose body is not signed. */
  readonly body: Uint8Array;
  /** The parameter `signature`, decoded. */
  readonly signature: string | undefined;
  /** The parameter `timestamp`, decoded. */
  readonly timestamp: string | undefined;
}

/** What came of a check. */
export type SignatureOutcome = "valid" | "wrong" | "timestampInvalid";

/** How strict a check is. */
export interface SignatureOptions {
  /** The wall clock; nothing where only the signature counts, because the request was timely when it came. */
  readonly nowMs: number | undefined;
}

/**
 * Checks a signature.
 *
 * @throws {NetworkError} `requestMalformed` for a query that cannot be decoded.
 */
export function checkSignature(
  keys: SignedKeys,
  secretKey: string,
  request: SignatureRequest,
  { nowMs }: SignatureOptions,
): SignatureOutcome {
  if (!isTimely(request.timestamp, nowMs)) return "timestampInvalid";
  const { signature = "" } = request;
  const isV2 = signature.startsWith(SIGNATURE_V2_PREFIX);
  const given = Buffer.from(isV2 ? signature.slice(SIGNATURE_V2_PREFIX.length) : signature, "base64url");
  const candidates = isV2 ? secondForms(keys, secretKey, request) : firstForms(keys, secretKey, request);
  // Every candidate is compared, so that the time taken does not tell which one came near.
  return candidates.filter((candidate) => isSame(given, candidate)).length > 0 ? "valid" : "wrong";
}

function isTimely(timestamp: string | undefined, nowMs: number | undefined): boolean {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  if (nowMs === undefined) return true;
  return Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) <= LIMITS.signatureSkewSecondsMax;
}

const NO_BODY = new Uint8Array();

function secondForms(keys: SignedKeys, secretKey: string, request: SignatureRequest): readonly Buffer[] {
  const { method, body } = request;
  return pathSpellings(request.path).flatMap((path) => {
    const forms = [hash(secretKey, stringToSignV2(keys, { ...request, path }), body)];
    // One client signs every publish as if it were a GET.
    if (method === "POST" && path.startsWith("/publish")) {
      forms.push(hash(secretKey, stringToSignV2(keys, { ...request, path, method: "GET" }), NO_BODY));
    }
    return forms;
  });
}

function firstForms(keys: SignedKeys, secretKey: string, request: SignatureRequest): readonly Buffer[] {
  return pathSpellings(request.path).map((path) =>
    hash(secretKey, stringToSignV1(keys, { ...request, path }), NO_BODY),
  );
}

function hash(secretKey: string, text: string, body: Uint8Array): Buffer {
  return createHmac("sha256", secretKey).update(text).update(body).digest();
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
