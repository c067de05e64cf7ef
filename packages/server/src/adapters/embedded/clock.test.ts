import { expect, test } from "bun:test";
import { every } from "../../ports/clock.ts";
import { ManualClock } from "./manual-clock.ts";
import { systemClock } from "./system-clock.ts";

test("manual clock [CLK1] timers run in the order of their times, none early, none twice", () => {
  const clock = new ManualClock();
  const ran: string[] = [];
  clock.after(20, () => ran.push(`b at ${clock.monotonicMs()}`));
  clock.after(10, () => ran.push(`a at ${clock.monotonicMs()}`));
  const cancelled = clock.after(15, () => ran.push("cancelled"));
  clock.after(30, () => clock.after(5, () => ran.push(`nested at ${clock.monotonicMs()}`)));
  cancelled.cancel();
  clock.advance(9);
  expect(ran).toEqual([]);
  clock.advance(100);
  expect(ran).toEqual(["a at 10", "b at 20", "nested at 35"]);
  expect(clock.pendingTimers).toBe(0);
});

test("manual clock [CLK1] the wall clock moves with the timers, and alone when it is set", () => {
  const clock = new ManualClock(1_000);
  clock.advance(500);
  expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_500, 500]);
  clock.setWall(10);
  clock.advance(5);
  expect([clock.wallMs(), clock.monotonicMs()]).toEqual([15, 505]);
});

test("every() [CLK1] repeats until it is cancelled, also by itself", () => {
  const clock = new ManualClock();
  let runs = 0;
  const timer = every(clock, 10, () => {
    runs += 1;
    if (runs === 3) timer.cancel();
  });
  clock.advance(100);
  expect([runs, clock.pendingTimers]).toEqual([3, 0]);
});

test("system clock [CLK1] never runs a timer early, and never a cancelled one", async () => {
  const startedMs = systemClock.monotonicMs();
  let isRun = false;
  systemClock.after(1, () => (isRun = true)).cancel();
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  expect(systemClock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(4.9);
  expect(isRun).toBe(false);
  expect(systemClock.wallMs()).toBeGreaterThan(1_700_000_000_000);
});
