/**
 * Tokens of the network: issued, and told from forged ones.
 *
 * The 32 bytes of a token's signature are a nonce of 8, so that no two tokens are the same, and the first 24 of the
 * HMAC-SHA256 over the keyset's subscribe key, the nonce and everything that stands before. Clients read tokens and cannot
 * check them, so the signature is ours to define. Rules: spec/ACCESS.md ACC2, ACC3, ACC20-ACC22.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type TokenGrants, TOKEN_GRANT_KEYS, type Token, decodeBase64Url, encodeBase64Url } from "@longwave/protocol";
import { encode } from "cborg";
import type { KeysetSecrets } from "./keysets.ts";

/** What a token is made of. */
export type TokenDraft = Omit<Token, "version" | "signature">;

const VERSION = 2;
const SIGNATURE_BYTES = 32;
const NONCE_BYTES = 8;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Issues a token.
 *
 * @param subscribeKey of its keyset.
 * @param secrets whose first token key signs.
 */
export function issueToken(subscribeKey: string, { tokenKeys: [tokenKey] }: KeysetSecrets, draft: TokenDraft): string {
  if (!tokenKey) throw new Error("a keyset without a token key");
  const unsigned = encodeDraft(draft);
  const signature = sign(tokenKey, subscribeKey, unsigned, randomBytes(NONCE_BYTES));
  return encodeBase64Url(Buffer.concat([unsigned, signature]), true);
}

/**
 * Whether a token was issued here, for this keyset, with a key that is still accepted.
 *
 * @param text a token that can be read.
 */
export function isGenuine(subscribeKey: string, { tokenKeys }: KeysetSecrets, text: string): boolean {
  const bytes = Buffer.from(decodeBase64Url(text) ?? []);
  if (bytes.length <= SIGNATURE_BYTES) return false;
  const unsigned = bytes.subarray(0, -SIGNATURE_BYTES); // everything, so that nothing can be put in or moved
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  const nonce = signature.subarray(0, NONCE_BYTES);
  return tokenKeys.some((key) => timingSafeEqual(sign(key, subscribeKey, unsigned, nonce), signature));
}

/** What a token is known by where it must not be written down itself. */
export function tokenIdOf({ signature }: Pick<Token, "signature">): string {
  return encodeBase64Url(signature, false);
}

function sign(tokenKey: Uint8Array, subscribeKey: string, unsigned: Uint8Array, nonce: Uint8Array): Buffer {
  const hash = createHmac("sha256", tokenKey).update(`${subscribeKey}\n`).update(nonce).update(unsigned).digest();
  return Buffer.concat([nonce, hash.subarray(0, SIGNATURE_BYTES - NONCE_BYTES)]);
}

// Everything up to the bytes of the signature. Entries stand in the order of the wire, not in the encoder's own; fractions
// have eight bytes, since small readers know no shorter ones.
function encodeDraft({ issuedSeconds, ttlMinutes, resources, patterns, meta, authorizedUuid }: TokenDraft): Uint8Array {
  const entries: (readonly [string, unknown])[] = [
    ["v", VERSION],
    ["t", issuedSeconds],
    ["ttl", ttlMinutes],
    ["res", grantsMap(resources)],
    ["pat", grantsMap(patterns)],
    ["meta", new Map(Object.entries(meta))],
  ];
  if (authorizedUuid !== undefined) entries.push(["uuid", authorizedUuid]);
  entries.push(["sig", new Uint8Array(SIGNATURE_BYTES)]);
  return encode(byteKeyed(entries), { mapSorter: () => 0, float64: true }).subarray(0, -SIGNATURE_BYTES);
}

function grantsMap(grants: TokenGrants): ReadonlyMap<Uint8Array, unknown> {
  const kinds = Object.entries(TOKEN_GRANT_KEYS);
  return byteKeyed(kinds.map(([key, kind]) => [key, new Map(grants[kind])] as const));
}

// Keys of the wire are byte strings; the names within are texts.
function byteKeyed(entries: readonly (readonly [string, unknown])[]): ReadonlyMap<Uint8Array, unknown> {
  return new Map(entries.map(([key, value]) => [bytesOf(key), value]));
}
