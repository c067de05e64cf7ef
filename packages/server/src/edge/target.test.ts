import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { seed } from "../../../../tools/counts.ts";
import { type Query, decodePathList, decodeSegment, parseTarget, splitQueryList } from "./target.ts";

const SEED = seed();

const TARGETS = {
  "http://h": [""],
  "http://h/": [""],
  "http://h/time/0": ["time", "0"],
  "http://h/time/0/": ["time", "0", ""],
  "http://h//time/0": ["", "time", "0"],
  "http://h/a%2Fb/c%2Cd,e": ["a%2Fb", "c%2Cd,e"],
  "http://h/a/b?c=/d/e": ["a", "b"],
  "http://h/a/b#/c?d": ["a", "b"],
  "http://h/?a=b": [""],
} as const;

for (const [url, segments] of Object.entries(TARGETS)) {
  test(`parseTarget() [EDG1] ${url}`, () => expect(parseTarget(url).segments).toEqual([...segments]));
}

test("parseTarget() [EDG6 EDG17] a target means the same behind any scheme and host, and behind none", () => {
  const path = "/v2/subscribe/demo/a%2Fb,c/0?tt=1&x=//y";
  const expected = ["v2", "subscribe", "demo", "a%2Fb,c", "0"];
  for (const origin of ["", "http://h", "http://h:8080", "http://[::1]:80", "https://h", "https://host.example:443"]) {
    const { segments, query, bytes } = parseTarget(origin + path);
    expect([origin, segments, query.get("tt"), query.get("x"), bytes]).toEqual([
      origin,
      expected,
      "1",
      "//y",
      path.length,
    ]);
  }
});

test(`parseTarget() [EDG1] any names come back as they were, whatever they hold (seed ${SEED})`, () => {
  const names = fc.array(fc.string({ unit: "binary", maxLength: 12 }).filter(isEncodable), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(names, fc.constantFrom("", "http://h:1", "https://h"), (given, origin) => {
      const { segments } = parseTarget(`${origin}/${given.map(encodeURIComponent).join("/")}?a=/b`);
      expect(segments.map(decodeSegment)).toEqual(given);
    }),
    { seed: SEED },
  );
});

function isEncodable(text: string): boolean {
  return text.isWellFormed();
}

test("decodeSegment() [EDG4] a plus in a path is a plus", () => {
  expect(decodeSegment("a+b")).toBe("a+b");
  expect(decodeSegment("a%2Bb%20c")).toBe("a+b c");
  expect(decodeSegment("%E2%82%AC%00")).toBe("€\0");
});

const BROKEN = {
  "a lone percent sign": "%",
  "one digit": "a%2",
  "no hexadecimal digits": "%zz",
  "half a character": "%C3",
  "a continuation without a start": "%80",
  "an overlong form": "%C0%AF",
  "a surrogate": "%ED%A0%80",
  "more than Unicode has": "%F4%90%80%80",
  "a byte that UTF-8 never has": "%FF",
};
for (const [why, text] of Object.entries(BROKEN)) {
  test(`decodeSegment() and Query [EDG4] refuse ${why}`, () => {
    expect(() => decodeSegment(text)).toThrow("requestMalformed");
    expect(() => decodePathList(`a,${text}`)).toThrow("requestMalformed");
    expect(() => queryOf(`x=1&a=${text}`).get("a")).toThrow("requestMalformed");
    expect(queryOf(`x=1&a=${text}`).get("x")).toBe("1"); // what nobody asks for is not looked at
  });
}

const LISTS = {
  "a,b": ["a", "b"],
  "a%2Cb,c": ["a", "b", "c"],
  "a%2Fb,c+d": ["a/b", "c+d"],
  ",": [],
  "": [],
  ",a,,b,": ["a", "b"],
  "b,a,b,%61": ["b", "a"],
} as const;
for (const [list, elements] of Object.entries(LISTS)) {
  test(`decodePathList() [EDG1 EDG5] "${list}"`, () => expect(decodePathList(list)).toEqual([...elements]));
}

test("splitQueryList() [EDG5] drops empty and repeated elements of a value that is decoded already", () => {
  expect(splitQueryList(",b,,a,b,%61,")).toEqual(["b", "a", "%61"]);
  expect(splitQueryList("")).toEqual([]);
});

const VALUES: readonly (readonly [query: string, name: string, value: string | undefined])[] = [
  ["tt=1", "tt", "1"],
  ["a=1&tt=2&tt=3", "tt", "2"],
  ["tt=&tt=3", "tt", ""],
  ["tt&tt=3", "tt", ""],
  ["", "tt", undefined],
  ["att=1&ttb=2&t=3&tt%3D=4", "tt", undefined],
  ["x=tt=1", "tt", undefined],
  ["x=?tt=1", "tt", undefined],
  ["?tt=1", "tt", undefined],
  ["x=/tt=1&tt=2", "tt", "2"],
  ["tt=1=2", "tt", "1=2"],
  ["tt=a+b%2Bc%26d", "tt", "a b+c&d"],
  ["tt=1#&t=5", "t", undefined],
  ["&&tt=1&&", "tt", "1"],
];
for (const [query, name, value] of VALUES) {
  test(`Query [EDG4 EDG5] ${name} of "${query}"`, () => expect(queryOf(query).get(name)).toBe(value));
}

test(`Query [EDG4 EDG5] reads what the web's own parser reads (seed ${SEED})`, () => {
  const piece = fc.constantFrom("t", "tt", "tr", "r", "&", "=", "?", "+", "/", ",", "%41", "%E2%82%AC", "1");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join("");
      const expected = new URLSearchParams(`&${text}`); // a question mark that comes first is not the query's own
      for (const name of ["t", "tt", "tr"]) {
        expect([text, name, queryOf(text).get(name)]).toEqual([text, name, expected.get(name) ?? undefined]);
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

function queryOf(text: string): Query {
  return parseTarget(`http://h/path?${text}`).query;
}
