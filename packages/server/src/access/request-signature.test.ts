import { expect, test } from "bun:test";
import fc from "fast-check";
import { NetworkError } from "@longwave/protocol";
import { count, seed } from "../../../../tools/counts.ts";
import vectors from "../../../../spec/vectors/signatures.json" with { type: "json" };
import { type SignatureRequest, checkSignature } from "./request-signature.ts";

type Vector = (typeof vectors.signatures)[number];

function requestOf(vector: Vector, changed: Partial<SignatureRequest> = {}): SignatureRequest {
  const { method, path, query, body, signature } = vector;
  const timestamp = new URLSearchParams(query).get("timestamp") ?? undefined;
  return { method, path, query, body: Buffer.from(body), signature, timestamp, ...changed };
}

const nowMsOf = (vector: Vector): number => Number(new URLSearchParams(vector.query).get("timestamp")) * 1_000;

function check(vector: Vector, changed: Partial<SignatureRequest> = {}, nowMs = nowMsOf(vector)): string {
  return checkSignature(vector, vector.secretKey, requestOf(vector, changed), { nowMs });
}

for (const vector of vectors.signatures) {
  test(`checkSignature() [ACC6 ACC7 ACC18] accepts ${vector.name}, and nothing that was changed`, () => {
    expect(check(vector)).toBe("valid");
    expect(check(vector, { path: `${vector.path}x` })).toBe("wrong");
    expect(check(vector, { query: `${vector.query}&x=1` })).toBe("wrong");
    expect(check(vector, { signature: vector.signature.slice(0, -3) })).toBe("wrong");
    expect(check(vector, { signature: "" })).toBe("wrong");
    expect(check(vector, { signature: undefined })).toBe("wrong");
    expect(check(vector, { signature: `v2.${"A".repeat(43)}` })).toBe("wrong");
    expect(checkSignature(vector, "another", requestOf(vector), { nowMs: undefined })).toBe("wrong");
    if (vector.form === "v2") {
      expect(check(vector, { method: vector.method === "GET" ? "DELETE" : "GET" })).toBe("wrong");
      expect(check(vector, { body: Buffer.from("x") })).toBe("wrong");
      expect(
        checkSignature({ ...vector, publishKey: "p" }, vector.secretKey, requestOf(vector), { nowMs: undefined }),
      ).toBe("wrong");
    }
  });
}

const [first, ...rest] = vectors.signatures;
if (!first) throw new Error("no vectors");

const WINDOW: Readonly<Record<string, readonly [number, string]>> = {
  "60 seconds early": [-60_000, "valid"],
  "61 seconds early": [-61_000, "timestampInvalid"],
  "60 seconds late": [60_999, "valid"],
  "61 seconds late": [61_000, "timestampInvalid"],
};
for (const [when, [offsetMs, outcome]] of Object.entries(WINDOW)) {
  test(`checkSignature() [ACC19] a request ${when} is ${outcome}`, () => {
    expect(check(first, {}, nowMsOf(first) + offsetMs)).toBe(outcome);
  });
}

test("checkSignature() [ACC19] needs a timestamp that is a number, and looks away where a request is held", () => {
  for (const timestamp of [undefined, "", "-1", "1e9", "1679642098.5", "9".repeat(13)]) {
    expect(check(first, { timestamp })).toBe("timestampInvalid");
  }
  expect(checkSignature(first, first.secretKey, requestOf(first), { nowMs: undefined })).toBe("valid");
});

test("checkSignature() [ACC18] takes a publish by POST that was signed as a GET without body", () => {
  const body = Buffer.from('{"text":"hello"}');
  expect(check(first, { method: "POST", body })).toBe("valid");
  const grant = rest[0];
  expect(grant && check(grant, { method: "POST" })).toBe("wrong"); // only for publishing
});

test("checkSignature() [ACC9] takes a path that was encoded otherwise than it was signed", () => {
  expect(check(first, { path: first.path.replace("my_channel", "my%5Fchannel") })).toBe("valid");
});

test("checkSignature() [ACC18] answers or refuses anything, and never says that it is valid", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[v2.%&=+,/A-Za-z0-9_-]{0,60}$/),
  );
  fc.assert(
    fc.property(texts, texts, texts, fc.uint8Array({ maxLength: 20 }), (path, query, signature, body) => {
      try {
        const request = { method: "POST", path, query, signature, body, timestamp: "1" };
        expect(checkSignature(first, "key", request, { nowMs: undefined })).toBe("wrong");
      } catch (refusal) {
        expect(refusal).toBeInstanceOf(NetworkError);
      }
    }),
    { numRuns: count({ quick: 500, full: 50_000 }), seed: seed() },
  );
});
