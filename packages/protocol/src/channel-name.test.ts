import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseChannel, parseSubscribeName, wildcardsOf } from "./channel-name.ts";

const ACCEPTED: Readonly<Record<string, string>> = {
  "a word": "room",
  "one character": "x",
  "92 characters": "x".repeat(92),
  "92 emoji, which are 184 UTF-16 units": "🦊".repeat(92),
  dots: "a.b.c.d",
  "a colon": "channel|encoded::1",
  "a percent sign": "100%",
  "presence in the middle": "a-pnpres-b",
  "an umlaut": "Grüße",
  "a name of Object's own": "__proto__",
};
for (const [why, name] of Object.entries(ACCEPTED)) {
  test(`parseChannel() [CHN1] accepts ${why}`, () => expect(parseChannel(name)).toBe(name));
}

const REFUSED: Readonly<Record<string, string>> = {
  nothing: "",
  "a comma": "a,b",
  "a slash": "a/b",
  "a backslash": "a\\b",
  "93 characters": "x".repeat(93),
  "93 emoji": "🦊".repeat(93),
  "a lone star": "*",
  "a star inside": "a*b",
  "a space": "a b",
  NUL: "a\u0000b",
  "a line break": "a\nb",
  DEL: "a\u007fb",
  "a lone surrogate": "a\ud800",
  "the current folder": ".",
  "the parent folder": "..",
};
for (const [why, name] of Object.entries(REFUSED)) {
  test(`parseChannel() [CHN2] refuses ${why}`, () => expect(() => parseChannel(name)).toThrow("channelMalformed"));
}

for (const name of ["room-pnpres", "a.*", "a.*-pnpres"]) {
  test(`parseChannel() [CHN3] keeps ${name} for subscribers`, () => {
    expect(() => parseChannel(name)).toThrow("channelReserved");
  });
}

const SUBSCRIBED: Readonly<Record<string, ReturnType<typeof parseSubscribeName>>> = {
  room: { kind: "channel", name: "room" },
  "room-pnpres": { kind: "channel", name: "room-pnpres" },
  "a.*": { kind: "wildcard", name: "a.*", prefix: "a.", isPresence: false },
  "a.b.*": { kind: "wildcard", name: "a.b.*", prefix: "a.b.", isPresence: false },
  "a.*-pnpres": { kind: "wildcard", name: "a.*-pnpres", prefix: "a.", isPresence: true },
};
for (const [name, expected] of Object.entries(SUBSCRIBED)) {
  test(`parseSubscribeName() [CHN5] reads ${name}`, () => expect(parseSubscribeName(name)).toEqual(expected));
}

for (const name of ["*", ".*", "a*", "*.b", "a.*.b", "a.b.c.*", "a..*", "a.*.*"]) {
  test(`parseSubscribeName() [CHN6] takes ${name} literally`, () => {
    expect(parseSubscribeName(name)).toEqual({ kind: "channel", name });
  });
}

for (const [why, name] of Object.entries(REFUSED)) {
  if (name.includes("*") || name.length >= 93) continue; // literal (CHN6), or within the longer bound for subscribers
  test(`parseSubscribeName() [CHN2] refuses ${why}`, () => {
    expect(() => parseSubscribeName(name)).toThrow("subscribeNameMalformed");
  });
}

test("[CHN7] a wildcard matches exactly the channels that are found under its prefix", () => {
  const token = fc.stringMatching(/^[a-c]{0,2}$/);
  const channels = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join("."));
  fc.assert(
    fc.property(channels, fc.constantFrom("a.*", "a.b.*", "b.*", "c.a.*"), (channel, wildcard) => {
      const name = parseSubscribeName(wildcard);
      if (name.kind !== "wildcard") throw new Error("not a wildcard");
      expect(wildcardsOf(channel).includes(wildcard)).toBe(channel.startsWith(name.prefix));
      expect(wildcardsOf(`${channel}-pnpres`).includes(`${wildcard}-pnpres`)).toBe(channel.startsWith(name.prefix));
      expect(wildcardsOf(`${channel}-pnpres`).includes(wildcard)).toBe(false);
    }),
  );
});

test("[CHN7] the presence of a wildcard is found under its own name, and under shorter ones", () => {
  expect(wildcardsOf("a.*-pnpres")).toEqual([]);
  expect(wildcardsOf("a.b.*-pnpres")).toEqual(["a.*-pnpres"]);
});

test("parseChannel() [CHN2] never throws anything but its own refusals", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
      try {
        expect(parseChannel(name)).toBe(name);
      } catch (refusal) {
        expect(String(refusal)).toMatch(/channelMalformed|channelReserved/);
      }
    }),
  );
});
