import { describe, expect, test } from "bun:test";
import { KEYSET } from "../conformance/fixtures.ts";
import { World, answerOf, settle, summary } from "../conformance/world.ts";

const CASES: readonly (readonly [groups: readonly string[], wanted: readonly string[], expected: readonly string[]])[] =
  [
    [["g"], [], ["1 a.b g"]],
    [["g"], ["a.b"], ["1 a.b a.b", "1 a.b g"]],
    [["g"], ["x"], ["1 a.b g"]],
    [
      ["g", "h"],
      ["a.*", "a.b"],
      ["1 a.b a.b", "1 a.b a.*", "1 a.b g", "1 a.b h"],
    ],
    [["g-pnpres"], ["a.b"], ["1 a.b a.b"]],
  ];
describe("[SUB12 SUB13 SUB18 WIRE9] what matches through a group is named by the group", () => {
  for (const [groups, wanted, expected] of CASES) {
    for (const isHeld of [false, true]) {
      test(`[SUB12 SUB13 SUB18] ${[...wanted, ...groups].join(",")} ${isHeld ? "while held" : "from the queue"}`, async () => {
        await using world = new World();
        await world.setGroup("g", "a.b", "other");
        await world.setGroup("h", "a.b");
        await settle(); // the changes have been heard of
        const cursor = await world.handshake("elsewhere");
        const early = isHeld ? world.pollWith({ groups }, cursor, ...wanted) : undefined;
        await settle();
        await world.publish({ channel: "a.b", payload: "1" });
        const poll = early ?? world.pollWith({ groups }, cursor, ...wanted);
        expect(summary(await answerOf(poll))).toEqual(expected);
        expect(world.subscriptions.index.names).toBe(0);
      });
    }
  }
});

const PRESENCE: readonly (readonly [
  groups: readonly string[],
  wanted: readonly string[],
  expected: readonly string[],
])[] = [
  [[], ["a.x-pnpres"], ["1 a.x-pnpres -"]],
  [[], ["a.*-pnpres"], ["1 a.x-pnpres a.*-pnpres"]],
  [[], ["a.*", "a.*-pnpres"], ["1 a.x-pnpres a.*-pnpres"]],
  [[], ["a.x", "a.x-pnpres"], ["1 a.x-pnpres a.x-pnpres"]],
  [["g-pnpres"], [], ["1 a.x-pnpres g-pnpres"]],
  [["g", "g-pnpres"], [], ["1 a.x-pnpres g-pnpres"]],
  [["old"], [], ["1 a.x-pnpres old"]],
];
for (const [groups, wanted, expected] of PRESENCE) {
  for (const isHeld of [false, true]) {
    const when = isHeld ? "while held" : "from the queue";
    test(`[CHN5 SUB13 SUB18] presence of a.x by ${[...wanted, ...groups].join(",")} ${when}`, async () => {
      await using world = new World();
      await world.setGroup("g", "a.x");
      await world.setGroup("old", "a.x-pnpres"); // a presence companion may itself be a member
      await settle();
      const cursor = await world.handshake("elsewhere");
      const early = isHeld ? world.pollWith({ groups }, cursor, ...wanted) : undefined;
      await settle();
      await world.publish({ channel: "a.x-pnpres", payload: "1", stored: false });
      expect(summary(await answerOf(early ?? world.pollWith({ groups }, cursor, ...wanted)))).toEqual(expected);
    });
  }
}

test("[SUB18] a channel is no presence by a name that is as long as one", async () => {
  await using world = new World();
  await world.setGroup("g", "a.b");
  await settle();
  const cursor = await world.handshake("elsewhere");
  await world.publish({ channel: "a.b-others", payload: "1" });
  const poll = world.pollWith({ groups: ["g-pnpres"] }, cursor, "a.b-others");
  expect(summary(await answerOf(poll))).toEqual(["1 a.b-others a.b-others"]);
});

test("[SUB13 CHN5] the presence of a wildcard itself is that name, literally", async () => {
  await using world = new World();
  const cursor = await world.handshake("elsewhere");
  await world.publish({ channel: "a.*-pnpres", payload: "1", stored: false });
  expect(summary(await answerOf(world.poll(cursor, "a.*-pnpres")))).toEqual(["1 a.*-pnpres -"]);
  expect(summary(await answerOf(world.poll(cursor, "a.*-pnpres", "x")))).toEqual(["1 a.*-pnpres a.*-pnpres"]);
});

test("[SUB18] groups without members, and no channels, are refused; one member is enough", async () => {
  await using world = new World();
  await world.setGroup("full", "a");
  for (const after of [0n, 1n]) {
    expect(await world.pollWith({ groups: ["empty", "none"] }, after).outcome).toEqual({ kind: "groupsEmpty" });
  }
  expect((await answerOf(world.pollWith({ groups: ["empty", "full"] }, 0n))).cursor).toBeGreaterThan(0n);
  expect((await answerOf(world.pollWith({ groups: ["empty"] }, 0n, "room"))).cursor).toBeGreaterThan(0n);
});

test("[SUB19] a change of a group answers held polls, which then get what the new member was sent", async () => {
  await using world = new World();
  await world.setGroup("g", "a");
  await settle();
  const cursor = await world.handshake("elsewhere");
  const [held, other] = [world.pollWith({ groups: ["g"] }, cursor), world.poll(cursor, "b", "x")];
  await settle();
  await world.setGroup("g", "a", "b");
  expect(await answerOf(held)).toEqual({ cursor, matches: [], gaps: [] });
  await settle();
  expect([other.isHeld, world.subscriptions.held]).toEqual([true, 1]);
  const next = world.pollWith({ groups: ["g"] }, cursor);
  await settle();
  await world.publish({ channel: "b", payload: "1" });
  expect(summary(await answerOf(next))).toEqual(["1 b g"]);
  await world.setGroup("g");
  expect(await world.pollWith({ groups: ["g"] }, cursor).outcome).toEqual({ kind: "groupsEmpty" });
});

test("[SUB19] what was published before a change of the same turn is delivered before it", async () => {
  await using world = new World();
  await world.setGroup("g", "a");
  await settle();
  const cursor = await world.handshake("elsewhere");
  const held = world.pollWith({ groups: ["g"] }, cursor);
  await settle();
  await Promise.all([world.publish({ channel: "a", payload: "1" }), world.setGroup("g", "b")]);
  expect(summary(await answerOf(held))).toEqual(["1 a g"]);
});

test("[SUB19] a poll that a change overtakes answers nothing from the members of before", async () => {
  await using world = new World();
  world.moveBrokerAway(); // only then does anything come between its entry into the index and what it reads
  await world.setGroup("g", "a");
  await settle();
  const cursor = await world.handshake("elsewhere");
  await world.publish({ channel: "a", payload: "1" });
  const poll = world.pollWith({ groups: ["g"] }, cursor);
  while (world.subscriptions.index.countOf(KEYSET) === 0) await Promise.resolve(); // until it is in the index, and reads
  world.subscriptions.index.deliver([
    { keyset: KEYSET, timetoken: cursor, control: { kind: "groupChanged", group: "g" } },
  ]);
  const answers = [await answerOf(poll), await answerOf(world.pollWith({ groups: ["g"] }, cursor))];
  expect(answers.map(summary)).toEqual([[], ["1 a g"]]);
  expect(answers[0]?.cursor).toBe(cursor);
  expect(world.subscriptions.index.names).toBe(0);
});
