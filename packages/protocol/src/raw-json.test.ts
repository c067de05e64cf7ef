import { expect, test } from "bun:test";
import fc from "fast-check";
import { elementsOf, membersOf } from "./raw-json.ts";

const raw = String.raw;
const OBJECTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["{}", {}],
  [" { } ", {}],
  ['{"a":1}', { a: "1" }],
  ['{"a":12345678901234567890.10e+5,"b":-0}', { a: "12345678901234567890.10e+5", b: "-0" }],
  ['{"a":"}","b":"]"}', { a: '"}"', b: '"]"' }],
  [raw`{"a":"\"","b":"\\","c":"\\\"}"}`, { a: raw`"\""`, b: raw`"\\"`, c: raw`"\\\"}"` }],
  ['{ "a" : [ 1 , { "b" : "," } ] , "c" : null }', { a: '[ 1 , { "b" : "," } ]', c: "null" }],
  [raw`{"\u0061":"\u00e9"}`, { a: raw`"\u00e9"` }],
  ['{"a":1,"a":2}', { a: "2" }],
];
for (const [object, members] of OBJECTS) {
  test(`membersOf() [JSN5] slices ${object}`, () => {
    expect(Object.fromEntries(membersOf(object))).toEqual({ ...members });
  });
}

const ARRAYS: Readonly<Record<string, readonly string[]>> = {
  "[]": [],
  " [ ] ": [],
  "[1]": ["1"],
  '[1,"a,b",[2,[3]],{"c":[4]},true]': ["1", '"a,b"', "[2,[3]]", '{"c":[4]}', "true"],
  "[ 1 , 2 ]": ["1", "2"],
};
for (const [array, elements] of Object.entries(ARRAYS)) {
  test(`elementsOf() [JSN5] slices ${array}`, () => expect(elementsOf(array)).toEqual(elements));
}

test("[JSN5] slices hold what JSON.parse finds, however the text is spaced", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, "\t"), (object, space) => {
      const text = JSON.stringify(object, undefined, space);
      const members = [...membersOf(text)].map(([name, raw]): [string, unknown] => [name, JSON.parse(raw)]);
      expect(members).toEqual(Object.entries(JSON.parse(text) as object));
      const array = JSON.stringify(Object.values(object), undefined, space);
      expect(elementsOf(array).map((raw): unknown => JSON.parse(raw))).toEqual(JSON.parse(array) as unknown[]);
    }),
  );
});
