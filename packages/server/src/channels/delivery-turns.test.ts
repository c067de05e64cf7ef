import { expect, test } from "bun:test";
import { KEYSET } from "../conformance/fixtures.ts";
import { World, answerOf, settle, summary } from "../conformance/world.ts";

const OTHER = "other";
const MANY = 300;

/** A world in which two keysets have work. */
function busyWorld(): World {
  const world = new World();
  for (const keyset of [KEYSET, OTHER]) void world.turns.take(keyset, () => {});
  return world;
}

/** As many turns as a message to all of them takes, and some more. */
async function settleAll(): Promise<void> {
  for (let at = 0; at < 10; at++) await settle();
}

test("[LMT14] a message to many subscribers is sent to some of them in each turn, and to all", async () => {
  await using world = busyWorld();
  const cursor = await world.handshake("room");
  const order: string[] = [];
  const polls = Array.from({ length: MANY }, () => world.poll(cursor, "room"));
  const other = world.pollWith({ keyset: OTHER }, cursor, "room");
  for (const poll of polls) void poll.outcome.then(() => order.push(KEYSET));
  void other.outcome.then(() => order.push(OTHER));
  await settle();
  await world.publish({ channel: "room", payload: "1" });
  await world.publish({ channel: "room", payload: "2" }, OTHER);
  await settleAll();
  expect(order).toHaveLength(MANY + 1);
  expect(order.indexOf(OTHER)).toBeLessThan(MANY / 2);
  for (const poll of polls) expect(summary(await answerOf(poll))).toEqual(["1 room -"]);
  expect(summary(await answerOf(other))).toEqual(["2 room -"]);
});

test("[LMT14] what comes while a message is on its way to many goes along with it, in its order", async () => {
  await using world = busyWorld();
  const cursor = await world.handshake("room");
  const polls = Array.from({ length: MANY }, () => world.poll(cursor, "room"));
  await settle();
  await world.publish({ channel: "room", payload: "1" });
  await new Promise<void>((resolve) => setImmediate(resolve)); // a part of them has it
  await world.publish({ channel: "room", payload: "2" });
  await settleAll();
  const answers = await Promise.all(polls.map(async (poll) => summary(await answerOf(poll)).join()));
  expect(answers[0]).toBe("1 room -");
  expect(answers.at(-1)).toBe("1 room -,2 room -");
  expect(new Set(answers).size).toBe(2);
});

test("[LMT14 SUB19] whoever waits for a message's turn has it before a group changes", async () => {
  await using world = busyWorld();
  await world.setGroup("g", "room");
  await settle();
  const cursor = await world.handshake("room");
  const polls = Array.from({ length: MANY }, () => world.pollWith({ groups: ["g"] }, cursor));
  await settle();
  await world.publish({ channel: "room", payload: "1" });
  await world.setGroup("g", "elsewhere");
  await settleAll();
  for (const poll of polls) expect(summary(await answerOf(poll))).toEqual(["1 room g"]);
});
