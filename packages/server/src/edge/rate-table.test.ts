import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { RateTable } from "./rate-table.ts";

function taken(table: RateTable, key: string, perSecond: number, tries: number): number {
  let count = 0;
  for (let at = 0; at < tries; at++) count += Number(table.take(key, perSecond));
  return count;
}

for (const perSecond of [1, 3, 7, 100, 1_000]) {
  test(`[LMT2] ${perSecond} a second: two seconds' worth at once, then exactly the rate, however many are asked for`, () => {
    const clock = new ManualClock();
    const table = new RateTable(clock);
    expect(taken(table, "a", perSecond, 10 * perSecond)).toBe(LIMITS.burstSecondsMax * perSecond);
    for (let second = 0; second < 5; second++) {
      clock.advance(1_000);
      expect(taken(table, "a", perSecond, 10 * perSecond)).toBe(perSecond);
    }
    clock.advance(60_000);
    expect(taken(table, "a", perSecond, 10 * perSecond)).toBe(LIMITS.burstSecondsMax * perSecond);
  });
}

test("[LMT2] steady requests at the rate are never refused", () => {
  const clock = new ManualClock();
  const table = new RateTable(clock);
  for (let at = 0; at < 1_000; at++) {
    expect(table.take("a", 50)).toBe(true);
    clock.advance(20);
  }
});

test("[LMT2] keys have nothing to do with each other, and a changed rate counts at once", () => {
  const table = new RateTable(new ManualClock());
  expect(taken(table, "a", 1, 5)).toBe(2);
  expect(taken(table, "b", 1, 5)).toBe(2);
  expect(table.take("a", 1_000)).toBe(false); // its bucket is as empty as it was
});

test("[LMT3] the table is bounded, remembers who goes on asking, and forgets the others", () => {
  const table = new RateTable(new ManualClock(), 10);
  expect(taken(table, "busy", 2, 9)).toBe(4);
  for (let at = 0; at < 1_000; at++) table.take(`other-${at}`, 1);
  expect(table.size).toBeLessThanOrEqual(20);
  expect(taken(table, "busy", 2, 9)).toBe(4); // silent for long: anew
  const steady = new RateTable(new ManualClock(), 10);
  let granted = 0;
  for (let at = 0; at < 1_000; at++) {
    granted += Number(steady.take("busy", 500));
    steady.take(`other-${at}`, 1);
  }
  expect(granted).toBe(1_000); // and no more than its bucket held
  expect(steady.take("busy", 500)).toBe(false);
});
