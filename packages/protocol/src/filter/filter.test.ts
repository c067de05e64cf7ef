import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LIMITS } from "../limits.ts";
import { BINARY_OPERATORS, type Expression, type Literal, type Reference } from "./expression.ts";
import { compileFilter, parseFilter, printFilter } from "./index.ts";
import { isLike } from "./like.ts";

function matches(text: string, meta: unknown, data?: unknown): boolean {
  const outcome = parseFilter(text);
  if (outcome.kind === "malformed") throw new Error(`${text}: ${outcome.reason} at character ${outcome.at}`);
  return compileFilter(outcome.expression)({ meta, data });
}

type Case = readonly [text: string, meta: unknown, data: unknown, isMatch: boolean];

const DOCUMENTED: readonly Case[] = [
  ["uuid == 'bob'", { uuid: "serhii" }, 0, false],
  ["uuid == 's' && !admin && age >= 32", { uuid: "s", admin: true, age: 33 }, 0, false],
  [
    "uuid == 's' && (('admin','super-user') contains role) && age >= 32",
    { uuid: "s", role: "super-user", age: 32 },
    0,
    true,
  ],
  [
    "uuid == 's' && privileges like '*write' && age >= 32",
    { uuid: "s", privileges: ["write", "read-write"], age: 32 },
    0,
    true,
  ],
  ["uuid == 's' && role contains 'adm' && age >= 32", { uuid: "s", role: "admin", age: 32 }, 0, true],
  ['meta.priority == "high" && data.score > 80', { priority: "high" }, { score: 81 }, true],
  ['meta.user["role"] == "admin"', { user: { role: "admin" } }, 0, true],
  ['meta.tags[0] == "urgent"', { tags: ["urgent"] }, 0, true],
  ['meta.tags CONTAINS "x"', { tags: ["y", "x"] }, 0, true],
  ["meta.id % 10 == 0", { id: 120 }, 0, true],
  ['data.title LIKE "news*"', undefined, { title: "NEWS at 9" }, true],
  ['!(data.type == "system")', undefined, { type: "chat" }, true],
  ["pn_action != 'join'", { pn_action: "leave" }, 0, true],
  ["such=wow", { such: "wow" }, 0, true],
];

describe("[FLT1 FLT2] what is documented", () => {
  for (const [text, meta, data, isMatch] of DOCUMENTED) {
    test(`[FLT1 FLT2] ${text} ${isMatch ? "matches" : "does not match"}`, () => {
      expect(matches(text, meta, data)).toBe(isMatch);
    });
  }
});

const META = {
  s: "text",
  n: 5,
  z: 0,
  t: true,
  f: false,
  e: "",
  a: [1, "two"],
  o: { k: 1 },
  nothing: null,
  star: "a*b",
};
const SEMANTICS: Readonly<Record<string, readonly (readonly [string, boolean])[]>> = {
  FLT5: [
    ["missing == 'x'", false],
    ["missing < 1", false],
    ["missing LIKE '*'", false],
    ["missing CONTAINS 'x'", false],
    ["missing != 'x'", true],
    ["'x' != missing", false],
    ["!missing", true],
    ["missing", false],
    ["nothing", false],
    ["n == '5'", false],
    ["n != '5'", false],
    ["s == 'text'", true],
    ["s == 'Text'", false],
    ["s != 'Text'", true],
    ["t == 'true'", true],
    ["t == 1", true],
    ["t == true", true],
    ["f == 'false'", true],
    ["f == 0", true],
    ["'false' == f", true],
    ["t == 5", false],
    ["t == 'yes'", false],
    ["a == a", false],
    ["'b' > 'a'", false],
    ["n >= 5 && n <= 5 && n > 4 && n < 6", true],
    ["meta.s.length == 4", false],
    ["meta.constructor", false],
    ["data == 'x'", false],
  ],
  FLT6: [
    ["n + 1 == 6 && n - 1 == 4 && n * 2 == 10 && n / 2 == 2.5 && n % 3 == 2", true],
    ["-n == -5 && - -n == 5", true],
    ["n / 0 == 0", false],
    ["n % 0 == 0", false],
    ["s + 1 == 1", false],
    ["(n & 4) == 4 && (n | 2) == 7 && (n ^ 1) == 4 && ~n == -6 && n << 1 == 10 && n >> 1 == 2", true],
    ["n & 4 == 4", false],
    ["(2.5 | 1) == 3", false],
    ["n && s && t && a && o", true],
    ["z || e || f || nothing", false],
    ["1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 10 - 4 - 3 == 3", true],
  ],
  FLT7: [
    ["s LIKE 'TE*'", true],
    ["s like '*XT'", true],
    ["s Like '*e*t*'", true],
    ["s LIKE 'te'", false],
    ["star LIKE 'a\\*b'", true],
    ["s LIKE 't\\*t'", false],
    ["a LIKE 't*'", true],
    ["n LIKE '5'", false],
    ["s CONTAINS 'ex'", true],
    ["s contains 'EX'", false],
    ["a CONTAINS 1", true],
    ["a CONTAINS '1'", false],
    ["(1, 2, 3) CONTAINS z", false],
    ["('text', 'x') CONTAINS s", true],
    ["n CONTAINS 5", false],
  ],
  FLT8: [
    ["s=text", true],
    ["s = 'text'", true],
    ["s=n", false],
    ["missing=wow", false],
    ["n=5", true],
    ["s == text", false],
  ],
};
for (const [rule, cases] of Object.entries(SEMANTICS)) {
  for (const [text, isMatch] of cases) {
    test(`filter ${rule} ${text} is ${isMatch}`, () => expect(matches(text, META)).toBe(isMatch));
  }
}
test("[FLT5 FLT6 FLT7 FLT8] every row of the tables above has its rule", () => {
  expect(Object.keys(SEMANTICS)).toEqual(["FLT5", "FLT6", "FLT7", "FLT8"]);
});

