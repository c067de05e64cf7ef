import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "../by-hand.ts";
import type { PubNubOptions } from "../configuration.ts";
import { PubNubError } from "../errors.ts";
import { PubNub } from "../pubnub.ts";
import { SETTLED_MS } from "./loop.ts";

const T1 = "17000000000000001";
const T2 = "17000000000000002";
const T3 = "17000000000000003";

/** A client that is connected and polls from T1. */
async function connected(
  channels: readonly string[] = ["room"],
  options: Partial<PubNubOptions> = {},
): Promise<ClientByHand> {
  const hands = clientByHand(options);
  hands.client.subscribe({ channels });
  await turn();
  hands.network.newest.answer(answerOf(T1));
  await turn();
  return hands;
}

test("[SDK11] handshake, Connected, then one poll after another from the last cursor", async () => {
  const { client, network, statuses, messages } = clientByHand();
  client.subscribe({ channels: ["room", "news.*"] });
  await turn();
  expect(network.newest.path).toBe("/v2/subscribe/sub-key/news.%2A,room/0");
  expect(network.newest.query).toEqual({ tt: "0", lw: "1", uuid: "anna", pnsdk: "Longwave-TypeScript/0.1.0" });
  expect(network.newest.timeoutMs).toBe(15_000);
  network.newest.answer(answerOf(T1));
  await turn();
  expect(statuses).toEqual([
    {
      category: "PNConnectedCategory",
      operation: "PNSubscribeOperation",
      error: false,
      affectedChannels: ["news.*", "room"],
      affectedChannelGroups: [],
      currentTimetoken: T1,
    },
  ]);
  expect(network.newest.query).toMatchObject({ tt: T1, tr: "12" });
  expect(network.newest.timeoutMs).toBe(310_000);
  network.newest.answer(answerOf(T2, [itemOf("room", 1, { b: "room" }), itemOf("news.x", 2, { b: "news.*" })]));
  await turn();
  expect(messages.map(({ message }) => message)).toEqual([1, 2]);
  expect(network.newest.query).toMatchObject({ tt: T2, tr: "12" });
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T3 });
  expect(network.asked).toHaveLength(4);
  expect(statuses).toHaveLength(1);
});

test("[SDK24] the filter goes with every subscribe request", async () => {
  const { client, network } = clientByHand({ filterExpression: "lang == 'en'" });
  client.subscribe({ channels: ["room"] });
  await turn();
  network.newest.answer(answerOf(T1));
  await turn();
  expect(network.asked.map(({ query }) => query["filter-expr"])).toEqual(["lang == 'en'", "lang == 'en'"]);
});

test("[SDK24] with enableSubscribe: false subscribing is refused, and publishing goes on", async () => {
  const { client, network } = clientByHand({ enableSubscribe: false });
  expect(() => client.subscribe({ channels: ["room"] })).toThrow(/enableSubscribe is false/);
  void client.publish({ channel: "room", message: 1 });
  await turn();
  expect(network.asked).toHaveLength(1);
});

test("[SDK12] a change of the mix aborts the held poll, announces Connected and goes on from the kept cursor", async () => {
  const { client, network, categories } = await connected();
  const held = network.newest;
  client.subscribe({ channels: ["lobby"] });
  expect(held.isAborted).toBe(true);
  await turn();
  expect(network.newest).toMatchObject({ path: "/v2/subscribe/sub-key/lobby,room/0", query: { tt: "0" } });
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest).toMatchObject({ path: "/v2/subscribe/sub-key/lobby,room/0", query: { tt: T1 } });
  expect(categories()).toEqual(["PNConnectedCategory", "PNConnectedCategory"]);
});

test("[SDK12] changes of one turn ask the network once", async () => {
  const { client, network } = clientByHand();
  for (const channel of ["a", "b", "c"]) client.subscribe({ channels: [channel] });
  client.unsubscribe({ channels: ["b"] });
  await turn();
  expect(network.asked.map(({ path }) => path)).toEqual(["/v2/subscribe/sub-key/a,c/0"]);
});

