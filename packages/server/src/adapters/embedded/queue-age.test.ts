import { expect, test } from "bun:test";
import { ManualClock } from "./manual-clock.ts";
import { QueueAge } from "./queue-age.ts";

const AGE_MS = 60_000;

test("[OPS4] what was given out is old after its time, whatever the wall clock does", () => {
  const clock = new ManualClock();
  const age = new QueueAge(clock, AGE_MS, 7n);
  age.note(10n);
  clock.advance(20_000);
  clock.setWall(clock.wallMs() + 3_600_000);
  age.note(20n);
  age.note(21n);
  clock.advance(39_000);
  expect(age.passed).toBe(7n);
  clock.advance(1_000);
  expect(age.passed).toBe(10n);
  clock.setWall(0);
  clock.advance(20_000);
  expect(age.passed).toBe(21n);
});

test("[OPS4] nothing is old before its time, to five seconds", () => {
  const clock = new ManualClock();
  const age = new QueueAge(clock, AGE_MS, 0n);
  for (let at = 1; at <= 200; at++) {
    age.note(BigInt(at));
    clock.advance(1_000);
    const given = at - AGE_MS / 1_000; // the last of those that are older than their time by now
    expect(Number(age.passed)).toBeLessThanOrEqual(Math.max(0, given + 1));
    expect(Number(age.passed)).toBeGreaterThanOrEqual(given - 5);
  }
});

test("[OPS4] age goes on after a restart, and stands still in between", () => {
  const clock = new ManualClock();
  const first = new QueueAge(clock, AGE_MS, 0n);
  first.note(10n);
  clock.advance(AGE_MS);
  first.note(20n);
  clock.advance(AGE_MS / 2);
  const saved = first.print();
  const later = new ManualClock();
  later.advance(3_600_000);
  const second = new QueueAge(later, AGE_MS, 0n, saved);
  expect(second.passed).toBe(10n);
  later.advance(AGE_MS / 2);
  expect(second.passed).toBe(20n);
});
