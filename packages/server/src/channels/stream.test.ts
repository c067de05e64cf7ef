import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { RecordingSink, World, commandOf, settle, summary } from "../conformance/world.ts";

const lines = (sink: RecordingSink): readonly string[] => sink.answers.flatMap(summary);

test("[STR1] a stream begins with what was missed, or with an empty answer", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  const [now, missed, nothing] = [new RecordingSink(), new RecordingSink(), new RecordingSink()];
  const sent = await world.publish({ payload: "1" });
  await world.open(now, {}, 0n, "room");
  await world.open(missed, {}, cursor, "room");
  await world.open(nothing, {}, sent, "room");
  expect(now.answers).toMatchObject([{ matches: [] }]);
  expect(now.answers[0]?.cursor).toBeGreaterThanOrEqual(sent);
  expect([lines(missed), missed.answers.at(-1)?.cursor]).toEqual([["1 room -"], sent]);
  expect(nothing.answers).toEqual([{ cursor: sent, matches: [], gaps: [] }]);
});

test("[STR2] messages of one turn leave in one answer, each once for every name that it matches", async () => {
  await using world = new World();
  await world.setGroup("g", "a.b");
  await settle();
  const sink = new RecordingSink();
  await world.open(sink, { groups: ["g"] }, 0n, "a.b", "a.*");
  await Promise.all([
    world.publish({ channel: "a.b", payload: "1" }),
    world.publish({ channel: "a.c", payload: "2" }),
    world.publish({ channel: "x" }),
  ]);
  await settle();
  expect(sink.answers.slice(1).map(summary)).toEqual([["1 a.b a.b", "1 a.b a.*", "1 a.b g", "2 a.c a.*"]]);
});

test("[STR2 FLT11] what a filter holds back is not sent, neither live nor from the queue", async () => {
  await using world = new World();
  const filter = ({ data }: { readonly data: unknown }): boolean => Number(data) % 2 === 0;
  const cursor = await world.handshake("room");
  for (let at = 1; at <= 250; at++) await world.publish({ payload: String(at === 250 ? 250 : at * 2 + 1) });
  const sink = new RecordingSink();
  await world.open(sink, { filter }, cursor, "room");
  for (const payload of ["1", "2", "3"]) await world.publish({ payload });
  await settle();
  expect(lines(sink)).toEqual(["250 room -", "2 room -"]);
});

test("[STR4] a group that changes changes the stream, and loses nothing of those that stay", async () => {
  await using world = new World();
  await world.setGroup("g", "a");
  await settle();
  const sink = new RecordingSink();
  await world.open(sink, { groups: ["g"] }, 0n);
  await Promise.all([
    world.publish({ channel: "a", payload: "1" }),
    world.setGroup("g", "a", "b"),
    world.publish({ channel: "a", payload: "2" }),
    world.publish({ channel: "b", payload: "3" }),
  ]);
  await settle();
  await world.publish({ channel: "b", payload: "4" });
  await settle();
  expect(lines(sink)).toEqual(["1 a g", "2 a g", "3 b g", "4 b g"]);
});

test("[STR5] a reader that does not keep up catches up from the queue, page by page, and nobody else waits", async () => {
  await using world = new World();
  const [slow, quick] = [new RecordingSink(), new RecordingSink()];
  const stream = await world.open(slow, {}, 0n, "room");
  await world.open(quick, {}, 0n, "room");
  slow.isFull = true;
  for (let at = 0; at < 250; at++) await world.publish({ payload: String(at) });
  await settle();
  const all = Array.from({ length: 250 }, (_, at) => `${at} room -`);
  expect([lines(slow), lines(quick)]).toEqual([[], all]);
  slow.isFull = false;
  stream.resume();
  await settle();
  await world.publish({ payload: "250" });
  await settle();
  expect(lines(slow)).toEqual([...all, "250 room -"]);
  expect(slow.answers.slice(1).map(({ matches }) => matches.length)).toEqual([100, 100, 50, 1]);
});

test("[STR5 SUB20] what a stalled reader missed for good is told as a gap", async () => {
  await using world = new World({ messagesMax: 5 });
  const sink = new RecordingSink();
  const stream = await world.open(sink, { tellsGaps: true }, 0n, "room");
  sink.isFull = true;
  for (let at = 0; at < 20; at++) await world.publish({ payload: String(at), stored: false });
  await settle();
  sink.isFull = false;
  stream.resume();
  await settle();
  expect(lines(sink)).toEqual(["15", "16", "17", "18", "19"].map((payload) => `${payload} room -`));
  expect(sink.answers.flatMap(({ gaps }) => gaps)).toHaveLength(1);
});

