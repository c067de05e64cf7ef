import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { World, answerOf, settle, summary } from "../conformance/world.ts";

const TELLS = { tellsGaps: true } as const;

test("[SUB20] unstored messages that left the queue are told as a gap, once, and the cursor is behind it", async () => {
  await using world = new World({ messagesMax: 3 });
  const cursor = await world.handshake("room");
  const sent: bigint[] = [];
  for (let at = 0; at < 5; at++) sent.push(await world.publish({ stored: false, payload: String(at) }));
  const answer = await answerOf(world.pollWith(TELLS, cursor, "room"));
  expect(answer.gaps).toEqual([{ channel: "room", from: cursor, to: sent[1] ?? 0n }]);
  expect(summary(answer)).toEqual(["2 room -", "3 room -", "4 room -"]);
  const next = world.pollWith(TELLS, answer.cursor, "room");
  await settle();
  expect(next.isHeld).toBe(true);
  expect((await answerOf(world.poll(cursor, "room"))).gaps).toEqual([]);
});

test("[SUB20] a gap without messages is told at once, and not again", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const lost = await world.publish({ stored: true });
  world.clock.advance(LIMITS.queueAgeMsMax + 60_000);
  const answer = await answerOf(world.pollWith(TELLS, cursor, "room"));
  expect(answer).toMatchObject({ cursor: lost, matches: [], gaps: [{ channel: "room", from: cursor, to: lost }] });
  const silent = [world.pollWith(TELLS, answer.cursor, "room"), world.poll(cursor, "room")];
  await settle();
  expect(silent.map(({ isHeld }) => isHeld)).toEqual([true, true]);
});

test("[SUB20] what the store still has is no gap", async () => {
  await using world = new World({ messagesMax: 2 });
  const cursor = await world.handshake("room");
  for (let at = 0; at < 10; at++) await world.publish({ stored: true });
  const answer = await answerOf(world.pollWith(TELLS, cursor, "room"));
  expect([answer.gaps, answer.matches.length]).toEqual([[], 10]);
});

test("[SUB20] the gaps of a backlog in several answers do not overlap and leave nothing out", async () => {
  await using world = new World({ messagesMax: 150 });
  const start = await world.handshake("kept", "brief");
  for (let at = 0; at < 400; at++) {
    await world.publish({ channel: "kept", stored: true });
    await world.publish({ channel: "brief", stored: false, payload: String(at) });
  }
  let cursor = start;
  const got: string[] = [];
  let reached = start;
  for (let page = 0; page < 20; page++) {
    const poll = world.pollWith(TELLS, cursor, "kept", "brief");
    await settle();
    if (poll.isHeld) break;
    const answer = await answerOf(poll);
    for (const { channel, from, to } of answer.gaps) {
      expect([channel, from >= reached, to > from]).toEqual(["brief", true, true]);
      reached = to;
    }
    got.push(...summary(answer));
    ({ cursor } = answer);
  }
  expect(got.filter((line) => line.includes("kept"))).toHaveLength(400);
  expect(got.filter((line) => line.includes("brief"))).toHaveLength(150);
});

test("[SUB20] of many gaps one is told for all", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const last = await world.publish({ stored: false });
  world.clock.advance(LIMITS.queueAgeMsMax + 60_000);
  const wanted = Array.from({ length: LIMITS.gapsPerAnswerMax + 1 }, (_, at) => `room.${at}`);
  const { gaps } = await answerOf(world.pollWith(TELLS, cursor, ...wanted));
  expect(gaps).toEqual([{ channel: "*", from: cursor, to: last }]);
});
