import { expect, test } from "bun:test";
import fc from "fast-check";
import { count, seed } from "../../../tools/counts.ts";
import vectors from "../../../spec/vectors/tokens.json" with { type: "json" };
import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { NetworkError } from "./network-error.ts";
import { EVERY_PERMISSION, PERMISSIONS, type Permission, maskOf, permits, readMask } from "./permissions.ts";
import { type Token, type TokenGrants, expirySeconds, isTokenLike, parseToken } from "./token.ts";

const grantsOf = (grants: TokenGrants): object =>
  Object.fromEntries(Object.entries(grants).map(([kind, masks]) => [kind, Object.fromEntries(masks)]));

/** A token as the vectors write it: plain JSON. */
function plainOf(token: Token): object {
  const { authorizedUuid, signature, resources, patterns, ...rest } = token;
  return {
    ...rest,
    authorizedUuid: authorizedUuid ?? null,
    resources: grantsOf(resources),
    patterns: grantsOf(patterns),
    signature: Buffer.from(signature).toString("hex"),
  };
}

for (const { name, token, holds } of vectors.tokens) {
  test(`parseToken() [ACC2 ACC3] reads ${name}`, () => {
    expect(plainOf(parseToken(token))).toEqual(holds);
    expect(plainOf(parseToken(token.replaceAll("=", "")))).toEqual(holds);
    expect(isTokenLike(token)).toBe(true);
    expect(expirySeconds(parseToken(token))).toBe(holds.issuedSeconds + holds.ttlMinutes * 60);
  });
}

for (const { name, token } of vectors.refused) {
  test(`parseToken() [ACC4] refuses ${name}`, () => {
    expect(() => parseToken(token)).toThrow("tokenMalformed");
  });
}

test("parseToken() [ACC4] refuses what is too long or too deep, and does not overflow", () => {
  expect(() => parseToken("p0F2AkF0".padEnd(32_772, "A"))).toThrow("tokenMalformed");
  const deep = new Uint8Array(24_000).fill(0x81); // arrays within arrays
  expect(() => parseToken(encodeBase64Url(deep, true))).toThrow("tokenMalformed");
});

const runs = { numRuns: count({ quick: 3_000, full: 300_000 }), seed: seed() };

function expectTokenOrRefusal(text: string): void {
  try {
    expect(parseToken(text).version).toBe(2);
  } catch (refusal) {
    if (!(refusal instanceof NetworkError)) throw refusal;
    expect(refusal.code).toBe("tokenMalformed");
  }
}

test(`parseToken() [ACC4] answers or refuses any bytes, and nothing else (seed ${runs.seed})`, () => {
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => encodeBase64Url(bytes, true)),
    fc.string({ unit: "binary" }),
  );
  fc.assert(fc.property(texts, expectTokenOrRefusal), runs);
});

test(`parseToken() [ACC4] survives a genuine token with any bytes changed (seed ${runs.seed})`, () => {
  const genuine = vectors.tokens.map(({ token }) => decodeBase64Url(token) ?? new Uint8Array());
  const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...genuine), changes, fc.nat(400), (bytes, changed, end) => {
      const copy = bytes.slice();
      for (const [at, byte] of changed) copy[at % copy.length] = byte;
      expectTokenOrRefusal(encodeBase64Url(copy, true));
      expectTokenOrRefusal(encodeBase64Url(bytes.slice(0, end), true));
    }),
    runs,
  );
});

test("permissions [ACC1] are bits, each by itself and all together", () => {
  const all = Object.keys(PERMISSIONS) as Permission[];
  for (const one of all) {
    for (const other of all) expect(permits(maskOf([one]), other)).toBe(one === other);
  }
  expect(maskOf(all.filter((name) => name !== "create"))).toBe(EVERY_PERMISSION);
  expect(readMask(33)).toEqual({
    read: true,
    write: false,
    manage: false,
    delete: false,
    get: true,
    update: false,
    join: false,
  });
});
