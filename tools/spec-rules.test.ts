import { expect, test } from "bun:test";
import { idsOf, rulesOf } from "./spec-rules.ts";

test("rulesOf() reads the bold ids of list items, and nothing else", () => {
  const page = "# T\n- **ABC1** One.\n  more\n- **ABCD12** Two (see **ABC9**).\nText **ABC3**\n";
  expect(rulesOf(page)).toEqual(["ABC1", "ABCD12"]);
});

const SOURCES: Readonly<Record<string, readonly string[]>> = {
  'test("[XYZ1] it works", () => {});': ["XYZ1"],
  "test(`parse() [XYZ1 XYZ2] ${why}`, () => {});": ["XYZ1", "XYZ2"],
  "test.each([1])('[XYZ3] it', () => {});": ["XYZ3"],
  'testWith("chromium", "[XYZ4] a page", async () => {});': ["XYZ4"],
  'const text = "[XYZ5]";': [],
  'test("no ids", () => expect("[XYZ6]").toBe(1));': [],
};
for (const [source, ids] of Object.entries(SOURCES)) {
  test(`idsOf() reads ${source}`, () => expect(idsOf(source)).toEqual(ids));
}