const MALFORMED: Readonly<Record<string, string>> = {
  nothing: "",
  "an operator alone": "==",
  "a missing right side": "a ==",
  "a missing left side": "&& b",
  "an open parenthesis": "(a == 1",
  "a closing parenthesis": "a == 1)",
  "two values": "a b",
  "an unclosed string": "a == 'x",
  "an unknown character": "a == $",
  "a bare star": "data.*",
  "a missing name": "data.",
  "a missing index": "a[]",
  "an index of a fraction": "a[1.5]",
  "an open index": "a[1",
  "a list with a reference": "('x', a) CONTAINS b",
  "a list without its end": "('x', 'y'",
  "a semicolon": "a == 1; b == 2",
  "too many characters": `a == '${"x".repeat(LIMITS.filterCharactersMax)}'`,
  "too deep": `${"(".repeat(LIMITS.filterDepthMax + 1)}a${")".repeat(LIMITS.filterDepthMax + 1)}`,
  "too many signs": `${"!".repeat(LIMITS.filterDepthMax + 1)}a`,
  "too many terms": Array.from({ length: LIMITS.filterTermsMax + 1 }, () => "a").join("||"),
};
for (const [why, text] of Object.entries(MALFORMED)) {
  test(`parseFilter() [FLT3 FLT4] refuses ${why}`, () => {
    expect(parseFilter(text)).toMatchObject({ kind: "malformed", reason: expect.any(String), at: expect.any(Number) });
  });
}

test("parseFilter() [FLT4] never throws, whatever the text", () => {
  const soup = fc.string({
    unit: fc.constantFrom(..."ab.1'\"\\()[],=!<>&|^~+-*/% ", "like", "contains", "meta", "data", "🦊"),
  });
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      const outcome = parseFilter(text);
      if (outcome.kind === "filter") compileFilter(outcome.expression)({ meta: META, data: META });
    }),
    { numRuns: 3_000 },
  );
});

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/);
const literal = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.nat(),
    fc.double({ min: 0, max: 1e15, noNaN: true }),
    fc.boolean(),
  )
  .map((value): Literal => ({ kind: "literal", value: Object.is(value, -0) ? 0 : value }));
const step = fc.oneof(name, fc.nat(99), fc.string({ unit: "grapheme", maxLength: 4 }));
const reference = fc
  .record({ root: fc.constantFrom("meta" as const, "data" as const), path: fc.array(step, { maxLength: 3 }) })
  .map(({ root, path }): Reference => ({ kind: "reference", root, path }));
const { expressions } = fc.letrec<{ expressions: Expression }>((tie) => ({
  expressions: fc.oneof(
    { maxDepth: 5, depthIdentifier: "filter" },
    literal,
    reference,
    fc.array(literal, { minLength: 2, maxLength: 3 }).map((items): Expression => ({ kind: "list", items })),
    fc.record({
      kind: fc.constant("unary" as const),
      operator: fc.constantFrom("!" as const, "-" as const, "~" as const),
      operand: tie("expressions"),
    }),
    fc.record({
      kind: fc.constant("binary" as const),
      operator: fc.constantFrom(...BINARY_OPERATORS.flat()),
      left: tie("expressions"),
      right: tie("expressions"),
    }),
  ),
}));

test("[FLT9] printing and parsing an expression changes nothing", () => {
  fc.assert(
    fc.property(expressions, (expression) => {
      const text = printFilter(expression);
      fc.pre(text.length <= LIMITS.filterCharactersMax);
      expect(parseFilter(text)).toEqual({ kind: "filter", expression });
    }),
    { numRuns: 1_000 },
  );
});

test("isLike() [FLT7] agrees with a regular expression, and no pattern runs away", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "B", "*", "\\"), maxLength: 8 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 6 }), (text, pattern) => {
      const regular = new RegExp(`^${pattern.replaceAll("*", "[^]*")}$`, "i");
      expect(isLike(text, pattern)).toBe(regular.test(text));
    }),
  );
  expect(isLike("a".repeat(4_000), `${"*a".repeat(1_000)}b`)).toBe(false);
});

test("[FLT10] a million messages that do not match leave nothing behind", () => {
  const outcome = parseFilter(
    "meta.kind == 'x' && (data.score * 2 > 10 || data.name LIKE '*fox*' || tags CONTAINS 'a')",
  );
  if (outcome.kind !== "filter") throw new Error(outcome.reason);
  const passes = compileFilter(outcome.expression);
  const message = { meta: { kind: "y", tags: ["b"] }, data: { score: 1, name: "a dog" } };
  const run = (times: number): boolean => {
    let isAny = false;
    for (let count = 0; count < times; count++) isAny = passes(message) || isAny;
    return isAny;
  };
  run(100_000);
  Bun.gc(true);
  const before = process.memoryUsage().heapUsed;
  expect(run(1_000_000)).toBe(false);
  Bun.gc(true);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
});
