import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { PubNub, PubNubError, type PubNubOptions, SubscribeListener } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const KEYS = { subscribeKey: "guarded-sub", publishKey: "guarded-pub" } as const;
const clientOf = (options: Partial<PubNubOptions> = {}): PubNub =>
  new PubNub({ ...KEYS, userId: "anna", origin: network.url, ...options });
const serverOf = (options: Partial<PubNubOptions> = {}): PubNub =>
  clientOf({ secretKey: "guarded-secret", userId: "server", ...options });

async function failureOf(call: Promise<unknown>): Promise<PubNubError | undefined> {
  return call.then(
    () => undefined,
    (failure: unknown) => (failure instanceof PubNubError ? failure : undefined),
  );
}

test("[SDK52 SDK54 SDK55] a token opens what it names for whom it names, and nothing once it is revoked", async () => {
  const [server, anna, bert] = [serverOf(), clientOf(), clientOf({ userId: "bert" })];
  const channel = "a-room-ü";
  expect(await failureOf(anna.publish({ channel, message: 1 }))).toMatchObject({ status: 403 });
  const token = await server.grantToken({
    ttl: 5,
    authorizedUserId: "anna",
    resources: { channels: { [channel]: { read: true, write: true } } },
    patterns: { uuids: { "^a": { get: true } } },
    meta: { app: "chat" },
  });
  expect(anna.parseToken(token)).toMatchObject({
    ttl: 5,
    authorized_uuid: "anna",
    resources: { channels: { [channel]: { read: true, write: true, delete: false } } },
    patterns: { uuids: { "^a": { get: true } } },
    meta: { app: "chat" },
  });
  for (const client of [anna, bert]) client.setToken(token);
  expect((await anna.publish({ channel, message: 1 })).timetoken).toHaveLength(17);
  expect(await failureOf(bert.publish({ channel, message: 1 }))).toMatchObject({
    category: "PNAccessDeniedCategory",
    operation: "PNPublishOperation",
  });
  expect(await server.revokeToken(token)).toEqual({});
  expect((await failureOf(anna.publish({ channel, message: 1 })))?.message).toContain("revoked");
});

test("[SDK56] auth keys of the older grants: granted, listed, revoked", async () => {
  const [server, anna] = [serverOf(), clientOf({ authKey: "key-of-anna" })];
  const granted = await server.grant({
    channels: ["older"],
    authKeys: ["key-of-anna"],
    read: true,
    write: true,
    ttl: 9,
  });
  expect(granted).toMatchObject({
    level: "user",
    channel: "older",
    ttl: 9,
    auths: { "key-of-anna": { r: 1, w: 1, d: 0 } },
  });
  await anna.publish({ channel: "older", message: "hi" });
  expect((await anna.history({ channel: "older" })).messages.map(({ entry }) => entry)).toEqual(["hi"]);
  expect(await failureOf(anna.deleteMessages({ channel: "older" }))).toMatchObject({ status: 403 });
  expect(await server.audit({ channel: "older" })).toMatchObject({
    channels: { older: { auths: { "key-of-anna": { r: 1, w: 1 } } } },
  });
  await server.revoke({ channels: ["older"], authKeys: ["key-of-anna"] });
  expect(await failureOf(anna.publish({ channel: "older", message: "hi" }))).toMatchObject({ status: 403 });
});

for (const transport of ["websocket", "long-poll"] as const) {
  test(`[SDK53] a server may do everything: publish in each form, subscribe by ${transport}, read and delete`, async () => {
    const server = serverOf({ transport });
    const channel = `signed-${transport}!~'(ü`;
    const listener = new SubscribeListener();
    server.addListener(listener);
    server.subscribe({ channels: [channel], withPresence: true });
    await listener.waitForConnect();
    await server.publish({ channel, message: "by GET", meta: { "a b": "!~*'()+" } });
    await server.publish({ channel, message: "by POST", sendByPost: true });
    await server.publish({ channel, message: "x".repeat(40_000) });
    const texts = [];
    for (let got = 0; got < 3; got++) texts.push((await listener.waitForMessageOn([channel])).message);
    expect(texts).toEqual(["by GET", "by POST", "x".repeat(40_000)]);
    const at = { channel, messageTimetoken: (await server.history({ channel })).startTimeToken };
    const { data } = await server.addMessageAction({ ...at, action: { type: "reaction", value: "smile" } });
    await server.removeMessageAction({ ...at, actionTimetoken: data.actionTimetoken });
    await server.deleteMessages({ channel });
    await server.setState({ channels: [channel], state: { mood: "fine" } });
    await server.channelGroups.addChannels({ channelGroup: "signed", channels: [channel] });
    server.destroy();
  });
}

test("[SDK53] a wrong secret key opens nothing, and is not repeated", async () => {
  const failure = await failureOf(serverOf({ secretKey: "sec-wrong" }).hereNow({ channels: ["a"] }));
  expect(failure).toMatchObject({ category: "PNAccessDeniedCategory", status: 403 });
  expect(String(failure)).not.toContain("sec-wrong");
});

test("[SDK52] a subscription that was refused goes on with the token that is set", async () => {
  const anna = clientOf();
  const listener = new SubscribeListener();
  const denied = Promise.withResolvers<void>();
  anna.addListener(listener);
  anna.addListener({ status: ({ category }) => category === "PNAccessDeniedCategory" && denied.resolve() });
  anna.subscribe({ channels: ["closed"] });
  await denied.promise;
  anna.setToken(await serverOf().grantToken({ ttl: 1, resources: { channels: { closed: { read: true } } } }));
  anna.reconnect();
  await listener.waitForConnect();
  await serverOf().publish({ channel: "closed", message: "hi" });
  expect((await listener.waitForMessageOn(["closed"])).message).toBe("hi");
  anna.destroy();
});

test.each(["long-poll", "websocket"] as const)(
  "[SDK52] a token that is revoked ends the subscription over %s, and the next one goes on where it was",
  async (transport) => {
    const channel = `revoked-${transport}`;
    const grant = { ttl: 1, resources: { channels: { [channel]: { read: true } } } };
    const retryConfiguration = PubNub.NoneRetryPolicy(); // it is told at once, not found out by trying again
    const [server, anna] = [serverOf(), clientOf({ transport, retryConfiguration })];
    const token = await server.grantToken(grant);
    anna.setToken(token);
    const listener = new SubscribeListener();
    const denied = Promise.withResolvers<void>();
    anna.addListener(listener);
    anna.addListener({ status: ({ category }) => category === "PNAccessDeniedCategory" && denied.resolve() });
    anna.subscribe({ channels: [channel] });
    await listener.waitForConnect();
    await server.publish({ channel, message: "before" });
    expect((await listener.waitForMessageOn([channel])).message).toBe("before");
    await server.revokeToken(token);
    await denied.promise;
    await server.publish({ channel, message: "meanwhile" });
    anna.setToken(await server.grantToken(grant));
    anna.reconnect();
    expect((await listener.waitForMessageOn([channel])).message).toBe("meanwhile");
    anna.destroy();
  },
);
