/**
 * Runs the vectors of signatures and tokens wherever JavaScript runs: Bun, Node, browsers. For tests only.
 *
 * On web standards alone, so that one bundle of it serves them all.
 *
 * @module
 */
import {
  type TokenMasks,
  encodeBase64Url,
  canonicalQuery,
  parseToken,
  pathSpellings,
  stringToSignV1,
  stringToSignV2,
} from "../packages/protocol/src/index.ts";
import signatures from "../spec/vectors/signatures.json" with { type: "json" };
import tokens from "../spec/vectors/tokens.json" with { type: "json" };

/** What came of a run. */
export interface VectorRun {
  readonly count: number;
  /** The names of those that failed. */
  readonly failed: readonly string[];
}

/** Runs all vectors. */
export async function runAccessVectors(): Promise<VectorRun> {
  const outcomes: (readonly [name: string, isGood: boolean])[] = [];
  for (const vector of signatures.signatures) outcomes.push([vector.name, await isSignedRight(vector)]);
  for (const { query, canonical } of signatures.canonicalQueries) {
    outcomes.push([`query ${query}`, canonicalQuery(query) === canonical]);
  }
  for (const { path, spellings } of signatures.pathSpellings) {
    outcomes.push([`path ${path}`, pathSpellings(path).join() === spellings.join()]);
  }
  for (const { name, token, holds } of tokens.tokens) outcomes.push([name, isReadRight(token, holds)]);
  for (const { name, token } of tokens.refused) outcomes.push([name, isRefused(token)]);
  return { count: outcomes.length, failed: outcomes.filter(([, isGood]) => !isGood).map(([name]) => name) };
}

type SignatureVector = (typeof signatures.signatures)[number];

async function isSignedRight(vector: SignatureVector): Promise<boolean> {
  const isV2 = vector.form === "v2";
  const text = isV2 ? stringToSignV2(vector, vector) + vector.body : stringToSignV1(vector, vector);
  const [encoder, algorithm] = [new TextEncoder(), { name: "HMAC", hash: "SHA-256" }];
  const key = await crypto.subtle.importKey("raw", encoder.encode(vector.secretKey), algorithm, false, ["sign"]);
  const hash = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
  return `${isV2 ? "v2." : ""}${encodeBase64Url(hash, !isV2)}` === vector.signature;
}

function isReadRight(text: string, holds: (typeof tokens.tokens)[number]["holds"]): boolean {
  const { version, issuedSeconds, ttlMinutes, resources, patterns, authorizedUuid } = parseToken(text);
  const told = { version, issuedSeconds, ttlMinutes, authorizedUuid: authorizedUuid ?? null };
  const asked = {
    version: holds.version,
    issuedSeconds: holds.issuedSeconds,
    ttlMinutes: holds.ttlMinutes,
    authorizedUuid: holds.authorizedUuid,
  };
  const isSame = (["channels", "groups", "uuids"] as const).every(
    (kind) => hasMasks(resources[kind], holds.resources[kind]) && hasMasks(patterns[kind], holds.patterns[kind]),
  );
  return isSame && JSON.stringify(told) === JSON.stringify(asked);
}

function hasMasks(masks: TokenMasks, expected: object): boolean {
  return JSON.stringify(Object.fromEntries(masks)) === JSON.stringify(expected);
}

function isRefused(text: string): boolean {
  try {
    parseToken(text);
    return false;
  } catch {
    return true;
  }
}