test("[SDK12] subscribing from a timetoken polls from there, in the network's region", async () => {
  const { client, network, messages } = clientByHand();
  client.subscribe({ channels: ["room"], timetoken: T1 });
  await turn();
  network.newest.answer(answerOf(T3, [itemOf("room", "comes again")]));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T1, tr: "12" });
  expect(messages).toEqual([]);
});

test("[SDK13 SDK38] a loss: announced once, attempts after growing pauses, Reconnected, and the cursor is kept", async () => {
  const { network, time, statuses, categories } = await connected();
  network.newest.fail("network", "ECONNRESET");
  await turn();
  expect(statuses.at(-1)).toMatchObject({
    category: "PNUnexpectedDisconnectCategory",
    error: true,
    currentTimetoken: T1,
  });
  expect(String(statuses.at(-1)?.errorData)).toMatch(/cannot be reached \(ECONNRESET\)/);
  for (const pauseMs of [2_000, 4_000, 8_000, 16_000, 32_000]) {
    const before = network.asked.length;
    await time.pass(pauseMs - 1);
    expect(network.asked).toHaveLength(before);
    await time.pass(1);
    expect(network.asked).toHaveLength(before + 1);
    expect(network.newest.query).toMatchObject({ tt: "0" });
    network.newest.fail("network");
    await turn();
  }
  await time.pass(64_000);
  network.newest.answer(answerOf(T3));
  await turn();
  expect(categories()).toEqual(["PNConnectedCategory", "PNUnexpectedDisconnectCategory", "PNReconnectedCategory"]);
  expect(network.newest.query).toMatchObject({ tt: T1 });
});

test("[SDK38] after the last attempt the client gives up, until the application reconnects", async () => {
  const retryConfiguration = PubNub.LinearRetryPolicy({ delay: 2, maximumRetry: 3 });
  const { client, network, time, statuses, categories } = await connected(["room"], { retryConfiguration });
  network.newest.fail("network");
  for (let attempt = 0; attempt < 3; attempt++) {
    await turn();
    await time.pass(2_000);
    network.newest.fail("network");
  }
  await time.pass(3_600_000);
  expect([network.asked.length, time.waiting]).toEqual([5, 0]);
  expect(categories().slice(1)).toEqual(["PNUnexpectedDisconnectCategory", "PNDisconnectedCategory"]);
  expect(statuses.at(-1)).toMatchObject({ error: true, operation: "PNSubscribeOperation" });
  client.reconnect();
  await turn();
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T1 });
  expect(categories().at(-1)).toBe("PNConnectedCategory");
});

test("[SDK38] without a policy a loss is told, and nothing follows by itself", async () => {
  const { client, network, time, categories } = await connected(["room"], {
    retryConfiguration: PubNub.NoneRetryPolicy(),
  });
  await time.pass(SETTLED_MS);
  network.newest.fail("network");
  await time.pass(3_600_000);
  expect([network.asked.length, time.waiting]).toEqual([2, 0]);
  expect(categories()).toEqual(["PNConnectedCategory", "PNUnexpectedDisconnectCategory"]);
  client.reconnect();
  await turn();
  expect(network.asked).toHaveLength(3);
});

test("[SDK38] what the network says to wait takes the place of the pause", async () => {
  const { network, time } = await connected();
  network.newest.answer("", 429, 7);
  await turn();
  await time.pass(6_999);
  expect(network.asked).toHaveLength(2);
  await time.pass(1);
  expect(network.asked).toHaveLength(3);
});

test("[SDK15] a poll that is cut after a while, as by a proxy, is followed by a handshake; nothing is announced", async () => {
  const { network, time, categories } = await connected();
  for (let cuts = 0; cuts < 20; cuts++) {
    await time.pass(60_000);
    network.newest.fail("network");
    await turn();
    expect(network.newest.query).toMatchObject({ tt: "0" });
    network.newest.answer(answerOf(T3));
    await turn();
    expect(network.newest.query).toMatchObject({ tt: T1 });
  }
  expect(categories()).toEqual(["PNConnectedCategory"]);
  network.newest.fail("network");
  await turn();
  expect(categories().at(-1)).toBe("PNUnexpectedDisconnectCategory");
});

