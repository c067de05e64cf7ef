import { describe, expect, test } from "bun:test";
import { LIMITS, type Predicate } from "@longwave/protocol";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { OTHER_KEYSET } from "../conformance/fixtures.ts";
import { HOLD_SECONDS, World, answerOf, settle, summary } from "../conformance/world.ts";
import type { SubscribeOutcome } from "./subscribe.ts";

test("[SUB1] a handshake is between what was published before and what comes later", async () => {
  await using world = new World();
  const before = await world.publish();
  const cursor = await world.handshake("room");
  expect(cursor).toBeGreaterThanOrEqual(before);
  const poll = world.poll(cursor, "room");
  await settle();
  expect(poll.isHeld).toBe(true);
  const after = await world.publish({ payload: "2" });
  expect((await answerOf(poll)).cursor).toBe(after);
});

test("[SUB2] a backlog comes in pages of 100, oldest first, and the last page ends it", async () => {
  await using world = new World();
  let cursor = await world.handshake("room");
  for (let at = 0; at < 250; at++) await world.publish({ payload: String(at) });
  const pages: number[] = [];
  const payloads: string[] = [];
  for (let page = 0; page < 3; page++) {
    const { cursor: next, matches } = await answerOf(world.poll(cursor, "room"));
    pages.push(matches.length);
    payloads.push(...matches.map(({ delivery }) => delivery.message.payload));
    expect(next).toBe(matches.at(-1)?.delivery.message.timetoken ?? 0n);
    cursor = next;
  }
  expect(pages).toEqual([100, 100, 50]);
  expect(payloads).toEqual(Array.from({ length: 250 }, (_, at) => String(at)));
});

test("[SUB2] an answer holds at most 4 MiB, and a larger message goes alone", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const large = JSON.stringify("x".repeat(1_500_000));
  for (let sent = 0; sent < 4; sent++) await world.publish({ payload: large });
  expect((await answerOf(world.poll(cursor, "room"))).matches).toHaveLength(2);
});

test("[SUB3 WIRE18] a poll without messages is answered empty after the hold time, with its own cursor", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const poll = world.poll(cursor, "room");
  await settle();
  let isAnswered = false;
  void poll.outcome.finally(() => {
    isAnswered = true;
  });
  world.clock.advance((HOLD_SECONDS - 1) * 1_000);
  await settle();
  expect([isAnswered, world.subscriptions.held]).toEqual([false, 1]);
  world.clock.advance(2_000);
  expect(await answerOf(poll)).toEqual({ cursor, matches: [], gaps: [] });
  expect([world.subscriptions.held, world.subscriptions.index.names]).toEqual([0, 0]);
});

test("[SUB3] a cursor in the future waits for what comes after it", async () => {
  await using world = new World();
  const now = await world.handshake("room");
  const poll = world.poll(now + 50_000n, "room");
  await settle();
  await world.publish({ payload: "1" });
  world.clock.advance(10);
  const later = await world.publish({ payload: "2" });
  expect(await answerOf(poll)).toMatchObject({ cursor: later });
});

test("[SUB5] messages wait on channels that nobody polls, for twenty minutes", async () => {
  await using world = new World();
  const cursor = await world.handshake("elsewhere");
  await world.publish({ stored: false });
  world.clock.advance(LIMITS.queueAgeMsMax - 10_000);
  expect((await answerOf(world.poll(cursor, "room"))).matches).toHaveLength(1);
  world.clock.advance(20_000);
  const poll = world.poll(cursor, "room");
  await settle();
  expect(poll.isHeld).toBe(true);
});

test("[SUB6] stored messages that left the queue are read from the store while they are young", async () => {
  await using world = new World({ messagesMax: 5 });
  const cursor = await world.handshake("a.b");
  for (let at = 0; at < 20; at++) await world.publish({ channel: "a.b", payload: String(at) });
  const expected = Array.from({ length: 20 }, (_, at) => `${at} a.b -`);
  expect(summary(await answerOf(world.poll(cursor, "a.b")))).toEqual(expected);
  const overlapping = await answerOf(world.poll(cursor, "a.b", "a.*"));
  expect(overlapping.matches).toHaveLength(40);
  world.clock.advance(LIMITS.queueAgeMsMax + 10_000);
  const poll = world.poll(cursor, "a.b");
  await settle();
  expect(poll.isHeld).toBe(true);
});

