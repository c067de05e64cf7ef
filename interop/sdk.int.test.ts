import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { PubNub, type PubNubOptions, SubscribeListener } from "@longwave/client";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { subscribe } from "./inbox.ts";
import { type Json, createClient } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const GUARDED = { publishKey: "guarded-pub", subscribeKey: "guarded-sub" } as const;

/** A client of the SDK, which stops when it is disposed of. */
function sdkClient(options: Partial<PubNubOptions> = {}): PubNub & Disposable {
  const keys = { publishKey: "demo", subscribeKey: "demo", userId: "anna", origin: network.url };
  const client = new PubNub({ ...keys, ...options });
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

async function listening(client: PubNub, channel: string): Promise<SubscribeListener> {
  const listener = new SubscribeListener();
  client.addListener(listener);
  client.subscribe({ channels: [channel] });
  await listener.waitForConnect();
  return listener;
}

const KEYS: Readonly<Record<string, { readonly cipherKey?: string; readonly useRandomIVs?: boolean }>> = {
  "in clear": {},
  "encrypted with a vector of its own": { cipherKey: "enigma" },
  "encrypted with the fixed vector": { cipherKey: "enigma", useRandomIVs: false },
};
// That client takes no empty text and no false.
const PAYLOADS: readonly Json[] = ["grüße 🦊", { text: "hi", list: [1, null, true] }, 7, true, []];

for (const [what, keys] of Object.entries(KEYS)) {
  test(`[IOP60] a message ${what} is the same to both, live and from the past, whoever published it`, async () => {
    const channel = `both-${what}`.replaceAll(" ", "-");
    using ours = sdkClient(keys);
    using inbox = await subscribe(network.url, { channels: [channel] }, { ...keys, userId: "bert" });
    const listener = await listening(ours, channel);
    for (const message of PAYLOADS) {
      await ours.publish({ channel, message, meta: { by: "ours" } });
      await inbox.client.publish({ channel, message, meta: { by: "theirs" } });
    }
    await inbox.until("all messages", ({ messages }) => messages.length === 2 * PAYLOADS.length);
    for (const theirs of inbox.messages) {
      const { timetoken, publisher, message, userMetadata } = await listener.waitForMessageOn([channel]);
      expect({ timetoken, publisher, message, userMetadata }).toEqual({
        timetoken: theirs.timetoken,
        publisher: theirs.publisher,
        message: theirs.message,
        userMetadata: theirs.userMetadata,
      });
    }
    const parameters = { channel, includeMeta: true };
    const theirs = await inbox.client.history({ ...parameters, stringifiedTimeToken: true });
    expect((await ours.history(parameters)).messages).toEqual(
      theirs.messages.map(({ entry, timetoken, meta }) => ({ entry, timetoken: String(timetoken), meta })),
    );
    expect(theirs.messages.map(({ entry }) => entry)).toEqual(PAYLOADS.flatMap((payload) => [payload, payload]));
  });
}

test("[IOP60] a file that one sends, encrypted or not, the other is told of and downloads", async () => {
  using ours = sdkClient();
  using inbox = await subscribe(network.url, { channels: ["both-files"] }, { userId: "bert" });
  const theirs = inbox.client;
  const data = randomBytes(20_000);
  for (const key of [{}, { cipherKey: "enigma" }]) {
    const name = "a cat.png";
    const file = { data, name, mimeType: "image/png" };
    const sent = await ours.sendFile({ channel: "both-files", file, message: { look: 1 }, ...key });
    const place = { channel: "both-files", id: sent.id, name: sent.name, ...key };
    expect(data.equals(await (await theirs.downloadFile(place)).toBuffer())).toBe(true);
    const got = await theirs.sendFile({ channel: "both-files", file, message: { look: 2 }, ...key });
    const downloaded = await ours.downloadFile({ ...place, id: got.id, name: got.name });
    expect(data.equals(Buffer.from(await downloaded.arrayBuffer()))).toBe(true);
    expect(downloaded.name).toBe(got.name);
    expect(await ours.listFiles({ channel: "both-files" })).toEqual(await theirs.listFiles({ channel: "both-files" }));
    for (const { id } of [sent, got]) await ours.deleteFile({ ...place, id });
  }
  await inbox.until("the files", ({ files }) => files.length === 4);
  expect(inbox.files.map(({ message, publisher }) => [publisher, message])).toEqual([
    ["anna", { look: 1 }],
    ["bert", { look: 2 }],
    ["anna", { look: 1 }],
    ["bert", { look: 2 }],
  ]);
});

test("[IOP60] a token that one grants, both read alike, the other uses, and the first takes back", async () => {
  using ours = sdkClient({ ...GUARDED, secretKey: "guarded-secret" });
  using theirs = createClient(network.url, { ...GUARDED, secretKey: "guarded-secret" });
  const content = {
    ttl: 5,
    authorized_uuid: "guest",
    resources: { channels: { hall: { read: true, write: true } }, uuids: { guest: { get: true, update: true } } },
    patterns: { groups: { "^g": { read: true, manage: true } } },
    meta: { level: 3 },
  };
  for (const granter of [ours, theirs]) {
    const token = await granter.grantToken(content);
    const { signature: _, ...read } = ours.parseToken(token) ?? {};
    const { signature: __, ...readByThem } = (theirs.parseToken(token) ?? {}) as { readonly signature?: unknown };
    expect(read).toEqual(readByThem);
    using guest = sdkClient({ ...GUARDED, userId: "guest" });
    using their = createClient(network.url, { ...GUARDED, userId: "guest" });
    for (const client of [guest, their]) {
      client.setToken(token);
      expect((await client.publish({ channel: "hall", message: 1 })).timetoken).toHaveLength(17);
    }
    await granter.revokeToken(token);
    expect(await guest.publish({ channel: "hall", message: 1 }).catch(({ status }) => status)).toBe(403);
  }
});

test("[IOP60] older grants of one are what the other lists, and count for both", async () => {
  using ours = sdkClient({ ...GUARDED, secretKey: "guarded-secret" });
  using theirs = createClient(network.url, { ...GUARDED, secretKey: "guarded-secret" });
  await ours.grant({ channels: ["older"], authKeys: ["guest-key"], read: true, write: true, ttl: 7 });
  expect(await ours.audit({ channel: "older" })).toEqual((await theirs.audit({ channel: "older" })) as never);
  using guest = sdkClient({ ...GUARDED, authKey: "guest-key" });
  using their = createClient(network.url, { ...GUARDED, authKey: "guest-key" });
  for (const client of [guest, their]) await client.publish({ channel: "older", message: 1 });
});

test("[IOP60] App Context is the same to both, with its lists, pages and events", async () => {
  using ours = sdkClient();
  using inbox = await subscribe(network.url, { channels: ["both-room"] }, { userId: "bert" });
  const { objects } = inbox.client;
  const told: unknown[] = [];
  ours.addListener({ objects: ({ channel, timetoken, message }) => void told.push({ channel, timetoken, message }) });
  await listening(ours, "both-room");
  await ours.objects.setUUIDMetadata({ uuid: "u-1", data: { name: "Anna", custom: { n: 1 } } });
  await objects.setUUIDMetadata({ uuid: "u-2", data: { name: "Bert", email: "b@c.d" } });
  await ours.objects.setChannelMetadata({ channel: "both-room", data: { name: "Room" } });
  await objects.setMemberships({ uuid: "u-1", channels: ["both-room"] });
  await ours.objects.setChannelMembers({ channel: "both-room", uuids: [{ id: "u-2", custom: { a: true } }] });
  for (const uuid of ["u-1", "u-2"]) {
    expect(await ours.objects.getUUIDMetadata({ uuid })).toEqual((await objects.getUUIDMetadata({ uuid })) as never);
  }
  const list = { include: { customFields: true, totalCount: true }, sort: { name: "desc" }, limit: 1 } as const;
  const page = await ours.objects.getAllUUIDMetadata(list);
  expect(page).toEqual((await objects.getAllUUIDMetadata(list)) as never);
  expect(await ours.objects.getAllUUIDMetadata({ ...list, page })).toMatchObject({ data: [{ id: "u-1" }] });
  const members = { channel: "both-room", include: { UUIDFields: true, customFields: true } } as const;
  // That client always asks for some fields more.
  expect(await objects.getChannelMembers(members)).toMatchObject(await ours.objects.getChannelMembers(members));
  await ours.objects.removeMemberships({ uuid: "u-1", channels: ["both-room"] });
  await objects.removeUUIDMetadata({ uuid: "u-2" });
  await inbox.until("all events", ({ objects: events }) => events.length === 5);
  await ours.publish({ channel: "both-room", message: "last" });
  await inbox.until("the last message", ({ messages }) => messages.length === 1);
  // That client leaves out the form of the event.
  expect(told).toMatchObject(inbox.objects.map(({ channel, timetoken, message }) => ({ channel, timetoken, message })));
});

test("[IOP60] actions that one attaches, the other is told of and lists", async () => {
  using ours = sdkClient();
  using inbox = await subscribe(network.url, { channels: ["both-acted"] }, { userId: "bert" });
  const { timetoken: messageTimetoken } = await inbox.client.publish({ channel: "both-acted", message: "hi" });
  const target = { channel: "both-acted", messageTimetoken };
  await ours.addMessageAction({ ...target, action: { type: "reaction", value: "ü" } });
  await inbox.client.addMessageAction({ ...target, action: { type: "receipt", value: "read" } });
  const { data } = await ours.getMessageActions({ channel: "both-acted" });
  expect(data).toEqual([...(await inbox.client.getMessageActions({ channel: "both-acted" })).data]);
  await inbox.until("both actions", ({ messageActions }) => messageActions.length === 2);
  expect(inbox.messageActions.map((event) => event.data.value)).toEqual(["ü", "read"]);
});