test("[SDK38] connectTimeout: the network must answer the time first, before the first handshake and after a failure", async () => {
  const { client, network, time, statuses } = clientByHand({ connectTimeout: 3 });
  client.subscribe({ channels: ["room"] });
  await turn();
  expect(network.newest).toMatchObject({ path: "/time/0", timeoutMs: 3_000 });
  network.newest.fail("timeout");
  await turn();
  expect(statuses.at(-1)).toMatchObject({ category: "PNTimeoutCategory", operation: "PNSubscribeOperation" });
  await time.pass(2_000);
  expect(network.newest.path).toBe("/time/0");
  network.newest.answer("<html>Please log in to this hotel</html>");
  await turn();
  await time.pass(4_000);
  network.newest.answer(`[${T1}]`);
  await turn();
  expect(network.newest).toMatchObject({ path: "/v2/subscribe/sub-key/room/0", query: { tt: "0" } });
  network.newest.answer(answerOf(T1));
  await turn();
  client.subscribe({ channels: ["lobby"] });
  await turn();
  expect(network.newest.path).toBe("/v2/subscribe/sub-key/lobby,room/0");
});

test("[SDK35] groups are asked for beside channels or alone, deliver, and go", async () => {
  const { client, network, messages, statuses } = clientByHand();
  client.subscribe({ channelGroups: ["family"], withPresence: true });
  await turn();
  expect(network.newest).toMatchObject({
    path: "/v2/subscribe/sub-key/,/0",
    query: { "channel-group": "family,family-pnpres" },
  });
  network.newest.answer(answerOf(T1));
  await turn();
  expect(statuses.at(-1)).toMatchObject({
    affectedChannels: [],
    affectedChannelGroups: ["family", "family-pnpres"],
  });
  network.newest.answer(answerOf(T2, [itemOf("anna", 1, { b: "family" }), itemOf("other", 2, { b: "strangers" })]));
  await turn();
  expect(messages).toMatchObject([{ channel: "anna", subscription: "family", message: 1 }]);
  expect(client.getSubscribedChannelGroups()).toEqual(["family", "family-pnpres"]);
  client.subscribe({ channels: ["room"] });
  client.unsubscribe({ channelGroups: ["family"] });
  await turn();
  expect(network.poll.path).toBe("/v2/subscribe/sub-key/room/0");
  expect(network.poll.query["channel-group"]).toBeUndefined();
});

const LOSSES: readonly (readonly [status: number, text: string, category: string])[] = [
  [408, "", "PNUnknownCategory"],
  [429, '{"message":"Too Many Requests"}', "PNUnknownCategory"],
  [500, "", "PNUnknownCategory"],
  [503, '{"message":"Service Unavailable"}', "PNUnknownCategory"],
  [200, "<html>Please log in to this hotel</html>", "PNMalformedResponseCategory"],
];
for (const [status, text, category] of LOSSES) {
  test(`[SDK13] ${status} ${text} counts as lost`, async () => {
    const { network, time, statuses } = await connected();
    network.newest.answer(text, status);
    await turn();
    expect(statuses.at(-1)).toMatchObject({ category, error: true, statusCode: status });
    expect(time.waiting).toBe(1);
  });
}

const REFUSALS: readonly (readonly [status: number, category: string])[] = [
  [400, "PNBadRequestCategory"],
  [403, "PNAccessDeniedCategory"],
  [404, "PNUnknownCategory"],
  [414, "PNUnknownCategory"],
  [481, "PNMalformedFilterExpressionCategory"],
];
for (const [status, category] of REFUSALS) {
  test(`[SDK14] ${status} is ${category}, and the end of the attempts until something changes`, async () => {
    const { client, network, time, statuses } = await connected();
    network.newest.answer('{"message":"No"}', status);
    await time.pass(3_600_000);
    expect(statuses.at(-1)).toMatchObject({ category, error: true, statusCode: status });
    expect([network.asked.length, time.waiting]).toEqual([2, 0]);
    client.reconnect();
    await turn();
    network.newest.answer("", 403);
    await turn();
    client.subscribe({ channels: ["lobby"] });
    await turn();
    expect(network.newest.path).toBe("/v2/subscribe/sub-key/lobby,room/0");
  });
}

