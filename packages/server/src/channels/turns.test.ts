import { expect, test } from "bun:test";
import fc from "fast-check";
import { LIMITS } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { Turns } from "./turns.ts";

const SHARE: number = LIMITS.turnMsMax;

/** Turns that are ended by hand, and what began in each. */
class ByHand {
  readonly clock = new ManualClock();
  readonly begun: string[] = [];
  readonly turns: Turns;
  #ends: (() => void)[] = [];

  constructor() {
    this.turns = new Turns(this.clock, (run) => this.#ends.push(run));
  }

  /** Some work that takes a time. */
  work(keyset: string, name: string, takesMs = SHARE): unknown {
    return this.turns.take(keyset, () => {
      this.begun.push(keyset + name);
      this.clock.advance(takesMs);
      return name;
    });
  }

  endTurn(): readonly string[] {
    const before = this.begun.length;
    for (const end of this.#ends.splice(0)) end();
    return this.begun.slice(before);
  }

  get isIdle(): boolean {
    return this.#ends.length === 0;
  }
}

test("[LMT14] where one keyset works, nothing waits", () => {
  const world = new ByHand();
  for (let at = 0; at < 100; at++) expect(world.work("a", String(at))).toBe(String(at));
  expect(world.isIdle).toBe(true);
});

test("[LMT14] where another works too, a keyset has its share of a turn and the rest in later ones, in its order", async () => {
  const world = new ByHand();
  world.work("b", "0");
  const asked = ["0", "1", "2", "3"].map((name) => world.work("a", name, SHARE / 2));
  expect(world.begun).toEqual(["b0", "a0", "a1"]);
  expect(world.endTurn()).toEqual(["a2", "a3"]);
  expect(await Promise.all(asked)).toEqual(["0", "1", "2", "3"]);
});

test("[LMT14] whoever has asked little is heard at once, however much another has waiting", () => {
  const world = new ByHand();
  world.work("b", "0", 0);
  for (let at = 0; at < 1_000; at++) world.work("a", String(at));
  expect(world.work("b", "1", 0)).toBe("1");
  expect(world.begun).toEqual(["b0", "a0", "b1"]);
  world.endTurn();
  expect(world.work("b", "2", 0)).toBe("2");
  expect(world.begun).toEqual(["b0", "a0", "b1", "a1", "b2"]);
});

test("[LMT14] what takes longer than its share is missing in the next turns", () => {
  const world = new ByHand();
  world.work("b", "0", 0);
  world.work("a", "long", 3.5 * SHARE);
  world.work("a", "next");
  expect([world.endTurn(), world.endTurn(), world.endTurn()]).toEqual([[], [], ["anext"]]);
});

test("[LMT14] what work says that it will cost counts like what it has cost", () => {
  const world = new ByHand();
  world.work("b", "0", 0);
  void world.turns.take("a", () => {}, SHARE);
  world.work("a", "next", 0);
  expect(world.begun).toEqual(["b0"]);
  expect(world.endTurn()).toEqual(["anext"]);
});

test("[LMT14] a keyset that has been silent for seconds makes nobody wait", () => {
  const world = new ByHand();
  world.work("b", "0", 0);
  for (let second = 0; second < 3; second++) {
    world.clock.advance(1_001);
    world.work("a", String(second), 0);
    world.endTurn();
  }
  expect(world.work("a", "one", SHARE)).toBe("one");
  expect(world.work("a", "two", SHARE)).toBe("two");
});

test("[LMT14] work that fails says so, at once or when it begins, and holds up nobody", async () => {
  const world = new ByHand();
  const fail = (): never => {
    throw new Error("no");
  };
  world.work("b", "0", 0);
  expect(() => world.turns.take("a", fail, SHARE)).toThrow("no");
  const failures: unknown[] = [];
  const later = Promise.resolve(world.turns.take("a", fail)).catch((failure: unknown) => failures.push(failure));
  const after = world.work("a", "after");
  world.endTurn();
  await later;
  expect(failures).toEqual([new Error("no")]);
  expect(await after).toBe("after");
});

test("[LMT14] all work begins once, in the order of its keyset, and then nothing is left to do", () => {
  const asks = fc.array(fc.record({ keyset: fc.constantFrom("a", "b", "c"), takesMs: fc.double({ min: 0, max: 5 }) }));
  fc.assert(
    fc.property(fc.array(asks), (rounds) => {
      const world = new ByHand();
      const wanted: Record<string, string[]> = { a: [], b: [], c: [] };
      let count = 0;
      for (const round of rounds) {
        for (const { keyset, takesMs } of round) {
          wanted[keyset]?.push(keyset + count);
          world.work(keyset, String(count++), Number.isNaN(takesMs) ? 0 : takesMs);
        }
        world.endTurn();
      }
      for (let turn = 0; turn < 10_000 && !world.isIdle; turn++) world.endTurn();
      expect(world.isIdle).toBe(true);
      for (const [keyset, names] of Object.entries(wanted)) {
        expect(world.begun.filter((name) => name.startsWith(keyset))).toEqual(names);
      }
    }),
  );
});
