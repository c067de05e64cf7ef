import { expect, test } from "bun:test";
import { printBanner, warningOf } from "./banner.ts";
import { hasColours, paintWhere } from "./terminal.ts";

const KEYSET = {
  name: "demo",
  publishKey: "pub",
  subscribeKey: "sub",
};
const NETWORK = { url: "http://127.0.0.1:1980", keysets: [KEYSET] };
const OPTIONS = { memory: false, dataDir: "/data", host: "127.0.0.1" };
const plain = paintWhere(false);

test("printBanner() [CLI2] says where the network is, with which keys, where its data is, and how to use it", () => {
  expect(printBanner(NETWORK, OPTIONS, plain).split("\n")).toEqual([
    "",
    "  Longwave is running",
    "",
    "  address    http://127.0.0.1:1980",
    "  data       /data",
    "  keys       publish pub, subscribe sub",
    "",
    "  subscribe  curl 'http://127.0.0.1:1980/v2/subscribe/sub/hello/0?tt=1'",
    "  publish    curl 'http://127.0.0.1:1980/publish/pub/sub/0/hello/0/%22hi%22'",
    "  or         npx longwave subscribe --channel hello",
    "  and        npx longwave publish --channel hello '\"hi\"'",
    "",
    "",
  ]);
});

const LINES: Readonly<Record<string, readonly [string, string, object?]>> = {
  "another address": ["http://[::1]:7", "npx longwave subscribe --channel hello --origin http://[::1]:7"],
  "every address": ["http://0.0.0.0:7", "  address    http://127.0.0.1:7\n"],
  "no disk": ["http://127.0.0.1:7", "  data       in memory: gone when it stops\n", { memory: true }],
};
for (const [what, [url, line, options]] of Object.entries(LINES)) {
  test(`printBanner() [CLI2] speaks of ${what}`, () => {
    expect(printBanner({ ...NETWORK, url }, { ...OPTIONS, ...options }, plain)).toContain(line);
  });
}

test("printBanner() [CLI42] shows the admin token at the start that made it", () => {
  expect(printBanner({ ...NETWORK, adminToken: "adm-1" }, OPTIONS, plain)).toContain(
    "  admin      token adm-1: shown this once",
  );
  expect(printBanner(NETWORK, OPTIONS, plain)).not.toContain("admin");
});

test("printBanner() [CLI2] says that nobody can use a network without keys", () => {
  expect(printBanner({ ...NETWORK, keysets: [] }, OPTIONS, plain)).toContain("none: nobody can publish");
});

const HOSTS: Readonly<Record<string, boolean>> = {
  "127.0.0.1": false,
  "127.1.2.3": false,
  localhost: false,
  "::1": false,
  "0.0.0.0": true,
  "::": true,
  "192.168.0.7": true,
  "127.evil.example": true,
};
for (const [host, isWarned] of Object.entries(HOSTS)) {
  test(`warningOf() [CLI4] ${isWarned ? "warns about" : "lets pass"} demo keys on ${host}`, () => {
    const wellKnown = { keysets: [{ ...KEYSET, subscribeKey: "guarded-sub" }] };
    expect(warningOf(wellKnown, { ...OPTIONS, host }) !== undefined).toBe(isWarned);
    expect(warningOf({ keysets: [{ ...KEYSET, name: "mine" }] }, { ...OPTIONS, host })).toBeUndefined();
  });
}

test("[CLI18] colours are for terminals whose owner has not refused them", () => {
  expect(printBanner(NETWORK, OPTIONS, paintWhere(true))).toContain("\u001b[1mLongwave\u001b[0m");
  expect(printBanner(NETWORK, OPTIONS, plain)).not.toContain("\u001b");
  expect(hasColours(true, {})).toBe(true);
  expect(hasColours(true, { NO_COLOR: "" })).toBe(true);
  expect(hasColours(true, { NO_COLOR: "1" })).toBe(false);
  expect(hasColours(true, { TERM: "dumb" })).toBe(false);
  expect(hasColours(false, {})).toBe(false);
});