test("[SDK15] a poll without an answer is checked by a handshake", async () => {
  const { network, categories } = await connected();
  network.newest.fail("timeout");
  await turn();
  expect(network.newest).toMatchObject({ query: { tt: "0" }, timeoutMs: 15_000 });
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T1 });
  expect(categories()).toEqual(["PNConnectedCategory"]);
});

test("[SDK16] disconnect ends the poll and keeps the cursor; subscribing meanwhile waits for reconnect", async () => {
  const { client, network, statuses } = await connected();
  client.disconnect();
  expect(network.newest.isAborted).toBe(true);
  expect(statuses.at(-1)).toMatchObject({
    category: "PNDisconnectedCategory",
    operation: "PNUnsubscribeOperation",
    error: false,
    affectedChannels: ["room"],
    currentTimetoken: T1,
  });
  client.disconnect();
  client.subscribe({ channels: ["lobby"] });
  await turn();
  expect([network.asked.length, statuses.length]).toEqual([2, 2]);
  client.reconnect();
  await turn();
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest).toMatchObject({ path: "/v2/subscribe/sub-key/lobby,room/0", query: { tt: T1 } });
  client.reconnect({ timetoken: T2 });
  await turn();
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T2 });
  expect(() => client.reconnect({ timetoken: 17 as never })).toThrow(PubNubError);
});

test("[SDK16] disconnect during a pause ends the attempts; reconnect during one tries at once", async () => {
  const { client, network, time, categories } = await connected();
  network.newest.fail("network");
  await turn();
  client.reconnect();
  await turn();
  expect([network.asked.length, time.waiting]).toEqual([3, 0]);
  network.newest.fail("network");
  await turn();
  client.disconnect();
  await time.pass(3_600_000);
  expect([network.asked.length, time.waiting]).toEqual([3, 0]);
  expect(categories()).toEqual(["PNConnectedCategory", "PNUnexpectedDisconnectCategory", "PNDisconnectedCategory"]);
});

test("[SDK16] the last name ends the subscription and forgets the cursor", async () => {
  const { client, network, statuses } = await connected(["a", "b"]);
  client.unsubscribe({ channels: ["unknown"] });
  await turn();
  expect(network.asked).toHaveLength(2);
  client.unsubscribe({ channels: ["a"] });
  client.unsubscribe({ channels: ["b"] });
  expect(client.getSubscribedChannels()).toEqual([]);
  expect(statuses.at(-1)).toMatchObject({ category: "PNDisconnectedCategory", affectedChannels: ["b"] });
  client.subscribe({ channels: ["c"] });
  await turn();
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T3 });
});

test("[SDK16] destroy ends everything and may be called twice; stop is its older name", async () => {
  for (const end of ["destroy", "stop"] as const) {
    const { client, network, categories } = await connected();
    client[end]();
    client[end]();
    expect(network.newest.isAborted).toBe(true);
    expect(categories()).toEqual(["PNConnectedCategory", "PNDisconnectedCategory"]);
    client.subscribe({ channels: ["room"] });
    await turn();
    network.newest.answer(answerOf(T2));
    await turn();
    expect(categories()).toHaveLength(2);
  }
});

