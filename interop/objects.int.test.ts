import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { GRACE_MS, subscribe } from "./inbox.ts";
import { type Json, type ObjectsAnswer, createClient, failureOf } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const USER = {
  name: "Ann (1)!~*'",
  externalId: "x-1",
  profileUrl: "https://example.com/ann",
  email: "ann@example.com",
  type: "staff",
  status: "active",
};
const CUSTOM = { age: 30, vip: true, city: "Köln 🦊", nick: null };
const CHANNEL = { name: "Room", description: "a room", type: "open", status: "new" };

const KEPT = { updated: expect.any(String) as string, eTag: expect.stringMatching(/^[0-9a-f]{32}$/) as string };
const RELATION_KEPT = { ...KEPT, eTag: expect.stringMatching(/^[A-Za-z0-9+/]{14}$/) as string };

function idsOf({ data }: ObjectsAnswer): readonly Json[] {
  const idOf = (part: Json | undefined): Json | undefined =>
    typeof part === "object" && part !== null && "id" in part ? part.id : undefined;
  return data.map((item) => item["id"] ?? idOf(item["channel"]) ?? idOf(item["uuid"]) ?? null);
}

test("[IOP50] a user is set, read, changed and removed", async () => {
  using client = createClient(network.url, { userId: "ann" });
  const { objects } = client;
  const set = await objects.setUUIDMetadata({ data: { ...USER, custom: CUSTOM } });
  expect(set).toEqual({ status: 200, data: { id: "ann", ...USER, custom: CUSTOM, ...KEPT } });
  const plain = await objects.setUUIDMetadata({ data: {}, include: { customFields: false } });
  expect(plain.data).toEqual({ id: "ann", ...USER, ...KEPT });
  expect((await objects.getUUIDMetadata()).data).toEqual(set.data);
  expect((await objects.getUUIDMetadata({ uuid: "ann", include: { customFields: false } })).data).toEqual(plain.data);
  const changed = await objects.setUUIDMetadata({ data: { name: "Anna" } });
  expect(changed.data).toMatchObject({ name: "Anna", email: USER.email });
  expect((await objects.removeUUIDMetadata()).data).toBeNull();
  expect(await failureOf(objects.getUUIDMetadata())).toMatchObject({
    statusCode: 404,
    errorData: { error: { message: "Requested object was not found." } },
  });
});

test("[IOP50] a channel is set, read and removed", async () => {
  using client = createClient(network.url);
  const { objects } = client;
  const channel = "Grüße (1)!~'&100%";
  const set = await objects.setChannelMetadata({ channel, data: { ...CHANNEL, custom: CUSTOM } });
  expect(set).toEqual({ status: 200, data: { id: channel, ...CHANNEL, custom: CUSTOM, ...KEPT } });
  const plain = await objects.getChannelMetadata({ channel, include: { customFields: false } });
  expect(plain.data).toEqual({ id: channel, ...CHANNEL, ...KEPT });
  expect((await objects.removeChannelMetadata({ channel })).data).toBeNull();
  expect((await failureOf(objects.getChannelMetadata({ channel }))).statusCode).toBe(404);
});

test("[IOP50] all users and all channels are listed: included, filtered, sorted, counted and paged", async () => {
  using client = createClient(network.url);
  const { objects } = client;
  for (const [id, age] of [
    ["p-1", 3],
    ["p-2", 1],
    ["p-3", 2],
  ] as const) {
    await objects.setUUIDMetadata({ uuid: id, data: { ...USER, name: `Page ${id}`, custom: { age } } });
    await objects.setChannelMetadata({ channel: id, data: { ...CHANNEL, name: `Page ${id}`, custom: { age } } });
  }
  const filter = "name LIKE 'page*'";
  for (const list of [objects.getAllUUIDMetadata, objects.getAllChannelMetadata]) {
    const plain = await list({ filter });
    expect(idsOf(plain)).toEqual(["p-1", "p-2", "p-3"]);
    expect(plain.data[0]).not.toHaveProperty("custom");
    expect(plain.data[0]).toHaveProperty("status");
    expect(plain.totalCount).toBeUndefined();
    const custom = await list({
      filter,
      include: { customFields: true, totalCount: true },
      sort: { "custom.age": "desc" },
    });
    expect(custom.data.map((item) => item["custom"])).toEqual([{ age: 3 }, { age: 2 }, { age: 1 }]);
    expect(custom.totalCount).toBe(3);
    expect(idsOf(await list({ filter, sort: { status: "asc", name: "desc" } }))).toEqual(["p-3", "p-2", "p-1"]);
    expect(idsOf(await list({ filter, sort: { name: null } }))).toEqual(["p-1", "p-2", "p-3"]);
    expect(idsOf(await list({ filter: "custom.age >= 2 && !(id == 'p-1')" }))).toEqual(["p-3"]);
    const seen: Json[] = [];
    let page: { readonly next?: string } = {};
    for (;;) {
      const answer = await list({ filter, limit: 2, page });
      if (answer.next === undefined) break;
      seen.push(...idsOf(answer));
      page = { next: answer.next };
    }
    expect(seen).toEqual(["p-1", "p-2", "p-3"]);
    const second = await list({ filter, limit: 2, page: { next: "Mg" } });
    expect(idsOf(await list({ filter, limit: 2, page: { prev: second.prev ?? "" } }))).toEqual(["p-1", "p-2"]);
  }
});

