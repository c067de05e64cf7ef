import { expect, test } from "bun:test";
import fc from "fast-check";
import { type RetryPolicy, pauseMsOf } from "./policy.ts";

const LINEAR: RetryPolicy = { kind: "linear", delayMs: 2_000, jitterMs: 1_000, retriesMax: 10 };
const EXPONENTIAL: RetryPolicy = {
  kind: "exponential",
  minimumMs: 2_000,
  maximumMs: 20_000,
  jitterMs: 1_000,
  retriesMax: 6,
};
const WRAPPING: RetryPolicy = { kind: "wrapping", retriesMax: Number.POSITIVE_INFINITY };

const ROWS: readonly (readonly [string, RetryPolicy, readonly (number | undefined)[]])[] = [
  ["none", { kind: "none" }, [undefined, undefined]],
  ["linear", { ...LINEAR, retriesMax: 3 }, [2, 2, 2, undefined, undefined]],
  ["exponential", EXPONENTIAL, [2, 4, 8, 16, 20, 20, undefined]],
  ["the classic exponential", WRAPPING, [1, 3, 7, 15, 31, 1, 3, 7, 15, 31, 1]],
  ["one that ends at once", { kind: "wrapping", retriesMax: 0 }, [undefined]],
];
for (const [name, policy, seconds] of ROWS) {
  test(`[SDK38 SDK39] pauses of ${name}: ${seconds.join(", ")}`, () => {
    const pauses = seconds.map((_, at) => pauseMsOf(policy, at + 1, undefined, () => 0));
    expect(pauses).toEqual(seconds.map((pause) => (pause === undefined ? undefined : pause * 1_000)));
  });
}

test("[SDK38] chance adds up to a second, but not to the classic pauses", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      fc.integer({ min: 1, max: 6 }),
      (chance, attempt) => {
        for (const policy of [LINEAR, EXPONENTIAL]) {
          const [least = 0, pause = 0] = [0, chance].map((random) =>
            pauseMsOf(policy, attempt, undefined, () => random),
          );
          expect(pause - least).toBeCloseTo(chance * 1_000, 5);
        }
        expect(pauseMsOf(WRAPPING, attempt, undefined, () => chance)).toBe(
          pauseMsOf(WRAPPING, attempt, undefined, () => 0),
        );
      },
    ),
  );
});

test("[SDK38] what the network says to wait takes the place of the pause, an hour at most, and makes no attempt more", () => {
  const wait = (policy: RetryPolicy, attempt: number, ms: number) => pauseMsOf(policy, attempt, ms, () => 0.5);
  expect(wait(LINEAR, 1, 7_000)).toBe(7_500);
  expect(wait(WRAPPING, 1, 7_000)).toBe(7_000);
  expect(wait(EXPONENTIAL, 1, 0)).toBe(2_500);
  expect(wait(EXPONENTIAL, 1, 1e12)).toBe(3_600_500);
  expect(wait(EXPONENTIAL, 7, 7_000)).toBeUndefined();
  expect(wait({ kind: "none" }, 1, 7_000)).toBeUndefined();
});
