import { expect, test } from "bun:test";
import fc from "fast-check";
import { compactJson, utf8Bytes } from "./json-text.ts";

const COMPACTED: Readonly<Record<string, string>> = {
  '{ "a" : 1 }': '{"a":1}',
  " [ 1 ,\t2 ,\r\n3 ] ": "[1,2,3]",
  '"a  b"': '"a  b"',
  "12345678901234567890.123456789e+400": "12345678901234567890.123456789e+400",
  '{"b":1,"a":2,"b":3}': '{"b":1,"a":2,"b":3}',
  '"\\u0000\\ud800\\/"': '"\\u0000\\ud800\\/"',
  "-0": "-0",
  "0e5": "0e5",
  null: "null",
  " true": "true",
  "[[],{},[{}]]": "[[],{},[{}]]",
  '{ "🦊" : [ { } , [ ] ] }': '{"🦊":[{},[]]}',
};
for (const [text, compact] of Object.entries(COMPACTED)) {
  test(`compactJson() [JSN2] ${text}`, () => expect(compactJson(text)).toBe(compact));
}

const REFUSED: Readonly<Record<string, string>> = {
  nothing: "",
  spaces: "  ",
  "an open brace": "{",
  "an open bracket": "[1",
  "a trailing comma": "[1,]",
  "a trailing comma in an object": '{"a":1,}',
  "a leading comma": "[,1]",
  "two values": "1 2",
  "a key without a value": '{"a"}',
  "a key that is no string": "{a:1}",
  "single quotes": "'a'",
  "a leading zero": "01",
  "a lone minus": "-",
  "a point without digits": "1.",
  "an exponent without digits": "1e",
  "a plus": "+1",
  hexadecimal: "0x10",
  NaN: "NaN",
  Infinity: "Infinity",
  "a control character in a string": '"a\nb"',
  "a NUL": '"\u0000"',
  "an unknown escape": '"\\x41"',
  "half a unicode escape": '"\\u12"',
  "an unclosed string": '"a',
  "a lone surrogate": '"\ud800"',
  "the wrong closing bracket": "[1}",
  "a comment": "1 // one",
  "a byte order mark": "\ufeff1",
  "a no-break space": "\u00a01",
  "a word that only begins well": "nullx",
  "129 levels": "[".repeat(129) + "]".repeat(129),
};
for (const [why, text] of Object.entries(REFUSED)) {
  test(`compactJson() [JSN1] refuses ${why}`, () => expect(compactJson(text)).toBeUndefined());
}

test("compactJson() [JSN1] accepts 128 levels", () => {
  const deep = "[".repeat(128) + "]".repeat(128);
  expect(compactJson(deep)).toBe(deep);
});

test("compactJson() [JSN3] does not fall over a million levels", () => {
  expect(compactJson("[".repeat(1_000_000))).toBeUndefined();
  expect(compactJson('{"a":'.repeat(1_000_000))).toBeUndefined();
});

test("compactJson() [JSN2] gives what JSON.stringify gives, however the text was spaced", () => {
  const space = fc.constantFrom("", " ", "\t", "\n  ");
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: "medium" }), space, (value, gap) => {
      const compact = JSON.stringify(value);
      expect(compactJson(JSON.stringify(value, undefined, gap))).toBe(compact);
      expect(compactJson(`${gap}${compact}${gap}`)).toBe(compact);
    }),
  );
});

test("compactJson() [JSN1] agrees with JSON.parse about every text", () => {
  const texts = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'{}[]",:0123456789.eE+-truefalsn \\u\n') }),
    fc.json().chain((text) => fc.nat(text.length).map((at) => text.slice(0, at) + text.slice(at + 1))),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(compactJson(text) !== undefined).toBe(isParsed(text));
    }),
    { numRuns: 2_000 },
  );
});

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return text.isWellFormed();
  } catch {
    return false;
  }
}

test("utf8Bytes() [JSN4] counts what an encoder writes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      const bytes = new TextEncoder().encode(text).length;
      expect(utf8Bytes(text, 10_000)).toBe(bytes);
    }),
  );
  expect(utf8Bytes("x".repeat(11), 10)).toBeGreaterThan(10);
});
