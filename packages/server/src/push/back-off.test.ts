import { expect, test } from "bun:test";
import { backOffMs } from "./back-off.ts";

const CASES: readonly (readonly [attempts: number, afterMs: number | undefined, chance: number, ms: number])[] = [
  [1, undefined, 0, 10_000],
  [2, undefined, 0, 20_000],
  [3, undefined, 0, 40_000],
  [6, undefined, 0, 320_000],
  [7, undefined, 0, 600_000],
  [1_000, undefined, 0, 600_000],
  [1, undefined, 1, 5_000],
  [2, undefined, 0.5, 15_000],
  [1, 3_000, 0, 10_000],
  [1, 60_000, 0, 60_000],
  [7, 3_600_000, 1, 3_600_000],
];
for (const [attempts, afterMs, chance, ms] of CASES) {
  test(`backOffMs() [PSH44] attempt ${attempts}, asked ${afterMs}, chance ${chance}: ${ms} ms`, () => {
    expect(backOffMs(attempts, afterMs, chance)).toBe(ms);
  });
}
