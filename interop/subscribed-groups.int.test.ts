import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { GRACE_MS, type Inbox, comings, hasStatus, listenTo, subscribe } from "./inbox.ts";
import { type PubNubClient, createClient } from "./pubnub-client.ts";

let network: Network;
let publisher: PubNubClient & Disposable;
beforeAll(async () => {
  network = await startQuietly();
  publisher = createClient(network.url, { userId: "publisher" });
});
afterAll(async () => {
  publisher[Symbol.dispose]();
  await network.stop();
});

async function add(channelGroup: string, ...channels: readonly string[]): Promise<void> {
  await publisher.channelGroups.addChannels({ channelGroup, channels });
}

/** Publishes to each channel its own name. */
async function publishTo(...channels: readonly string[]): Promise<void> {
  for (const channel of channels) await publisher.publish({ channel, message: channel });
}

/** The messages that a client was told of, as "channel subscription". */
function arrived({ messages }: Inbox): readonly string[] {
  return messages.map(({ channel, subscription }) => `${channel} ${subscription}`);
}

test("[IOP43] a group alone, and beside channels, gives the messages of its members by its name", async () => {
  await add("family", "anna", "bert");
  using alone = await subscribe(network.url, { channelGroups: ["family"] });
  using beside = await subscribe(network.url, { channels: ["lobby"], channelGroups: ["family"] });
  await publishTo("anna", "lobby", "stranger", "bert");
  await Promise.all([alone.settled(2), beside.settled(3)]);
  expect(arrived(alone)).toEqual(["anna family", "bert family"]);
  expect(arrived(beside)).toEqual(["anna family", "lobby null", "bert family"]);
});

test("[IOP43] a channel is added and another one removed while the client polls", async () => {
  await add("changing", "old", "kept");
  using inbox = await subscribe(network.url, { channelGroups: ["changing"] });
  await add("changing", "new");
  await publishTo("new", "old");
  await inbox.settled(2);
  await publisher.channelGroups.removeChannels({ channelGroup: "changing", channels: ["old"] });
  await publishTo("old", "new", "kept");
  await inbox.settled(4);
  expect(arrived(inbox)).toEqual(["new changing", "old changing", "new changing", "kept changing"]);
  expect(inbox.statuses).toMatchObject([{ category: "PNConnectedCategory" }]); // that its polls ended early it did not notice
});

test("[IOP43] a group joins on each member, and tells of everybody's presence there", async () => {
  await add("team", "red", "blue");
  using anna = await subscribe(network.url, { channelGroups: ["team"], withPresence: true }, { userId: "anna" });
  await anna.until("both joins", ({ presences }) => presences.length === 2);
  using bert = await subscribe(network.url, { channels: ["red", "other"] }, { userId: "bert" });
  await bert.client.setState({ channels: ["red"], state: { mood: "glad" } });
  await anna.until("bert's state", ({ presences }) => presences.length === 4);
  bert.client.unsubscribe({ channels: ["red"] });
  await anna.until("bert's leave", ({ presences }) => presences.length === 5);
  const seen = anna.presences.map(({ channel, subscription }, at) => `${comings(anna)[at]} ${channel} ${subscription}`);
  expect(seen.slice(0, 2).toSorted()).toEqual(["join anna 1 blue team", "join anna 1 red team"]);
  expect(seen.slice(2)).toEqual(["join bert 2 red team", "state-change bert 2 red team", "leave bert 1 red team"]);
  const here = await publisher.hereNow({ channelGroups: ["team"] });
  expect([here.totalChannels, here.totalOccupancy]).toEqual([2, 2]);
  anna.client.unsubscribe({ channelGroups: ["team"] });
  while ((await publisher.whereNow({ uuid: "anna" })).channels.length > 0) await Bun.sleep(5); // its leave is on its way
});

test("[IOP43] a group without channels is a bad request with our body", async () => {
  using inbox = listenTo(network.url, { channelGroups: ["nobody"] });
  await inbox.until("a bad request", hasStatus("PNBadRequestCategory"));
  expect(inbox.statuses).toMatchObject([
    { statusCode: 400, errorData: { message: "Channel group or groups result in empty subscription set" } },
  ]);
});

test("[IOP44] what matches a channel, a wildcard and a group arrives once for each", async () => {
  await add("both", "rooms.a", "rooms.b");
  using inbox = await subscribe(network.url, { channels: ["rooms.a", "rooms.*"], channelGroups: ["both"] });
  await publishTo("rooms.a", "rooms.b", "rooms.c");
  await inbox.settled(6);
  expect(arrived(inbox)).toEqual([
    "rooms.a null",
    "rooms.a rooms.*",
    "rooms.a both",
    "rooms.b rooms.*",
    "rooms.b both",
    "rooms.c rooms.*",
  ]);
});

test("[IOP45] a wildcard with presence tells of itself and of every channel under it, without presence of nobody", async () => {
  using plain = await subscribe(network.url, { channels: ["hall.*"] }, { userId: "plain" });
  using anna = await subscribe(network.url, { channels: ["hall.*"], withPresence: true }, { userId: "anna" });
  await anna.until("its own join", ({ presences }) => presences.length === 1);
  using bert = await subscribe(network.url, { channels: ["hall.a", "hall.b.c", "hall", "hallo"] }, { userId: "bert" });
  await bert.client.setState({ channels: ["hall.b.c"], state: { at: 1 } });
  await anna.until("bert's state", ({ presences }) => presences.length === 4);
  bert.client.unsubscribe({ channels: ["hall.a"] });
  await anna.until("bert's leave", ({ presences }) => presences.length === 5);
  await publishTo("hall.a");
  await Promise.all([anna.settled(1), plain.settled(1)]);
  const seen = anna.presences.map(({ channel, subscription }, at) => `${comings(anna)[at]} ${channel} ${subscription}`);
  expect(seen).toEqual([
    "join anna 2 hall.* null", // the other client with this wildcard is there too
    "join bert 1 hall.a hall.*",
    "join bert 1 hall.b.c hall.*",
    "state-change bert 1 hall.b.c hall.*",
    "leave bert 0 hall.a hall.*",
  ]);
  expect([arrived(anna), arrived(plain)]).toEqual([["hall.a hall.*"], ["hall.a hall.*"]]);
  await Bun.sleep(GRACE_MS);
  expect(plain.presences).toEqual([]);
});
