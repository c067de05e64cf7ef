/**
 * How much the heavy tests do: a little in `npm test`, all that was promised in `npm run test:full`.
 *
 * @module
 */

/** Whether the tests run at their full counts. */
export const isFull = process.env["LONGWAVE_TEST_FULL"] === "1";

/** A count for a heavy test. */
export function count({ quick, full }: { readonly quick: number; readonly full: number }): number {
  return isFull ? full : quick;
}

/** The seed of this run's random tests: printed where it is used, repeated with LONGWAVE_TEST_SEED. */
export function seed(): number {
  const given = process.env["LONGWAVE_TEST_SEED"];
  return given === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(given);
}

/** A repeatable source of randomness: numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