test("[IOP50] memberships from both ends, with everything that can be included", async () => {
  using client = createClient(network.url, { userId: "m-user" });
  const { objects } = client;
  await objects.setUUIDMetadata({ data: { ...USER, custom: CUSTOM } });
  await objects.setChannelMetadata({ channel: "m-1", data: { ...CHANNEL, custom: CUSTOM } });
  const own = { status: "active", custom: { starred: true } };
  const set = await objects.setMemberships({ channels: ["m-2", { id: "m-1", ...own }] });
  expect(idsOf(set)).toEqual(["m-1", "m-2"]);
  // Whatever is asked for, this client has the other one's status and type included, and of a membership its status.
  const standard = { id: "m-1", ...CHANNEL, ...KEPT };
  const shown = async (include: Record<string, boolean>): Promise<unknown> =>
    (await objects.getMemberships({ include })).data[0];
  expect(await shown({})).toEqual({ channel: standard, status: "active", ...RELATION_KEPT });
  expect(await shown({ channelFields: true })).toEqual({ channel: standard, status: "active", ...RELATION_KEPT });
  expect(await shown({ customFields: true })).toEqual({ channel: standard, ...own, ...RELATION_KEPT });
  expect(await shown({ customChannelFields: true })).toEqual({
    channel: { ...standard, custom: CUSTOM },
    status: "active",
    ...RELATION_KEPT,
  });
  const everything = { totalCount: true, customFields: true, channelFields: true, customChannelFields: true };
  expect(await objects.getMemberships({ include: everything })).toMatchObject({
    data: [
      { channel: { ...standard, custom: CUSTOM }, ...own, ...RELATION_KEPT },
      { channel: { id: "m-2" }, status: null, custom: null, ...RELATION_KEPT },
    ],
    totalCount: 2,
    next: "Mg",
  });
  const members = await objects.getChannelMembers({
    channel: "m-1",
    include: { totalCount: true, customFields: true, UUIDFields: true, customUUIDFields: true },
  });
  expect(members).toMatchObject({
    data: [
      { uuid: { id: "m-user", ...USER, custom: CUSTOM, ...KEPT }, type: null, custom: own.custom, ...RELATION_KEPT },
    ],
    totalCount: 1,
  });
  expect(
    idsOf(await objects.getMemberships({ filter: "channel.name LIKE 'roo*'", sort: { "channel.name": null } })),
  ).toEqual(["m-1"]);
  const added = await objects.setChannelMembers({
    channel: "m-2",
    uuids: ["m-other", { id: "m-user", status: "idle" }],
  });
  expect(idsOf(added)).toEqual(["m-other", "m-user"]);
  expect((await objects.getMemberships()).data[1]).toMatchObject({ status: "idle" });
  expect(idsOf(await objects.removeChannelMembers({ channel: "m-2", uuids: ["m-other"] }))).toEqual(["m-user"]);
  expect(idsOf(await objects.removeMemberships({ channels: ["m-1", "m-2"] }))).toEqual([]);
});

test("[IOP50] the listener is told of each change on each channel that it belongs to", async () => {
  using ann = createClient(network.url, { userId: "e-ann" });
  using inbox = await subscribe(network.url, { channels: ["e-room", "e-ann"] });
  const { objects } = ann;
  await objects.setChannelMetadata({ channel: "e-room", data: { name: "Room" } });
  await objects.setMemberships({ channels: ["e-room"] });
  await objects.setUUIDMetadata({ data: { name: "Ann", custom: CUSTOM } });
  await objects.setUUIDMetadata({ data: { name: "Ann" } });
  await objects.removeMemberships({ channels: ["e-room"] });
  await objects.removeUUIDMetadata();
  await objects.removeChannelMetadata({ channel: "e-room" });
  await inbox.until("all events", ({ objects: events }) => events.length >= 9);
  await Bun.sleep(GRACE_MS);
  expect(inbox.objects.map(({ channel, message: { type, event } }) => `${channel} ${type} ${event}`)).toEqual([
    "e-room channel set",
    "e-room membership set",
    "e-ann membership set",
    "e-ann uuid set",
    "e-room uuid set",
    "e-room membership delete",
    "e-ann membership delete",
    "e-ann uuid delete",
    "e-room channel delete",
  ]);
  const data = inbox.objects.map(({ message }) => message.data);
  expect(data[0]).toEqual({ id: "e-room", name: "Room", ...KEPT });
  expect(data[1]).toEqual({ channel: { id: "e-room" }, uuid: { id: "e-ann" }, ...RELATION_KEPT });
  expect(data[3]).toEqual({ id: "e-ann", name: "Ann", custom: CUSTOM, ...KEPT });
  expect(data[5]).toEqual({ channel: { id: "e-room" }, uuid: { id: "e-ann" } });
  expect(data[7]).toEqual({ id: "e-ann" });
  expect(inbox.messages).toEqual([]);
});

test("[IOP50] what is refused is a status with our body", async () => {
  using client = createClient(network.url);
  const refused = await failureOf(client.objects.setUUIDMetadata({ data: { email: "nobody" } }));
  expect(refused).toMatchObject({
    category: "PNBadRequestCategory",
    statusCode: 400,
    errorData: {
      error: {
        details: [
          { message: "User email must be a valid email address.", location: "user.email", locationType: "body" },
        ],
      },
    },
  });
});