test("[SUB9] messages of one turn leave in one answer to everybody who waits", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const polls = [world.poll(cursor, "room"), world.poll(cursor, "room"), world.poll(cursor, "ro.*", "room")];
  await settle();
  await Promise.all([world.publish({ payload: "1" }), world.publish({ payload: "2" })]);
  for (const poll of polls) {
    const { matches } = await answerOf(poll);
    expect(matches.map(({ delivery }) => delivery.message.payload)).toEqual(["1", "2"]);
  }
});

describe("[SUB12 SUB13 WIRE8 WIRE9] what a message matches is named", () => {
  const CASES: readonly (readonly [wanted: readonly string[], expected: readonly string[]])[] = [
    [["a.b"], ["1 a.b -"]],
    [["a.*"], ["1 a.b a.*"]],
    [["a.b", "x"], ["1 a.b a.b"]],
    [
      ["a.b", "a.*"],
      ["1 a.b a.b", "1 a.b a.*"],
    ],
    [
      ["a.*", "a.b"],
      ["1 a.b a.b", "1 a.b a.*"],
    ],
  ];
  for (const [wanted, expected] of CASES) {
    test(`[SUB12 SUB13] ${wanted.join(",")} from the queue`, async () => {
      await using world = new World();
      const cursor = await world.handshake(...wanted);
      await world.publish({ channel: "a.b", payload: "1" });
      expect(summary(await answerOf(world.poll(cursor, ...wanted)))).toEqual(expected);
    });
    test(`[SUB12 SUB13] ${wanted.join(",")} while held`, async () => {
      await using world = new World();
      const poll = world.poll(await world.handshake(...wanted), ...wanted);
      await settle();
      await world.publish({ channel: "a.b", payload: "1" });
      expect(summary(await answerOf(poll))).toEqual(expected);
    });
  }
});

test("[SUB15] a client that goes away leaves nothing behind", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const [one, other] = [world.poll(cursor, "room", "a.*"), world.poll(cursor, "room")];
  await settle();
  one.gone.abort();
  world.clock.advance(1_000); // it is noticed at the next sweep
  expect(await one.outcome).toEqual({ kind: "gone" });
  expect([world.subscriptions.held, world.subscriptions.index.names]).toEqual([1, 1]);
  await world.publish();
  expect((await answerOf(other)).matches).toHaveLength(1);
  const early = world.poll(await world.handshake("room"), "room");
  early.gone.abort(); // before any sweep: answered for nobody, and as over as any other
  await world.publish();
  expect((await answerOf(early)).matches).toHaveLength(1);
  expect(world.subscriptions.index.names).toBe(0);
});

test("[SUB17] a keyset that holds as many polls as it may is told so, and others are not", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const polls = Array.from({ length: LIMITS.heldPollsPerKeysetMax }, () => world.poll(cursor, "room"));
  expect(await world.poll(cursor, "room").outcome).toEqual({ kind: "tooMany" });
  const other = world.pollWith({ keyset: OTHER_KEYSET }, cursor, "room");
  await settle();
  expect(other.isHeld).toBe(true);
  await world.publish();
  for (const poll of polls) expect((await answerOf(poll)).matches).toHaveLength(1);
});

const evenOnly: Predicate = ({ data }) => Number(data) % 2 === 0;

test("[FLT11] a backlog of which little passes is looked through to its end", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  for (let at = 1; at <= 450; at++) await world.publish({ payload: at === 450 ? "450" : String(at * 2 + 1) });
  const { matches } = await answerOf(world.pollWith({ filter: evenOnly }, cursor, "room"));
  expect(summary({ matches })).toEqual(["450 room -"]);
});

