import { expect, test } from "bun:test";
import { DEMO_KEYSET, ManualClock, type Network } from "@longwave/server";
import { openNetwork } from "./demo-network.ts";
import { type Inbox, comings, subscribe } from "./inbox.ts";

const ROOM = { channels: ["room"] };
const WITH_PRESENCE = { ...ROOM, withPresence: true };

/** Waits until a client was told of so many presence events. @returns all of them. */
async function told(inbox: Inbox, events: number): Promise<readonly string[]> {
  await inbox.until(`${events} presence events`, ({ presences }) => presences.length >= events);
  return comings(inbox);
}

/** Waits until so many polls are held, so that no sign of life is on its way. */
async function held(network: Network, polls: number): Promise<void> {
  while (network.heldPolls !== polls) await Bun.sleep(2); // the test's own limit ends it otherwise
}

test("[IOP40] a subscriber is told of its own join, and of all that others do", async () => {
  await using network = await openNetwork();
  using anna = await subscribe(network.url, WITH_PRESENCE, { userId: "anna" });
  expect(await told(anna, 1)).toEqual(["join anna 1"]);
  using bert = await subscribe(network.url, WITH_PRESENCE, { userId: "bert" });
  expect(await told(bert, 1)).toEqual(["join bert 2"]);
  await told(anna, 2);
  const state = { mood: "glad", levels: [1, { of: "ä" }] };
  await bert.client.setState({ ...ROOM, state });
  await told(anna, 3);
  bert.client.unsubscribe(ROOM);
  expect(await told(anna, 4)).toEqual(["join anna 1", "join bert 2", "state-change bert 2", "leave bert 1"]);
  expect(anna.presences.map((event) => [event.channel, event.subscription, event.state])).toEqual([
    ["room", null, undefined],
    ["room", null, undefined],
    ["room", null, state],
    ["room", null, state],
  ]);
  expect(anna.messages).toEqual([]);
});

test("[IOP40] who is there by subscribing is found by here-now, where-now and state", async () => {
  await using network = await openNetwork();
  using anna = await subscribe(network.url, { channels: ["room", "lobby"] }, { userId: "anna" });
  using bert = await subscribe(network.url, ROOM, { userId: "bert" });
  const state = { mood: "glad" };
  await bert.client.setState({ ...ROOM, state });
  const room = await anna.client.hereNow({ ...ROOM, includeState: true });
  expect(room.channels["room"]).toMatchObject({ occupancy: 2, occupants: [{ uuid: "anna" }, { uuid: "bert", state }] });
  expect(await anna.client.hereNow({})).toMatchObject({ totalChannels: 2, totalOccupancy: 3 });
  expect((await bert.client.whereNow({ uuid: "anna" })).channels.toSorted()).toEqual(["lobby", "room"]);
  expect(await anna.client.getState({ ...ROOM, uuid: "bert" })).toEqual({ channels: { room: state } });
  anna.client.unsubscribe(ROOM);
  anna.client.unsubscribe({ channels: ["lobby"] });
  while ((await bert.client.whereNow({ uuid: "anna" })).channels.length > 0) await Bun.sleep(5); // its leave is on its way
  expect(await bert.client.hereNow(ROOM)).toMatchObject({ totalOccupancy: 1 });
});

test("[IOP40] state that the client sends with every poll neither comes nor goes by it", async () => {
  await using network = await openNetwork();
  using anna = await subscribe(network.url, WITH_PRESENCE, { userId: "anna" });
  await told(anna, 1);
  await anna.client.setState({ ...ROOM, state: { mood: "glad" } });
  await told(anna, 2);
  for (const message of [1, 2, 3]) {
    await anna.client.publish({ channel: "room", message });
    await anna.settled(message);
  }
  expect(comings(anna)).toEqual(["join anna 1", "state-change anna 1"]);
  expect(await anna.client.getState(ROOM)).toEqual({ channels: { room: { mood: "glad" } } });
});

test("[IOP41] who falls silent times out when its time has passed, and joins anew when it polls again", async () => {
  const clock = new ManualClock();
  await using network = await openNetwork({ clock });
  using anna = await subscribe(network.url, WITH_PRESENCE, { userId: "anna" });
  using bert = await subscribe(network.url, ROOM, { userId: "bert", presenceTimeout: 60 });
  await bert.client.setState({ ...ROOM, state: { mood: "glad" } });
  await told(anna, 3);
  await held(network, 2);
  clock.advance(59_000);
  expect(await anna.client.hereNow(ROOM)).toMatchObject({ totalOccupancy: 2 });
  clock.advance(3_000);
  await told(anna, 4);
  expect(await anna.client.whereNow({ uuid: "bert" })).toEqual({ channels: [] });
  await anna.client.publish({ channel: "room", message: "wakes the poll" });
  await bert.settled(1);
  expect(await told(anna, 5)).toEqual([
    "join anna 1",
    "join bert 2",
    "state-change bert 2",
    "timeout bert 1",
    "join bert 2",
  ]);
  expect(anna.presences.map(({ state }) => state).slice(2, 4)).toEqual([{ mood: "glad" }, { mood: "glad" }]);
});

test("[IOP42] above the keyset's bound, intervals tell who came, left and timed out", async () => {
  const clock = new ManualClock();
  const keys = { publishKey: "crowd", subscribeKey: "crowd" };
  await using network = await openNetwork({
    clock,
    keysets: [{ ...DEMO_KEYSET, name: "crowd", presenceAnnounceMax: 1, ...keys }],
  });
  using anna = await subscribe(network.url, WITH_PRESENCE, { userId: "anna", ...keys });
  await told(anna, 1);
  const clients = ["bert", "cleo", "dora"].map((userId) => {
    const presenceTimeout = userId === "bert" ? 60 : 300;
    return subscribe(network.url, ROOM, { userId, presenceTimeout, ...keys });
  });
  const [bert, cleo, dora] = await Promise.all(clients);
  await held(network, 4);
  clock.advance(10_000);
  await told(anna, 2);
  cleo?.client.unsubscribeAll();
  await held(network, 3);
  while ((await anna.client.hereNow(ROOM)).totalOccupancy !== 3) await Bun.sleep(5); // its leave is on its way
  clock.advance(10_000);
  await told(anna, 3);
  await held(network, 3);
  clock.advance(62_000 - 20_000);
  clock.advance(10_000);
  await told(anna, 4);
  dora?.client.unsubscribeAll();
  await told(anna, 5);
  const seen = anna.presences.map(({ action, occupancy, uuid, join, leave, timeout }) => {
    return { action, occupancy, uuid, join: join?.toSorted(), leave, timeout };
  });
  const none = { uuid: undefined, join: undefined, leave: undefined, timeout: undefined };
  expect(seen).toEqual([
    { ...none, action: "join", occupancy: 1, uuid: "anna" },
    { ...none, action: "interval", occupancy: 4, join: ["bert", "cleo", "dora"] },
    { ...none, action: "interval", occupancy: 3, leave: ["cleo"] },
    { ...none, action: "interval", occupancy: 2, timeout: ["bert"] },
    { ...none, action: "leave", occupancy: 1, uuid: "dora" },
  ]);
  for (const inbox of [bert, cleo, dora]) inbox?.[Symbol.dispose]();
});
