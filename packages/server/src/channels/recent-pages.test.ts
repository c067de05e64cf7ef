import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { World, answerOf, summary } from "../conformance/world.ts";
import { printAnswer } from "./answer.ts";

const oddOnly = ({ data }: { readonly data: unknown }): boolean => Number(data) % 2 === 1;

test("[SUB2 SUB12] whoever comes back to the same messages gets what they asked for of them, also right behind others", async () => {
  await using world = new World();
  const cursor = await world.handshake("a.b");
  await world.setGroup("g", "a.b");
  for (const payload of ["1", "2", "3"]) await world.publish({ channel: "a.b", payload });
  const comers: Readonly<Record<string, readonly [() => ReturnType<World["poll"]>, readonly string[]]>> = {
    channel: [() => world.poll(cursor, "a.b"), ["1 a.b -", "2 a.b -", "3 a.b -"]],
    wildcard: [() => world.poll(cursor, "a.*"), ["1 a.b a.*", "2 a.b a.*", "3 a.b a.*"]],
    "two names": [() => world.poll(cursor, "a.b", "x"), ["1 a.b a.b", "2 a.b a.b", "3 a.b a.b"]],
    group: [() => world.pollWith({ groups: ["g"] }, cursor), ["1 a.b g", "2 a.b g", "3 a.b g"]],
    filter: [() => world.pollWith({ filter: oddOnly }, cursor, "a.b"), ["1 a.b -", "3 a.b -"]],
  };
  for (let round = 0; round < 2; round++) {
    for (const [name, [poll, expected]] of Object.entries(comers)) {
      expect([name, ...summary(await answerOf(poll()))]).toEqual([name, ...expected]);
    }
  }
});

test("[SUB2] those who missed the same share one body, until there is more or a moment has passed", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const body = async (): Promise<ReturnType<typeof printAnswer>> => {
    return printAnswer(await answerOf(world.poll(cursor, "room")));
  };
  await world.publish({ payload: "1" });
  await world.publish({ payload: "2" });
  const first = await body();
  expect(await body()).toBe(first);
  await world.publish({ payload: "3" });
  const more = await body();
  expect(JSON.parse(more.text)).toMatchObject({ m: [{ d: 1 }, { d: 2 }, { d: 3 }] });
  world.clock.advance(3_000);
  const later = await body();
  expect(later).not.toBe(more);
  expect(later.text).toBe(more.text);
});

test("[SUB2] what is told of gaps is nobody else's", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  for (const payload of ["1", "2"]) await world.publish({ payload });
  const plain = printAnswer(await answerOf(world.poll(cursor, "room")));
  const answer = await answerOf(world.poll(cursor, "room"));
  expect(printAnswer(answer, ',"lw":{}').text).toBe(`${plain.text.slice(0, -1)},"lw":{}}`);
  expect(printAnswer(answer).text).toBe(plain.text);
});

test("[SUB2] the pages that are kept for others are bounded", async () => {
  await using world = new World();
  const large = JSON.stringify("x".repeat(LIMITS.recentPagesCharactersMax / 2));
  const cursors: bigint[] = [];
  for (const channel of ["a", "b", "c", "d"]) {
    cursors.push(await world.handshake(channel));
    await world.publish({ channel, payload: large, stored: false });
  }
  const bodies = async (): Promise<readonly ReturnType<typeof printAnswer>[]> => {
    const found: ReturnType<typeof printAnswer>[] = [];
    for (const [at, channel] of ["a", "b", "c", "d"].entries()) {
      found.push(printAnswer(await answerOf(world.poll(cursors[at] ?? 0n, channel))));
    }
    return found;
  };
  const before = await bodies();
  const after = await bodies();
  expect(after[0]).not.toBe(before[0]);
});