test("[FLT11] a held poll is not woken by what does not pass, and its empty answer is behind it", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const early = await world.publish({ payload: "1" });
  const [one, other] = [
    world.pollWith({ filter: evenOnly }, cursor, "room", "a.*"),
    world.pollWith({ filter: evenOnly }, cursor, "room"),
  ];
  await settle();
  const late = await world.publish({ payload: "3" });
  await settle();
  expect([one.isHeld, world.subscriptions.held, late > early]).toEqual([true, 2, true]);
  world.clock.advance((HOLD_SECONDS + 2) * 1_000);
  expect(await answerOf(other)).toMatchObject({ cursor: late, matches: [] });
  const again = world.pollWith({ filter: evenOnly }, cursor, "room");
  await settle();
  await world.publish({ payload: "4" });
  expect(summary(await answerOf(again))).toEqual(["4 room -"]);
});

const SEED = seed();
const ROUNDS = count({ quick: 20, full: 300 });
test(`[SUB14] every subscriber gets each matching message once, in order (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
  for (let round = 0; round < ROUNDS; round++) await shuffle(randomFrom(SEED + round));
});

// Subscribers come and go, publishers run between their polls, the queue is too small for all of it.
async function shuffle(random: () => number): Promise<void> {
  const holdSeconds = 5; // sixty of them are less than the time that messages have
  await using world = new World({ messagesMax: 1 + Math.trunc(random() * 20) }, holdSeconds);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.trunc(random() * items.length)] as Item;
  const channels = ["a", "b", "a.x", "a.y"];
  const subscribers = Array.from({ length: 6 }, () => ({
    wanted: pick(MIXES),
    got: [] as string[],
    cursor: 0n,
    from: 0n,
  }));
  for (const subscriber of subscribers) subscriber.cursor = subscriber.from = await world.handshake("a");
  const sent: { timetoken: bigint; channel: string }[] = [];
  const receive = async (subscriber: (typeof subscribers)[number]): Promise<void> => {
    const poll = world.poll(subscriber.cursor, ...subscriber.wanted);
    if (random() < 0.3) poll.gone.abort();
    for (let burst = Math.trunc(random() * 4); burst > 0; burst--) {
      const channel = pick(channels);
      sent.push({ channel, timetoken: await world.publish({ channel }) });
      if (random() < 0.1) world.clock.advance(Math.trunc(random() * 50));
    }
    await settle();
    const isLeaving = poll.isHeld && random() < 0.5;
    if (isLeaving) poll.gone.abort();
    if (poll.isHeld) world.clock.advance((isLeaving ? 1 : holdSeconds + 1) * 1_000);
    take(subscriber, await poll.outcome);
    world.clock.setWall(world.clock.wallMs() - (poll.isHeld ? holdSeconds * 1_000 : 0)); // and the wall clock may step
  };
  for (let step = 0; step < 60; step++) await receive(pick(subscribers));
  for (const subscriber of subscribers) {
    for (let page = 0; page < 50; page++) {
      const poll = world.poll(subscriber.cursor, ...subscriber.wanted);
      await settle();
      if (poll.isHeld) poll.gone.abort();
      if (poll.isHeld) world.clock.advance(1_000);
      take(subscriber, await poll.outcome);
      if (poll.isHeld) break;
    }
    const due = sent.filter(({ timetoken }) => timetoken > subscriber.from);
    const expected = due.flatMap(({ timetoken, channel }) =>
      asked(subscriber.wanted, channel).map((name) => `${timetoken} ${name}`),
    );
    expect(subscriber.got).toEqual(expected);
  }
}

const MIXES: readonly (readonly string[])[] = [["a"], ["a", "b"], ["a.*"], ["a.x", "a.*"], ["b", "a.y", "a.*"]];

function asked(wanted: readonly string[], channel: string): readonly string[] {
  const [root] = channel.split(".");
  const name = channel.includes(".") ? [channel, `${root}.*`] : [channel];
  return name.filter((candidate) => wanted.includes(candidate));
}

function take(
  subscriber: { wanted: readonly string[]; got: string[]; cursor: bigint },
  outcome: SubscribeOutcome,
): void {
  if (outcome.kind !== "answer") return;
  subscriber.cursor = outcome.answer.cursor;
  for (const { delivery, matched } of outcome.answer.matches) {
    subscriber.got.push(`${delivery.message.timetoken} ${matched ?? subscriber.wanted[0]}`);
  }
}
