import { expect, test } from "bun:test";
import { Turns } from "./turns.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("turns [GRP21] on one key come one after the other, on another at once, and a failure stops nobody", async () => {
  const turns = new Turns(10);
  const seen: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    seen.push(`${name} begins`);
    await turn();
    seen.push(`${name} ends`);
    if (name === "b") throw new Error("b fails");
    return name;
  };
  const line = [
    ["one", "a"],
    ["one", "b"],
    ["two", "c"],
    ["one", "d"],
  ] as const;
  const results = await Promise.allSettled(line.map(async ([key, name]) => turns.take(key, work(name))));
  expect(seen.filter((line) => !line.startsWith("c"))).toEqual(
    ["a", "b", "d"].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  expect(seen.indexOf("c begins")).toBeLessThan(seen.indexOf("a ends"));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
});

test("turns [GRP25] a line is bounded, and free again when its work has ended", async () => {
  const turns = new Turns(2);
  for (let count = 0; count < 2; count++) expect(turns.take("one", turn)).toBeDefined();
  expect(turns.take("one", turn)).toBeUndefined();
  expect(turns.take("two", turn)).toBeDefined();
  await turns.ended();
  expect(turns.take("one", turn)).toBeDefined();
  await turns.ended();
});
