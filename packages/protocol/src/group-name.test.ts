import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  parseGroup,
  parseGroupInNamespace,
  parseGroupMember,
  parseNamespace,
  printGroup,
  splitGroup,
} from "./group-name.ts";

const ACCEPTED: Readonly<Record<string, { readonly namespace: string; readonly name: string }>> = {
  family: { namespace: "", name: "family" },
  "sport:news": { namespace: "sport", name: "news" },
  "a.b-c_d|e": { namespace: "", name: "a.b-c_d|e" },
  Grüße: { namespace: "", name: "Grüße" },
  [`${"n".repeat(92)}:${"🦊".repeat(92)}`]: { namespace: "n".repeat(92), name: "🦊".repeat(92) },
};
for (const [text, parts] of Object.entries(ACCEPTED)) {
  test(`parseGroup() [GRP1] accepts ${text.slice(0, 12)}`, () => {
    expect(parseGroup(text)).toBe(text);
    expect(splitGroup(text)).toEqual(parts);
    expect(printGroup(parts)).toBe(text);
  });
}

const RESERVED: Readonly<Record<string, string>> = {
  nothing: "",
  "a comma": "a,b",
  "a slash": "a/b",
  "a backslash": "a\\b",
  "a wildcard": "a.*",
  "a lone star": "*",
  "a space": "a b",
  "a line break": "a\nb",
  NUL: "a\u0000",
  "a lone surrogate": "a\ud800",
  "the current folder": ".",
  "the parent folder": "..",
  "an empty stem": "-pnpres",
};
for (const [why, text] of Object.entries(RESERVED)) {
  test(`[GRP2] ${why} names no group, no namespace and no member`, () => {
    expect(() => parseGroup(text)).toThrow("groupInputReserved");
    expect(() => parseGroup(`ns:${text}`)).toThrow("groupInputReserved");
    if (text !== "-pnpres") expect(() => parseGroup(`${text}:g`)).toThrow("groupInputReserved");
    expect(() => parseGroupMember(text)).toThrow("groupInputReserved");
  });
}

const RESERVED_IN_GROUPS = { "a second colon": "a:b:c", "an empty namespace": ":g", presence: "g-pnpres" } as const;
for (const [why, text] of Object.entries(RESERVED_IN_GROUPS)) {
  test(`parseGroup() [GRP2] refuses ${why}`, () => expect(() => parseGroup(text)).toThrow("groupInputReserved"));
}

test("[GRP2] in its two parts a name holds no colon at all", () => {
  expect(() => parseGroupInNamespace("a:b")).toThrow("groupInputReserved");
  expect(() => parseNamespace("a:b")).toThrow("groupInputReserved");
});

test("[GRP2] 93 characters are too long, each part for itself", () => {
  const long = "🦊".repeat(93);
  for (const text of [long, `ns:${long}`, `${long}:g`]) expect(() => parseGroup(text)).toThrow("groupInputTooLong");
  for (const text of [long, `${long}-pnpres`]) expect(() => parseGroupMember(text)).toThrow("groupInputTooLong");
});

for (const text of ["room", "room-pnpres", "a:b", "a.b.c", `${"x".repeat(92)}-pnpres`]) {
  test(`parseGroupMember() [GRP3] accepts ${text.slice(0, 12)}`, () => expect(parseGroupMember(text)).toBe(text));
}

for (const text of ["a.*-pnpres", "a*", "a.*"]) {
  test(`parseGroupMember() [GRP2] refuses ${text}`, () => {
    expect(() => parseGroupMember(text)).toThrow("groupInputReserved");
  });
}

test("[GRP1] splitting and printing a full name changes nothing, and parsing throws only its own refusals", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      try {
        expect(printGroup(splitGroup(parseGroup(text)))).toBe(text);
      } catch (refusal) {
        expect(String(refusal)).toMatch(/groupInputReserved|groupInputTooLong/);
      }
    }),
  );
});
