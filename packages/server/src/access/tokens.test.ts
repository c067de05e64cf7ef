import { expect, test } from "bun:test";
import fc from "fast-check";
import { type TokenGrants, decodeBase64Url, encodeBase64Url, isTokenLike, parseToken } from "@longwave/protocol";
import vectors from "../../../../spec/vectors/tokens.json" with { type: "json" };
import { CheckedTokens } from "./checked-tokens.ts";
import type { KeysetSecrets } from "./keysets.ts";
import { Patterns } from "./patterns.ts";
import { type TokenDraft, isGenuine, issueToken, tokenIdOf } from "./tokens.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const SECRETS: KeysetSecrets = { secretKey: "secret", tokenKeys: [key(1), key(2)] };
const NONE: TokenGrants = {
  channels: new Map(),
  groups: new Map(),
  uuids: new Map(),
  users: new Map(),
  spaces: new Map(),
};
const DRAFT: TokenDraft = {
  issuedSeconds: 1_700_000_000,
  ttlMinutes: 60,
  resources: NONE,
  patterns: NONE,
  meta: {},
  authorizedUuid: undefined,
};
const issue = (given: Partial<TokenDraft> = {}, secrets = SECRETS): string =>
  issueToken("sub", secrets, { ...DRAFT, ...given });

const grantsOf = (plain: Readonly<Record<string, object>>): TokenGrants =>
  Object.fromEntries(
    Object.entries(plain).map(([kind, masks]) => [kind, new Map(Object.entries(masks))]),
  ) as unknown as TokenGrants;

for (const { name, token, holds } of vectors.tokens.slice(1)) {
  test(`issueToken() [ACC2 ACC3] writes ${name} byte for byte, but for its signature`, () => {
    const written = issue({
      issuedSeconds: holds.issuedSeconds,
      ttlMinutes: holds.ttlMinutes,
      resources: grantsOf(holds.resources),
      patterns: grantsOf(holds.patterns),
      meta: holds.meta,
      authorizedUuid: holds.authorizedUuid ?? undefined,
    });
    const unsigned = (text: string): Uint8Array | undefined => decodeBase64Url(text)?.slice(0, -32);
    expect(unsigned(written)).toEqual(unsigned(token));
    expect(parseToken(written).signature).toHaveLength(32);
  });
}

test("issueToken() [ACC2] begins as every token does, with its padding, and with uuid only where one is authorised", () => {
  expect(issue()).toStartWith("p0F2AkF0");
  expect(issue({ authorizedUuid: "u" })).toStartWith("qEF2AkF0");
  for (const authorizedUuid of ["u", "uu", "uuu"]) {
    const token = issue({ authorizedUuid });
    expect(token.length % 4).toBe(0);
    expect(token).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
    expect(isTokenLike(token)).toBe(true);
  }
});

test("issueToken() [ACC21] makes no two tokens that are the same", () => {
  const tokens = Array.from({ length: 100 }, () => issue());
  expect(new Set(tokens).size).toBe(100);
  expect(new Set(tokens.map((token) => tokenIdOf(parseToken(token)))).size).toBe(100);
});

test("isGenuine() [ACC20 ACC22] of its own keyset and its accepted keys alone", () => {
  const token = issue();
  expect(isGenuine("sub", SECRETS, token)).toBe(true);
  expect(isGenuine("sub", SECRETS, token.replaceAll("=", ""))).toBe(true);
  expect(isGenuine("other", SECRETS, token)).toBe(false);
  expect(isGenuine("sub", { ...SECRETS, tokenKeys: [key(3), key(1)] }, token)).toBe(true);
  expect(isGenuine("sub", { ...SECRETS, tokenKeys: [key(3)] }, token)).toBe(false);
  for (const { token: foreign } of vectors.tokens) expect(isGenuine("sub", SECRETS, foreign)).toBe(false);
});

test("isGenuine() [ACC20] no byte of a token can be changed, added or left out", () => {
  const bytes = decodeBase64Url(issue({ resources: { ...NONE, channels: new Map([["room", 1]]) }, meta: { a: "b" } }));
  if (!bytes) throw new Error("not base64");
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(isGenuine("sub", SECRETS, encodeBase64Url(changed, true))).toBe(false);
  }
  expect(isGenuine("sub", SECRETS, encodeBase64Url(Buffer.concat([bytes, Buffer.of(0)]), true))).toBe(false);
  expect(isGenuine("sub", SECRETS, encodeBase64Url(bytes.slice(0, -1), true))).toBe(false);
});

test("issueToken() [ACC2 ACC3] whatever it is given, the reader reads the same", () => {
  const masks = fc
    .dictionary(fc.string({ unit: "grapheme" }), fc.nat(255))
    .map((plain) => new Map(Object.entries(plain)));
  const grants = fc.record({ channels: masks, groups: masks, uuids: masks, users: masks, spaces: masks });
  const meta = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
  const uuid = fc.option(fc.string({ unit: "grapheme" }), { nil: undefined });
  fc.assert(
    fc.property(grants, grants, meta, uuid, (resources, patterns, free, authorizedUuid) => {
      const plain = JSON.parse(JSON.stringify(free)) as Record<string, unknown>; // without negative zero
      const token = issue({ resources, patterns, meta: plain, authorizedUuid });
      const { version: _version, signature: _signature, ...read } = parseToken(token);
      expect(read).toEqual({ ...DRAFT, resources, patterns, meta: plain, authorizedUuid });
      expect(isGenuine("sub", SECRETS, token)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("CheckedTokens [ACC20 ACC22] forgets what it knew when a key is made anew", () => {
  const tokens = new CheckedTokens(new Patterns());
  const token = issue();
  expect(tokens.of("sub", SECRETS, token)).toBe(tokens.of("sub", SECRETS, token));
  const rotated = { ...SECRETS, tokenKeys: [key(9)] };
  expect(() => tokens.of("sub", rotated, token)).toThrow("tokenMalformed");
  expect(() => tokens.of("other", SECRETS, token)).toThrow("tokenMalformed");
  expect(() => tokens.of("sub", SECRETS, "p0F2AkF0")).toThrow("tokenMalformed");
});