test("[STR6] streams count among what a keyset may hold, and groups without members are refused", async () => {
  await using world = new World();
  const cursor = await world.handshake("room");
  for (let held = 1; held < LIMITS.heldPollsPerKeysetMax; held++) void world.poll(cursor, "room");
  await settle();
  await world.open(new RecordingSink(), {}, cursor, "room");
  const { subscriptions } = world;
  expect(await subscriptions.open(commandOf({}, cursor, ["room"]), new RecordingSink())).toEqual({ kind: "tooMany" });
  const empty = commandOf({ groups: ["none"] }, cursor, []);
  expect(await subscriptions.open(empty, new RecordingSink())).toEqual({ kind: "groupsEmpty" });
});

test("[STR7] draining ends streams, and nothing of them is left", async () => {
  await using world = new World();
  const sinks = [new RecordingSink(), new RecordingSink()];
  for (const sink of sinks) await world.open(sink, {}, 0n, "room", "a.*");
  const drained = world.subscriptions.drain(1_000);
  world.clock.advance(1_100);
  await settle();
  world.clock.advance(1_100);
  await drained;
  expect(sinks.map(({ ends }) => ends)).toEqual([["draining"], ["draining"]]);
  expect([world.subscriptions.streams, world.subscriptions.index.names]).toEqual([0, 0]);
});

test("[STR22] a change is answered at once, keeps the cursor, and a new cursor is gone on from", async () => {
  await using world = new World();
  const start = await world.handshake("room");
  await world.publish({ channel: "b", payload: "0" });
  const sink = new RecordingSink();
  const stream = await world.open(sink, {}, 0n, "a");
  stream.change(commandOf({}, stream.command.after, ["b"]));
  await settle();
  expect(sink.answers.map(summary)).toEqual([[], []]);
  await world.publish({ channel: "a", payload: "1" });
  await world.publish({ channel: "b", payload: "2" });
  await settle();
  stream.change(commandOf({}, start, ["a", "b"]));
  await settle();
  expect(sink.answers.slice(2).map(summary)).toEqual([["2 b -"], ["0 b b", "1 a a", "2 b b"]]);
  stream.close();
  stream.close();
  expect([world.subscriptions.streams, world.subscriptions.index.names]).toEqual([0, 0]);
});

test("[STR7] a stream that has ended stays so, whatever its sink still calls", async () => {
  await using world = new World();
  const sink = new RecordingSink();
  const stream = await world.open(sink, {}, 0n, "room");
  stream.close();
  stream.start();
  stream.resume();
  stream.change(commandOf({}, 0n, ["room"]));
  stream.groupChanged();
  await world.publish();
  await settle();
  expect([sink.answers.length, sink.ends, world.subscriptions.index.names]).toEqual([1, [], 0]);
});

const SEED = seed();
const ROUNDS = count({ quick: 20, full: 300 });
test(`[STR2 STR3 STR5] every stream gets each match once, in order (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
  for (let round = 0; round < ROUNDS; round++) await shuffle(randomFrom(SEED + round));
});

// Streams stall, break, come back with their cursor and are changed while publishers run and the queue forgets.
async function shuffle(random: () => number): Promise<void> {
  await using world = new World({ messagesMax: 1 + Math.trunc(random() * 20) });
  const pick = <Item>(items: readonly Item[]): Item => items[Math.trunc(random() * items.length)] as Item;
  const from = await world.handshake("a");
  const readers = await Promise.all(
    MIXES.map(async (wanted) => {
      const sink = new RecordingSink();
      return { wanted, sink, got: [] as string[], stream: await world.open(sink, {}, from, ...wanted) };
    }),
  );
  const sent: { timetoken: bigint; channel: string }[] = [];
  for (let step = 0; step < 80; step++) {
    const reader = pick(readers);
    const chance = random();
    if (chance < 0.2) reader.sink.isFull = !reader.sink.isFull;
    if (!reader.sink.isFull) reader.stream.resume();
    if (chance > 0.9) {
      reader.stream.close();
      reader.stream = await world.open(reader.sink, {}, reader.stream.after, ...reader.wanted);
    }
    for (let burst = Math.trunc(random() * 5); burst > 0; burst--) {
      const channel = pick(["a", "b", "a.x", "a.y"]);
      sent.push({ channel, timetoken: await world.publish({ channel }) });
    }
    if (random() < 0.5) await settle();
  }
  for (const reader of readers) {
    reader.sink.isFull = false;
    reader.stream.resume();
    await settle();
    const matches = reader.sink.answers.flatMap((answer) => answer.matches);
    const got = matches.map(({ delivery, matched }) => `${delivery.message.timetoken} ${matched ?? reader.wanted[0]}`);
    const expected = sent.flatMap(({ timetoken, channel }) =>
      [channel, `${channel.split(".")[0]}.*`]
        .filter((name) => reader.wanted.includes(name) && (name === channel || channel.includes(".")))
        .map((name) => `${timetoken} ${name}`),
    );
    expect(got).toEqual(expected);
  }
}

const MIXES: readonly (readonly string[])[] = [["a"], ["a", "b"], ["a.*"], ["a.x", "a.*"], ["b", "a.y", "a.*"]];
