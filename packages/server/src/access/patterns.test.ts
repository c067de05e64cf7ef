import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { Patterns } from "./patterns.ts";

const MATCHES: readonly (readonly [pattern: string, name: string, isMatched: boolean])[] = [
  ["^room-[0-9]+$", "room-17", true],
  ["^room-[0-9]+$", "room-17a", false],
  ["chat", "my-chat-1", true],
  ["^chat", "my-chat-1", false],
  [".*", "", true],
  ["^a\\.\\*$", "a.*", true],
  ["^żółć💩?$", "żółć", true],
  ["(?i)^ROOM$", "room", true],
  ["^[^-]+$", "room-pnpres", false],
  ["^\\S*$", "a b", false],
];
for (const [pattern, name, isMatched] of MATCHES) {
  test(`patterns [ACC24] ${pattern} ${isMatched ? "matches" : "does not match"} ${JSON.stringify(name)}`, () => {
    expect(new Patterns().of(pattern)?.(name)).toBe(isMatched);
  });
}

const REFUSED = {
  "a bracket that does not close": "[",
  "a back reference": "(a)\\1",
  "look-ahead": "(?=a)a",
  "look-behind": "(?<=a)b",
  "a repetition of repetitions": "(a{1000}){1000}",
  "more than 512 characters": "a".repeat(513),
  "more than 4,000 instructions": ".{1000}.{1000}.{1000}.{1000}.{1000}",
};
for (const [what, pattern] of Object.entries(REFUSED)) {
  test(`patterns [ACC24 ACC25] refuse ${what}`, () => expect(new Patterns().of(pattern)).toBeUndefined());
}

// Each takes a backtracking engine longer than the sun will shine, on names as long as these.
const CATASTROPHIC = [
  "(a+)+$",
  "^(a|a)*b$",
  "^(a|aa)+$",
  "(.*)*x",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "((((((((((a*)*)*)*)*)*)*)*)*)*)*b",
  "^(?:a?){50}a{50}$",
  "(x+x+)+y",
  ".{0,500}.{0,500}b",
];
for (const pattern of CATASTROPHIC) {
  test(`patterns [ACC24] ${pattern} is as fast as any other, on names that nearly match`, () => {
    const matches = new Patterns().of(pattern);
    for (const letter of ["a", "x", "aA"]) {
      for (let more = 0; more < 20; more++) {
        expect(matches?.(`${letter.repeat(200 + more)}!`)).toBeBoolean();
      }
    }
  }, 5_000);
}

test("patterns [ACC25] are not tried on names of more than 512 characters", () => {
  const matches = new Patterns().of("a");
  expect(matches?.("a".repeat(512))).toBe(true);
  expect(matches?.("a".repeat(513))).toBe(false);
});

test("patterns [ACC25] are kept compiled, the thousand used last", () => {
  const patterns = new Patterns();
  const kept = patterns.of("kept");
  for (let at = 0; at < LIMITS.compiledPatternsMax - 1; at++) patterns.of(`other${at}`);
  expect(patterns.of("kept")).toBe(kept); // used again, so no longer the oldest
  patterns.of("one more");
  expect(patterns.of("kept")).toBe(kept);
  for (let at = 0; at < LIMITS.compiledPatternsMax; at++) patterns.of(`another${at}`);
  expect(patterns.of("kept")).not.toBe(kept);
});
