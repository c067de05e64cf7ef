import { expect, test } from "bun:test";
import { type Bounds, rangeOf } from "./range.ts";

// Messages 1 to 10; what bounds and a number of messages take of them.
type Case = readonly [bounds: Partial<Bounds>, max: number, taken: readonly number[]];
const CASES: Readonly<Record<string, Case>> = {
  "nothing: the newest": [{}, 3, [8, 9, 10]],
  "start: below it, it left out": [{ start: 9n }, 2, [7, 8]],
  "start one above a message: that one is in": [{ start: 4n }, 2, [2, 3]],
  "end: it and newer": [{ end: 8n }, 100, [8, 9, 10]],
  "end, and more than fit: the newest of them": [{ end: 2n }, 3, [8, 9, 10]],
  "reverse: the oldest": [{ isReverse: true }, 5, [1, 2, 3, 4, 5]],
  "reverse from a start: newer than it": [{ isReverse: true, start: 3n }, 3, [4, 5, 6]],
  "reverse up to an end": [{ isReverse: true, end: 4n }, 3, [1, 2, 3]],
  "reverse between two": [{ isReverse: true, start: 1n, end: 2n }, 100, [2]],
  "start newer than end: the newest below start, down to end": [{ start: 9n, end: 3n }, 3, [6, 7, 8]],
  "start newer than end, all of it": [{ start: 6n, end: 3n }, 100, [3, 4, 5]],
  "start older than end: the oldest above start": [{ start: 0n, end: 9n }, 4, [1, 2, 3, 4]],
  "start older than end, its next page": [{ start: 4n, end: 6n }, 4, [5, 6]],
};
for (const [what, [bounds, max, taken]] of Object.entries(CASES)) {
  test(`rangeOf() [HIS5] ${what}`, () => expect(take(bounds, max)).toEqual([...taken]));
}

const EMPTY: Readonly<Record<string, Partial<Bounds>>> = {
  "start and end the same": { start: 5n, end: 5n },
  "start and end the same, in reverse": { start: 5n, end: 5n, isReverse: true },
  "in reverse from behind the end": { start: 6n, end: 3n, isReverse: true },
  "start at the beginning of time": { start: 0n },
};
for (const [what, bounds] of Object.entries(EMPTY)) {
  test(`rangeOf() [HIS6] ${what}: nothing`, () => expect(take(bounds, 100)).toEqual([]));
}

function take(bounds: Partial<Bounds>, max: number): readonly number[] {
  const { from, through, take: end } = rangeOf({ start: undefined, end: undefined, ...bounds });
  const inRange = Array.from({ length: 10 }, (_, at) => at + 1).filter(
    (at) => BigInt(at) >= from && BigInt(at) <= through,
  );
  return end === "oldest" ? inRange.slice(0, max) : inRange.slice(-max);
}
