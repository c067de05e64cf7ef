import { expect, test } from "bun:test";
import { Tally } from "./tally.ts";

test("[LMT5] a tally lets in as many as may be, takes them back, and keeps nothing of those who hold nothing", () => {
  const tally = new Tally();
  expect([tally.enter("k", "u", 2), tally.enter("k", "u", 2), tally.enter("k", "u", 2)]).toEqual([true, true, false]);
  expect([tally.enter("k", "v", 2), tally.enter("l", "u", 2)]).toEqual([true, true]); // of another name, of another group
  expect(tally.size).toBe(3);
  tally.leave("k", "u");
  expect([tally.enter("k", "u", 2), tally.enter("k", "u", 2)]).toEqual([true, false]);
  for (const name of ["u", "u", "v"]) tally.leave("k", name);
  tally.leave("l", "u");
  expect(tally.size).toBe(0);
});
