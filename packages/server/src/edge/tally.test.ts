import { expect, test } from "bun:test";
import { Tally } from "./tally.ts";

test("[LMT5] a tally lets in as many as may be, takes them back, and keeps nothing of those who hold nothing", () => {
  const tally = new Tally();
  const enter = (group: string, name: string, max: number): (() => void) => tally.enter(group, name, max) ?? full;
  const full = (): void => {};
  const first = enter("k", "u", 2);
  const second = enter("k", "u", 2);
  expect([first, second]).not.toContain(full);
  expect(tally.enter("k", "u", 2)).toBeUndefined();
  const others = [enter("k", "v", 2), enter("l", "u", 2)]; // of another name, and of another group
  expect(others).not.toContain(full);
  expect(tally.size).toBe(3);
  first();
  first(); // once too often
  const third = enter("k", "u", 2);
  expect(third).not.toBe(full);
  expect(tally.enter("k", "u", 2)).toBeUndefined();
  for (const leave of [second, third, ...others]) leave();
  expect(tally.size).toBe(0);
});
