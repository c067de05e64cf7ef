import { expect, test } from "bun:test";
import fc from "fast-check";
import { Credentials } from "../access/credentials.ts";
import manifest from "../../package.json";
import { SDK_NAME, encodeRequest, fitsAddress } from "./request.ts";

const CLIENT = { origin: "http://network.test", uuid: "anna b", credentials: new Credentials() };

test("[SDK5] segments, lists and values are encoded each by itself", () => {
  const path = ["v2", "a/b", ["x y", "ä,🦊", "!~*'()"], ","];
  const { method, url } = encodeRequest(CLIENT, {
    path,
    query: { "filter-expr": "a == '+&='", none: undefined, n: 0 },
  });
  expect(method).toBe("GET");
  expect(url).toBe(
    "http://network.test/v2/a%2Fb/x%20y,%C3%A4%2C%F0%9F%A6%8A,%21%7E%2A%27%28%29/%2C" +
      "?filter-expr=a%20%3D%3D%20%27%2B%26%3D%27&n=0&uuid=anna%20b&pnsdk=Longwave-TypeScript%2F0.1.0",
  );
});

test("[SDK5] the program names itself with the version of its package", () => {
  expect(SDK_NAME).toBe(`Longwave-TypeScript/${manifest.version}`);
});

test("[SDK5] whatever a segment or a value holds is read back from the address", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((value) => value !== "." && value !== "..");
  fc.assert(
    fc.property(text, text, (segment, value) => {
      const url = new URL(encodeRequest(CLIENT, { path: ["first", segment], query: { value } }).url);
      expect(url.pathname.split("/").map(decodeURIComponent)).toEqual(["", "first", segment]);
      expect(url.searchParams.get("value")).toBe(value);
    }),
  );
});

test("[SDK6] an address fits up to 32,000 bytes of path and query, after encoding", () => {
  const rest = encodeRequest(CLIENT, { path: [""] }).url.length - CLIENT.origin.length;
  expect(fitsAddress(CLIENT, { path: ["x".repeat(32_000 - rest)] })).toBe(true);
  expect(fitsAddress(CLIENT, { path: ["x".repeat(32_001 - rest)] })).toBe(false);
  expect(fitsAddress(CLIENT, { path: ["!".repeat(12_000)] })).toBe(false);
  expect(fitsAddress(CLIENT, { path: ["x".repeat(3_000_000)] })).toBe(false);
});
