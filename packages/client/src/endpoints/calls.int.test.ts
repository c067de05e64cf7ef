import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { PubNub, type PubNubError } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const clientOf = (userId = "anna"): PubNub =>
  new PubNub({ subscribeKey: "demo", publishKey: "demo", userId, origin: network.url });

let names = 0;
const fresh = (what: string): string => `${what} ü${(names += 1)}`.replace(" ", "-");

/** Publishes texts, one after the other. */
async function publishAll(client: PubNub, channel: string, texts: readonly string[]): Promise<readonly string[]> {
  const timetokens: string[] = [];
  for (const message of texts) {
    timetokens.push((await client.publish({ channel, message, meta: { message } })).timetoken);
  }
  return timetokens;
}

test("[SDK30] a group gets channels, loses them, is listed and deleted", async () => {
  const { channelGroups } = clientOf();
  const channelGroup = fresh("group");
  expect(await channelGroups.addChannels({ channelGroup, channels: ["a", "ü", "c"] })).toEqual({});
  await channelGroups.removeChannels({ channelGroup, channels: ["c"] });
  expect(await channelGroups.listChannels({ channelGroup })).toEqual({ channels: ["a", "ü"] });
  expect((await channelGroups.listGroups()).groups).toContain(channelGroup);
  await channelGroups.deleteGroup({ channelGroup });
  expect(await channelGroups.listChannels({ channelGroup })).toEqual({ channels: [] });
});

test("[SDK31 SDK33] a channel's past in pages, and what is left of it after a deletion", async () => {
  const client = clientOf();
  const channel = fresh("past");
  const instants = await publishAll(client, channel, ["1", "2", "3", "4", "5"]);
  const newest = await client.history({ channel, count: 2, includeMeta: true });
  expect(newest).toEqual({
    messages: [
      { entry: "4", timetoken: instants[3] ?? "", meta: { message: "4" } },
      { entry: "5", timetoken: instants[4] ?? "", meta: { message: "5" } },
    ],
    startTimeToken: instants[3] ?? "",
    endTimeToken: instants[4] ?? "",
  });
  const before = await client.history({ channel, count: 2, start: newest.startTimeToken });
  expect(before.messages.map(({ entry }) => entry)).toEqual(["2", "3"]);
  const oldest = await client.history({ channel, count: 1, reverse: true });
  expect(oldest.messages.map(({ entry }) => entry)).toEqual(["1"]);
  expect(await client.deleteMessages({ channel, start: instants[1], end: instants[3] })).toEqual({});
  const left = await client.history({ channel });
  expect(left.messages.map(({ entry }) => entry)).toEqual(["1", "2", "5"]);
  await client.deleteMessages({ channel });
  expect(await client.history({ channel })).toEqual({ messages: [], startTimeToken: "0", endTimeToken: "0" });
});

test("[SDK32] messages of several channels under their own names, and their counts", async () => {
  const client = clientOf();
  const [first, second] = [fresh("one"), fresh("two")];
  const instants = await publishAll(client, first, ["1", "2"]);
  await client.publish({ channel: second, message: 7, customMessageType: "mood" });
  const { channels } = await client.fetchMessages({ channels: [first, second], includeCustomMessageType: true });
  expect(channels[first]?.map(({ message }) => message)).toEqual(["1", "2"]);
  expect(channels[second]).toEqual([
    {
      channel: second,
      message: 7,
      timetoken: expect.any(String),
      uuid: "anna",
      messageType: -1,
      customMessageType: "mood",
    },
  ]);
  const [timetoken = ""] = instants;
  expect(await client.messageCounts({ channels: [first, second], timetoken })).toEqual({
    channels: { [first]: 1, [second]: 1 },
  });
  expect(await client.messageCounts({ channels: [first, second], channelTimetokens: ["1", timetoken] })).toEqual({
    channels: { [first]: 2, [second]: 1 },
  });
});

test("[SDK32 SDK34] an action is attached once, listed, fetched with its message, and taken away by its author", async () => {
  const [anna, bert] = [clientOf(), clientOf("bert")];
  const channel = fresh("acted");
  const [messageTimetoken = ""] = await publishAll(anna, channel, ["hi"]);
  const action = { type: "reaction", value: "smile" };
  const { data, isAnnounced } = await anna.addMessageAction({ channel, messageTimetoken, action });
  expect([data, isAnnounced]).toEqual([
    { ...action, uuid: "anna", messageTimetoken, actionTimetoken: expect.any(String) },
    true,
  ]);
  const again: unknown = await anna.addMessageAction({ channel, messageTimetoken, action }).catch((no: unknown) => no);
  expect((again as PubNubError).status).toBe(409);
  const { actionTimetoken } = data;
  expect(await bert.getMessageActions({ channel })).toEqual({
    data: [data],
    start: actionTimetoken,
    end: actionTimetoken,
  });
  const { channels } = await bert.fetchMessages({ channels: [channel], includeMessageActions: true });
  expect(channels[channel]?.[0]?.actions).toEqual({ reaction: { smile: [{ uuid: "anna", actionTimetoken }] } });
  const removal = { channel, messageTimetoken, actionTimetoken };
  expect(await bert.removeMessageAction(removal).catch((no: PubNubError) => no.category)).toBe("PNBadRequestCategory");
  expect(await anna.removeMessageAction(removal)).toEqual({ data: {}, isAnnounced: true });
  expect(await anna.getMessageActions({ channel })).toEqual({ data: [], start: null, end: null });
});

test("[SDK28 SDK29] who is where: joined, listed, with a state, and gone", async () => {
  const [anna, bert] = [clientOf(), clientOf("bert")];
  const [first, second, channelGroup] = [fresh("here"), fresh("there"), fresh("all")];
  await anna.channelGroups.addChannels({ channelGroup, channels: [second] });
  await anna.heartbeat({ channels: [first, `${first}-pnpres`], state: { [first]: { mood: "fine" } } });
  await bert.heartbeat({ channels: [first], channelGroups: [channelGroup] });
  const here = await anna.hereNow({ channels: [first], includeState: true });
  expect(here).toMatchObject({ totalChannels: 1, totalOccupancy: 2 });
  expect(here.channels[first]?.occupants.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1))).toEqual([
    { uuid: "anna", state: { mood: "fine" } },
    { uuid: "bert" },
  ]);
  expect((await anna.hereNow({ channelGroups: [channelGroup] })).channels).toEqual({
    [second]: { name: second, occupancy: 1, occupants: [{ uuid: "bert" }] },
  });
  const everywhere = await anna.hereNow({ includeUUIDs: false });
  expect(everywhere.channels[first]).toEqual({ name: first, occupancy: 2, occupants: [] });
  expect((await anna.whereNow({ uuid: "bert" })).channels.toSorted()).toEqual([first, second].toSorted());
  expect(await bert.setState({ channels: [first, second], state: { n: 1 } })).toEqual({ state: { n: 1 } });
  expect(await anna.getState({ uuid: "bert", channels: [first] })).toEqual({ channels: { [first]: { n: 1 } } });
  expect(await anna.getState({ uuid: "bert", channels: [first, second] })).toEqual({
    channels: { [first]: { n: 1 }, [second]: { n: 1 } },
  });
  await bert.leave({ channels: [first] });
  expect(await bert.whereNow()).toEqual({ channels: [second] });
  await anna.leave({ channels: [first] });
  expect(await anna.hereNow({ channels: [first] })).toEqual({
    totalChannels: 1,
    totalOccupancy: 0,
    channels: { [first]: { name: first, occupancy: 0, occupants: [] } },
  });
});