test("[SDK19] a listener that unsubscribes gets nothing more of that name, and the rest of the batch", async () => {
  const { client, network, messages } = await connected(["a", "b"]);
  client.addListener({ message: ({ message }) => message === 1 && client.unsubscribe({ channels: ["a"] }) });
  const items = [1, 2, 3].flatMap((message) => [itemOf("a", message, { b: "a" }), itemOf("b", message, { b: "b" })]);
  network.newest.answer(answerOf(T2, items));
  await turn();
  expect(messages.map(({ channel, message }) => `${channel}${message}`)).toEqual(["a1", "b1", "b2", "b3"]);
  expect(network.newest.path).toBe("/v2/subscribe/sub-key/b/0");
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T2 });
});

test("[SDK12 SDK16] what listeners do while they are told takes effect, in order, with one request", async () => {
  const { client, network, categories } = clientByHand();
  client.addListener({
    status: ({ category }) => {
      if (category !== "PNConnectedCategory" || client.getSubscribedChannels().length > 1) return;
      client.subscribe({ channels: ["b"] });
      client.subscribe({ channels: ["c"] });
      expect(client.getSubscribedChannels()).toEqual(["a", "b", "c"]);
    },
  });
  client.subscribe({ channels: ["a"] });
  await turn();
  network.newest.answer(answerOf(T1));
  await turn();
  expect(network.asked.map(({ path, query }) => `${path} ${query["tt"]}`)).toEqual([
    "/v2/subscribe/sub-key/a/0 0",
    "/v2/subscribe/sub-key/a,b,c/0 0",
  ]);
  network.newest.answer(answerOf(T3));
  await turn();
  expect(network.newest.query).toMatchObject({ tt: T1 });
  expect(categories()).toEqual(["PNConnectedCategory", "PNConnectedCategory"]);
});

test("[SDK16] every listener sees the statuses in their order, also those that another one causes meanwhile", async () => {
  const { client, network } = clientByHand();
  const seen: string[] = [];
  client.addListener({ status: ({ category }) => category === "PNConnectedCategory" && client.disconnect() });
  client.addListener({ status: ({ category }) => void seen.push(category) });
  client.subscribe({ channels: ["room"] });
  await turn();
  network.newest.answer(answerOf(T1));
  await turn();
  expect(seen).toEqual(["PNConnectedCategory", "PNDisconnectedCategory"]);
  expect(network.asked).toHaveLength(1);
});

test("[SDK22] presence companions are asked for, reach their listener, and leave with their channel", async () => {
  const { client, network, presence, messages } = clientByHand();
  client.subscribe({ channels: ["room"], withPresence: true });
  await turn();
  expect(network.newest.path).toBe("/v2/subscribe/sub-key/room,room-pnpres/0");
  network.newest.answer(answerOf(T1));
  await turn();
  const join = { action: "join", uuid: "bert", timestamp: 1_732_605_123, occupancy: 2 };
  network.newest.answer(answerOf(T2, [itemOf("room-pnpres", join, { b: "room-pnpres", i: undefined })]));
  await turn();
  expect(presence).toMatchObject([{ channel: "room", action: "join", uuid: "bert", occupancy: 2 }]);
  expect(messages).toEqual([]);
  client.unsubscribe({ channels: ["room"] });
  expect(client.getSubscribedChannels()).toEqual([]);
});

test("[SDK25] what the network would refuse changes nothing of the subscription that there is", async () => {
  const { client, network } = await connected();
  const many = Array.from({ length: 2_000 }, (_, number) => `room-${number}`);
  const groups = Array.from({ length: 11 }, (_, number) => `group-${number}`);
  const long = Array.from({ length: 400 }, (_, number) => `${"x".repeat(80)}-${number}`);
  expect(() => client.subscribe({ channels: ["a b"] })).toThrow(/channels holds something that is no name/);
  expect(() => client.subscribe({ channels: many })).toThrow(/channels would be 2001, and 2000 are possible/);
  expect(() => client.subscribe({ channelGroups: groups })).toThrow(/channelGroups would be 11, and 10 are possible/);
  expect(() => client.subscribe({ channels: long })).toThrow(/channels no longer fit into one address/);
  await turn();
  expect(client.getSubscribedChannels()).toEqual(["room"]);
  expect([network.asked.length, network.newest.isAborted]).toEqual([2, false]);
});
