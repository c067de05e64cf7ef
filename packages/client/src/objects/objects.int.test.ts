import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { type ObjectsEvent, PubNub, PubNubError, SubscribeListener } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const clientOf = (userId = "anna"): PubNub =>
  new PubNub({ subscribeKey: "demo", publishKey: "demo", userId, origin: network.url });

test("[SDK57] a user is set, read, changed by its eTag, listed and removed", async () => {
  const { objects } = clientOf("Anna ü");
  const { data: set } = await objects.setUUIDMetadata({ data: { name: "Anna", email: "a@b.c", custom: { n: 1 } } });
  expect(set).toMatchObject({ id: "Anna ü", name: "Anna", email: "a@b.c", externalId: null, custom: { n: 1 } });
  expect(await objects.getUUIDMetadata()).toEqual({ status: 200, data: set });
  const changed = await objects.setUUIDMetadata({ data: { email: null }, ifMatchesEtag: set.eTag });
  expect(changed.data).toMatchObject({ name: "Anna", email: null });
  const late: unknown = await objects
    .setUUIDMetadata({ data: { name: "late" }, ifMatchesEtag: set.eTag })
    .catch((no: unknown) => no);
  expect(late).toMatchObject({ status: 412 });
  await objects.setUUIDMetadata({ uuid: "bert", data: { name: "Bert" } });
  const filter = "name LIKE 'an*'";
  const listed = await objects.getAllUUIDMetadata({ filter, include: { totalCount: true, customFields: true } });
  expect(listed).toEqual({ status: 200, data: [changed.data], totalCount: 1, next: "MQ" });
  const names = [];
  let page = await objects.getAllUUIDMetadata({ sort: { name: "desc" }, limit: 1 });
  for (; page.data.length > 0; page = await objects.getAllUUIDMetadata({ sort: "name:desc", limit: 1, page })) {
    names.push(page.data[0]?.name);
  }
  expect(names).toEqual(["Bert", "Anna"]);
  expect(await objects.removeUUIDMetadata()).toEqual({ status: 200, data: null });
  expect(await objects.getUUIDMetadata().catch((no: PubNubError) => no.status)).toBe(404);
});

test("[SDK57] a channel is set, read, listed and removed", async () => {
  const { objects } = clientOf();
  const { data } = await objects.setChannelMetadata({
    channel: "ro om",
    data: { name: "Room", description: "d", type: "t" },
  });
  expect(data).toMatchObject({ id: "ro om", name: "Room", description: "d", type: "t", status: null, custom: null });
  expect((await objects.getChannelMetadata({ channel: "ro om" })).data).toEqual(data);
  expect((await objects.getAllChannelMetadata()).data.map(({ id }) => id)).toEqual(["ro om"]);
  await objects.removeChannelMetadata({ channel: "ro om" });
  expect((await objects.getAllChannelMetadata()).data).toEqual([]);
});

test("[SDK58] memberships are the same from both ends", async () => {
  const { objects } = clientOf();
  await objects.setUUIDMetadata({ uuid: "m-1", data: { name: "One" } });
  await objects.setChannelMetadata({ channel: "c-1", data: { name: "First", custom: { a: 1 } } });
  const set = await objects.setMemberships({
    uuid: "m-1",
    channels: ["c-2", { id: "c-1", status: "muted", custom: { starred: true } }],
    include: { statusField: true, customFields: true, channelFields: true, customChannelFields: true },
  });
  expect(set.data).toMatchObject([
    { channel: { id: "c-1", name: "First", custom: { a: 1 } }, status: "muted", custom: { starred: true } },
    { channel: { id: "c-2" }, status: null, custom: null },
  ]);
  await objects.setChannelMembers({ channel: "c-1", uuids: [{ id: "m-2", type: "guest" }] });
  const members = await objects.getChannelMembers({
    channel: "c-1",
    include: { UUIDFields: true, typeField: true, totalCount: true },
  });
  expect(members).toMatchObject({
    totalCount: 2,
    data: [
      { uuid: { id: "m-1", name: "One" }, type: null },
      { uuid: { id: "m-2" }, type: "guest" },
    ],
  });
  const left = await objects.removeMemberships({ uuid: "m-1", channels: ["c-1"] });
  expect(left.data.map(({ channel }) => channel.id)).toEqual(["c-2"]);
  const others = await objects.removeChannelMembers({ channel: "c-1", uuids: ["m-2", "nobody"] });
  expect(others.data).toEqual([]);
  expect((await objects.getMemberships({ uuid: "m-1" })).data).toHaveLength(1);
});

for (const transport of ["websocket", "long-poll"] as const) {
  test(`[SDK59] changes reach subscribers by ${transport}`, async () => {
    const client = new PubNub({ subscribeKey: "demo", userId: "e-1", origin: network.url, transport });
    const events: ObjectsEvent[] = [];
    const arrived = Promise.withResolvers<void>();
    const listener = new SubscribeListener();
    client.addListener(listener);
    client.addListener({
      objects: (event) => {
        events.push(event);
        if (events.length === 4) arrived.resolve();
      },
    });
    const channel = `told-${transport}`;
    client.subscribe({ channels: [channel] });
    await listener.waitForConnect();
    await client.objects.setChannelMembers({ channel, uuids: [{ id: "e-1", status: "s" }] });
    await client.objects.setChannelMetadata({ channel, data: { name: "Told" } });
    await client.objects.setUUIDMetadata({ data: { name: transport } });
    await client.objects.removeChannelMetadata({ channel });
    await arrived.promise;
    expect(events.map(({ message: { type, event, data } }) => [type, event, data])).toMatchObject([
      ["membership", "set", { channel: { id: channel }, uuid: { id: "e-1" }, status: "s" }],
      ["channel", "set", { id: channel, name: "Told" }],
      ["uuid", "set", { id: "e-1", name: transport }],
      ["channel", "delete", { id: channel }],
    ]);
    expect(events[0]).toMatchObject({ channel, subscription: null, timetoken: expect.stringMatching(/^\d{17}$/) });
    client.destroy();
  });
}
