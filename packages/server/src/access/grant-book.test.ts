import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import type { GrantRecord } from "../ports/keyset-store.ts";
import type { ResourceKind } from "./checked-tokens.ts";
import { GrantBook, coveringNames } from "./grant-book.ts";

const NOW = 1_000;
const grant = (given: Partial<GrantRecord>): GrantRecord => ({
  keyset: "sub",
  level: "channel",
  resource: "room",
  auth: "",
  mask: 1,
  ttlMinutes: 0,
  expiresMs: 0,
  ...given,
});

function bookOf(...grants: readonly GrantRecord[]): GrantBook {
  const book = new GrantBook();
  for (const one of grants) book.put(one);
  return book;
}

const ask = (book: GrantBook, name: string, auth = "", kind: ResourceKind = "channel", nowMs = NOW): number =>
  book.maskOf("sub", { kind, name, auth, nowMs });

test("grants [ACC30] are a union over keyset, name and auth key", () => {
  const book = bookOf(
    grant({ level: "subkey", resource: "", mask: 1 }),
    grant({ mask: 2 }),
    grant({ auth: "key", mask: 4 }),
    grant({ auth: "other", mask: 8 }),
    grant({ keyset: "another", mask: 128 }),
  );
  expect(ask(book, "room", "key")).toBe(7);
  expect(ask(book, "room", "other")).toBe(11);
  expect(ask(book, "room")).toBe(3);
  expect(ask(book, "hall", "key")).toBe(1);
  expect(ask(book, "g", "key", "group")).toBe(1);
  expect(book.keysetMask("sub", NOW)).toBe(1);
  expect(book.keysetMask("unknown", NOW)).toBe(0);
});

test("grants [ACC31] replace the one to the same subject, and are taken back without flags", () => {
  const book = bookOf(grant({ mask: 255 }), grant({ mask: 2 }), grant({ auth: "key", mask: 1 }));
  expect(ask(book, "room")).toBe(2);
  book.put(grant({ mask: 0 }));
  expect([ask(book, "room"), ask(book, "room", "key")]).toEqual([0, 1]);
});

test("grants [ACC32] end with their minutes, and not without", () => {
  const book = bookOf(grant({ mask: 1, expiresMs: NOW }), grant({ auth: "key", mask: 2 }));
  expect(ask(book, "room", "", "channel", NOW - 1)).toBe(1);
  expect(ask(book, "room", "", "channel", NOW)).toBe(0);
  expect(ask(book, "room", "key", "channel", Number.MAX_SAFE_INTEGER)).toBe(2);
  expect(book.all("sub", NOW)).toHaveLength(1);
});

const COVERED: Readonly<Record<string, readonly string[]>> = {
  room: ["room"],
  "a.b": ["a.b", "a.*"],
  "a.b.c.d": ["a.b.c.d", "a.*", "a.b.*"],
  "a.*": ["a.*"],
  "a.b.*": ["a.b.*", "a.*"],
  "room-pnpres": ["room-pnpres"],
  "a.b-pnpres": ["a.b-pnpres", "a.*-pnpres"],
  "a.*-pnpres": ["a.*-pnpres"],
};
for (const [name, names] of Object.entries(COVERED)) {
  test(`coveringNames() [ACC33] of ${name}`, () =>
    expect(coveringNames("channel", name).toSorted()).toEqual([...names].toSorted()));
}

test("grants [ACC33 ACC34] to wildcards cover channels, and no groups, and no presence", () => {
  const book = bookOf(grant({ resource: "a.*" }), grant({ level: "group", resource: "g", mask: 4 }));
  expect([ask(book, "a.b"), ask(book, "a.b.c"), ask(book, "a"), ask(book, "a.b-pnpres")]).toEqual([1, 1, 0, 0]);
  expect([ask(book, "a.b", "", "group"), ask(book, "g", "", "group"), ask(book, "g")]).toEqual([0, 4, 0]);
});

test("grants [ACC35] are bounded in number, and void ones make room", () => {
  const book = new GrantBook();
  const fill = LIMITS.grantsPerKeysetMax;
  for (let at = 0; at < fill; at++) book.put(grant({ resource: `r${at}`, expiresMs: at === 0 ? NOW : 0 }));
  expect(() => book.assertRoom("sub", 1, NOW - 1)).toThrow("grantsTooMany");
  expect(() => book.assertRoom("sub", 1, NOW)).not.toThrow();
  expect(() => book.assertRoom("sub", 2, NOW)).toThrow("grantsTooMany");
  expect(() => book.assertRoom("other", 2, NOW)).not.toThrow();
});
