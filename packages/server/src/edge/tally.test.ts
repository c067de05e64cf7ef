import { expect, test } from "bun:test";
import { Tally } from "./tally.ts";

test("[LMT5] a tally lets in as many as may be, takes them back, and keeps nothing of those who hold nothing", () => {
  const tally = new Tally();
  expect([1, 2, 3].map(() => tally.enter("k", "u", 2))).toEqual([true, true, false]);
  expect(tally.enter("k", "v", 2)).toBe(true);
  expect(tally.enter("l", "u", 2)).toBe(true); // of another group
  expect(tally.size).toBe(3);
  tally.leave("k", "u");
  expect([1, 2].map(() => tally.enter("k", "u", 2))).toEqual([true, false]);
  for (const [group, name] of [
    ["k", "u"],
    ["k", "u"],
    ["k", "v"],
    ["l", "u"],
  ] as const)
    tally.leave(group, name);
  expect(tally.size).toBe(0);
  tally.leave("k", "u"); // once too often
  expect([1, 2].map(() => tally.enter("k", "u", 1))).toEqual([true, false]);
});
