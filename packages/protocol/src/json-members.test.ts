import { expect, test } from "bun:test";
import fc from "fast-check";
import { jsonMembers } from "./json-members.ts";

const CASES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "{}": [],
  '{"a":1}': [["a", "1"]],
  '{"a":12345678901234567890,"b":1.10}': [
    ["a", "12345678901234567890"],
    ["b", "1.10"],
  ],
  '{"a":{"b":[1,{"c":"}],"}]},"d":"\\"},{"}': [
    ["a", '{"b":[1,{"c":"}],"}]}'],
    ["d", '"\\"},{"'],
  ],
  '{"\\u0061\\"":null,"":[]}': [
    ['a"', "null"],
    ["", "[]"],
  ],
  '{"a":1,"a":2}': [["a", "2"]],
};
for (const [text, members] of Object.entries(CASES)) {
  test(`jsonMembers() [JSN5] ${text}`, () =>
    expect([...jsonMembers(text)]).toEqual(members.map(([name, value]) => [name, value])));
}

test("jsonMembers() [JSN5] joins to the same object", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      const joined = [...jsonMembers(text)].map(([name, member]) => `${JSON.stringify(name)}:${member}`).join(",");
      expect(`{${joined}}`).toBe(text);
    }),
  );
});
