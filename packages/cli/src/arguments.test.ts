import { expect, test } from "bun:test";
import { type ArgumentTable, printArguments, readArguments } from "./arguments.ts";
import { readChannel, readOrigin } from "./network-arguments.ts";
import { Refusal } from "./refusal.ts";

const TABLE = {
  channel: { type: "list", short: "c", placeholder: "NAME", text: "A channel." },
  origin: { type: "text", placeholder: "URL", default: "here", variable: "ORIGIN", text: "Where." },
  meta: { type: "text", placeholder: "JSON", text: "More." },
  count: { type: "number", placeholder: "N", min: 1, max: 9, isWhole: true, text: "How many." },
  ttl: { type: "number", placeholder: "HOURS", min: 0, max: 9, isWhole: false, text: "How long." },
  payload: { type: "switch", text: "Alone." },
} as const satisfies ArgumentTable;

const NOTHING = { channel: [], origin: "here", meta: undefined, count: undefined, ttl: undefined, payload: false };

const TAKEN: Readonly<Record<string, readonly [readonly string[], object, (readonly string[])?]>> = {
  nothing: [[], {}],
  "a list": [["-c", "a", "--channel=b"], { channel: ["a", "b"] }],
  "a text": [["--origin", "there"], { origin: "there" }],
  "a number": [["--count", "3"], { count: 3 }],
  "a fraction": [["--ttl", "0.5"], { ttl: 0.5 }],
  "a switch": [["--payload"], { payload: true }],
  "words between flags": [["hello", "--payload", "you"], { payload: true }, ["hello", "you"]],
  "a word that looks like a flag": [["--", "--payload"], {}, ["--payload"]],
};
for (const [what, [argv, values, words = []]] of Object.entries(TAKEN)) {
  test(`readArguments() [CLI1] takes ${what}`, () => {
    expect(readArguments(TABLE, argv, {})).toEqual({ values: { ...NOTHING, ...values }, words });
  });
}

test("readArguments() [CLI1] takes a variable where the flag is missing and the variable is not empty", () => {
  expect(readArguments(TABLE, [], { ORIGIN: "there" }).values.origin).toBe("there");
  expect(readArguments(TABLE, [], { ORIGIN: "" }).values.origin).toBe("here");
  expect(readArguments(TABLE, ["--origin", "elsewhere"], { ORIGIN: "there" }).values.origin).toBe("elsewhere");
});

const REFUSED: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
  "an unknown flag": [["--chanel", "a"], /--chanel.*Run with --help/],
  "a flag without its value": [["--origin"], /--origin.*Run with --help/],
  "a value for a switch": [["--payload=yes"], /--payload.*Run with --help/],
  "a number in words": [["--count", "many"], /^--count is "many", but it must be a whole number from 1 to 9\.$/],
  "a number out of range": [["--count", "10"], /1 to 9/],
  "a fraction of a whole": [["--count", "1.5"], /whole/],
  "a number with a sign": [["--ttl=-1"], /^--ttl is "-1"/],
  "nothing for a number": [["--ttl="], /^--ttl is ""/],
};
for (const [what, [argv, sentence]] of Object.entries(REFUSED)) {
  test(`readArguments() [CLI1] refuses ${what}, in one sentence`, () => {
    const refusal = refusalOf(() => readArguments(TABLE, argv, {}));
    expect(refusal.exitCode).toBe(2);
    expect(refusal.message).toMatch(sentence);
  });
}

test("printArguments() [CLI1] has a line for every flag", () => {
  expect(printArguments(TABLE).split("\n")).toEqual([
    "  -c, --channel NAME  A channel. May be repeated.",
    "      --origin URL    Where. [here, or $ORIGIN]",
    "      --meta JSON     More.",
    "      --count N       How many.",
    "      --ttl HOURS     How long.",
    "      --payload       Alone.",
    "      --help          Print this.",
  ]);
});

const ORIGINS: Readonly<Record<string, string>> = {
  "http://127.0.0.1:1980": "http://127.0.0.1:1980",
  "http://127.0.0.1:1980/": "http://127.0.0.1:1980",
  "https://example.org": "https://example.org",
  "localhost:1980": "http://localhost:1980",
  "example.org": "http://example.org",
  "[::1]:1980": "http://[::1]:1980",
};
for (const [text, origin] of Object.entries(ORIGINS)) {
  test(`readOrigin() [CLI1] reads ${text}`, () => expect(readOrigin(text)).toBe(origin));
}

for (const text of ["", "ws://a", "http://", "http://a/path", "http://a?b", "http://me@a", "a b"]) {
  test(`readOrigin() [CLI1] refuses ${JSON.stringify(text)}`, () => {
    expect(refusalOf(() => readOrigin(text)).message).toMatch(/^--origin is .* such as http:\/\/127\.0\.0\.1:1980\.$/);
  });
}

test("readChannel() [CLI1] takes names and wildcards, and refuses what a URL would lose", () => {
  expect(["a", "a.*", "a-pnpres", "ä:b"].map(readChannel)).toEqual(["a", "a.*", "a-pnpres", "ä:b"]);
  for (const name of ["", ".", "..", "a,b", "a/b", "a b"]) {
    expect(refusalOf(() => readChannel(name)).message).toStartWith(`--channel is ${JSON.stringify(name)}`);
  }
});

function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (failure) {
    if (failure instanceof Refusal) return failure;
    throw failure;
  }
  throw new Error("it was not refused");
}
