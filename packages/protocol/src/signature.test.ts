import { expect, test } from "bun:test";
import fc from "fast-check";
import { count, seed } from "../../../tools/counts.ts";
import vectors from "../../../spec/vectors/signatures.json" with { type: "json" };
import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { NetworkError } from "./network-error.ts";
import { canonicalQuery, pathSpellings, percentEncode, stringToSignV1, stringToSignV2 } from "./signature.ts";

// WebCrypto, so that the same lines show the vectors in Node and in browsers.
async function sign(secretKey: string, text: string): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secretKey), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

for (const vector of vectors.signatures) {
  test(`[ACC6 ACC7 ACC8] ${vector.name}`, async () => {
    const isV2 = vector.form === "v2";
    const text = isV2 ? stringToSignV2(vector, vector) + vector.body : stringToSignV1(vector, vector);
    const signature = encodeBase64Url(await sign(vector.secretKey, text), !isV2);
    expect(isV2 ? `v2.${signature}` : signature).toBe(vector.signature);
  });
}

for (const { query, canonical } of vectors.canonicalQueries) {
  test(`canonicalQuery() [ACC8] of ${JSON.stringify(query)}`, () => expect(canonicalQuery(query)).toBe(canonical));
}

for (const { path, spellings } of vectors.pathSpellings) {
  test(`pathSpellings() [ACC9] of ${path}`, () => expect(pathSpellings(path)).toEqual(spellings));
}

test("canonicalQuery() [ACC8] does not depend on order or encoding, and is its own canonical form", () => {
  const parameters = fc.array(fc.tuple(fc.string(), fc.string({ unit: "grapheme" })), { maxLength: 6 });
  const plain = fc.stringMatching(/^[a-z]{1,5}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(plain, fc.string({ unit: "grapheme" }))), (pairs) => {
      const query = pairs.map(([name, value]) => `${name}=${percentEncode(value)}`).join("&");
      const otherwise = pairs
        .toReversed()
        .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%20", "+")}`)
        .join("&");
      expect(canonicalQuery(otherwise)).toBe(canonicalQuery(query));
      expect(canonicalQuery(canonicalQuery(query))).toBe(canonicalQuery(query));
    }),
    { seed: seed() },
  );
  fc.assert(
    fc.property(parameters, (pairs) => {
      expect(() => canonicalQuery(pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&"))).not.toThrow();
    }),
  );
});

test("canonicalQuery() and pathSpellings() [ACC9] answer or refuse any text, and nothing else", () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[%&=+,/~a-f0-9]{0,60}$/), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(texts, (text) => {
      expect(pathSpellings(text).length).toBeWithin(1, 4);
      try {
        canonicalQuery(text);
      } catch (refusal) {
        expect(refusal).toBeInstanceOf(NetworkError);
      }
    }),
    { numRuns: count({ quick: 2_000, full: 200_000 }), seed: seed() },
  );
});

test("base64url [ACC2] is read with padding and without, and comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, isPadded) => {
      const text = encodeBase64Url(bytes, isPadded);
      expect(text).toBe(
        isPadded
          ? Buffer.from(bytes).toString("base64").replaceAll("+", "-").replaceAll("/", "_")
          : Buffer.from(bytes).toString("base64url"),
      );
      expect(decodeBase64Url(text)).toEqual(bytes);
    }),
  );
  for (const broken of ["a", "a=", "ab=", "ab===", "a b", "é", "ab=c", "a===", "=", "AB"]) {
    expect(decodeBase64Url(broken)).toBeUndefined();
  }
});
