import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "../by-hand.ts";
import { PubNubError } from "../errors.ts";
import { RETRY_PAUSES_MS } from "./loop.ts";

const T1 = "17000000000000001";
const T2 = "17000000000000002";
const T3 = "17000000000000003";

/** A client that is connected and polls from T1. */
async function connected(channels: readonly string[] = ["room"]): Promise<ClientByHand> {
  const hands = clientByHand();
  hands.client.subscribe({ channels });
  await turn();
  hands.network.last.answer(answerOf(T1));
  await turn();
  return hands;
}

test("[SDK11] handshake, Connected, then one poll after another from the last cursor", async () => {
  const { client, network, statuses, messages } = clientByHand();
  client.subscribe({ channels: ["room", "news.*"] });
  await turn();
  expect(network.last.path).toBe("/v2/subscribe/sub-key/news.%2A,room/0");
  expect(network.last.query).toEqual({ tt: "0", uuid: "anna", pnsdk: "Longwave-TypeScript/0.1.0" });
  expect(network.last.timeoutMs).toBe(15_000);
  network.last.answer(answerOf(T1));
  await turn();
  expect(statuses).toEqual([
    {
      category: "PNConnectedCategory",
      operation: "PNSubscribeOperation",
      error: false,
      affectedChannels: ["news.*", "room"],
      currentTimetoken: T1,
    },
  ]);
  expect(network.last.query).toMatchObject({ tt: T1, tr: "12" });
  expect(network.last.timeoutMs).toBe(310_000);
  network.last.answer(answerOf(T2, [itemOf("room", 1, { b: "room" }), itemOf("news.x", 2, { b: "news.*" })]));
  await turn();
  expect(messages.map(({ message }) => message)).toEqual([1, 2]);
  expect(network.last.query).toMatchObject({ tt: T2, tr: "12" });
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T3 });
  expect(network.requests).toHaveLength(4);
  expect(statuses).toHaveLength(1);
});

test("[SDK24] the filter goes with every subscribe request", async () => {
  const { client, network } = clientByHand({ filterExpression: "lang == 'en'" });
  client.subscribe({ channels: ["room"] });
  await turn();
  network.last.answer(answerOf(T1));
  await turn();
  expect(network.requests.map(({ query }) => query["filter-expr"])).toEqual(["lang == 'en'", "lang == 'en'"]);
});

test("[SDK24] with enableSubscribe: false subscribing is refused, and publishing goes on", async () => {
  const { client, network } = clientByHand({ enableSubscribe: false });
  expect(() => client.subscribe({ channels: ["room"] })).toThrow(/enableSubscribe is false/);
  void client.publish({ channel: "room", message: 1 });
  await turn();
  expect(network.requests).toHaveLength(1);
});

test("[SDK12] a change of the mix aborts the held poll, announces Connected and goes on from the kept cursor", async () => {
  const { client, network, categories } = await connected();
  const held = network.last;
  client.subscribe({ channels: ["lobby"] });
  expect(held.isAborted).toBe(true);
  await turn();
  expect(network.last).toMatchObject({ path: "/v2/subscribe/sub-key/lobby,room/0", query: { tt: "0" } });
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last).toMatchObject({ path: "/v2/subscribe/sub-key/lobby,room/0", query: { tt: T1 } });
  expect(categories()).toEqual(["PNConnectedCategory", "PNConnectedCategory"]);
});

test("[SDK12] changes of one turn ask the network once", async () => {
  const { client, network } = clientByHand();
  for (const channel of ["a", "b", "c"]) client.subscribe({ channels: [channel] });
  client.unsubscribe({ channels: ["b"] });
  await turn();
  expect(network.requests.map(({ path }) => path)).toEqual(["/v2/subscribe/sub-key/a,c/0"]);
});

test("[SDK12] subscribing from a timetoken polls from there, in the network's region", async () => {
  const { client, network, messages } = clientByHand();
  client.subscribe({ channels: ["room"], timetoken: T1 });
  await turn();
  network.last.answer(answerOf(T3, [itemOf("room", "comes again")]));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T1, tr: "12" });
  expect(messages).toEqual([]);
});

test("[SDK13] a loss: announced once, attempts after growing pauses, Reconnected, and the cursor is kept", async () => {
  const { network, time, statuses, categories } = await connected();
  network.last.fail("network", "ECONNRESET");
  await turn();
  expect(statuses.at(-1)).toMatchObject({ category: "PNNetworkIssuesCategory", error: true, currentTimetoken: T1 });
  expect(String(statuses.at(-1)?.errorData)).toMatch(/cannot be reached \(ECONNRESET\)/);
  for (const pauseMs of [250, 500, 1_000, 2_000, 3_000, 3_000, 3_000]) {
    const before = network.requests.length;
    await time.pass(pauseMs - 1);
    expect(network.requests).toHaveLength(before);
    await time.pass(1);
    expect(network.requests).toHaveLength(before + 1);
    expect(network.last.query).toMatchObject({ tt: "0" });
    network.last.fail("network");
    await turn();
  }
  await time.pass(3_000);
  network.last.answer(answerOf(T3));
  await turn();
  expect(categories()).toEqual(["PNConnectedCategory", "PNNetworkIssuesCategory", "PNReconnectedCategory"]);
  expect(network.last.query).toMatchObject({ tt: T1 });
  expect(RETRY_PAUSES_MS).toEqual([250, 500, 1_000, 2_000, 3_000]);
});

const LOSSES: readonly (readonly [status: number, text: string, category: string])[] = [
  [408, "", "PNUnknownCategory"],
  [429, '{"message":"Too Many Requests"}', "PNUnknownCategory"],
  [500, "", "PNServerErrorCategory"],
  [503, '{"message":"Service Unavailable"}', "PNServerErrorCategory"],
  [200, "<html>Please log in to this hotel</html>", "PNMalformedResponseCategory"],
];
for (const [status, text, category] of LOSSES) {
  test(`[SDK13] ${status} ${text} counts as lost`, async () => {
    const { network, time, statuses } = await connected();
    network.last.answer(text, status);
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
    network.last.answer('{"message":"No"}', status);
    await time.pass(3_600_000);
    expect(statuses.at(-1)).toMatchObject({ category, error: true, statusCode: status });
    expect([network.requests.length, time.waiting]).toEqual([2, 0]);
    client.reconnect();
    await turn();
    network.last.answer("", 403);
    await turn();
    client.subscribe({ channels: ["lobby"] });
    await turn();
    expect(network.last.path).toBe("/v2/subscribe/sub-key/lobby,room/0");
  });
}

test("[SDK15] a poll without an answer is checked by a handshake", async () => {
  const { network, categories } = await connected();
  network.last.fail("timeout");
  await turn();
  expect(network.last).toMatchObject({ query: { tt: "0" }, timeoutMs: 15_000 });
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T1 });
  expect(categories()).toEqual(["PNConnectedCategory"]);
});

test("[SDK16] disconnect ends the poll and keeps the cursor; subscribing meanwhile waits for reconnect", async () => {
  const { client, network, statuses } = await connected();
  client.disconnect();
  expect(network.last.isAborted).toBe(true);
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
  expect([network.requests.length, statuses.length]).toEqual([2, 2]);
  client.reconnect();
  await turn();
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last).toMatchObject({ path: "/v2/subscribe/sub-key/lobby,room/0", query: { tt: T1 } });
  client.reconnect({ timetoken: T2 });
  await turn();
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T2 });
  expect(() => client.reconnect({ timetoken: 17 as never })).toThrow(PubNubError);
});

test("[SDK16] disconnect during a pause ends the attempts; reconnect during one tries at once", async () => {
  const { client, network, time, categories } = await connected();
  network.last.fail("network");
  await turn();
  client.reconnect();
  await turn();
  expect([network.requests.length, time.waiting]).toEqual([3, 0]);
  network.last.fail("network");
  await turn();
  client.disconnect();
  await time.pass(3_600_000);
  expect([network.requests.length, time.waiting]).toEqual([3, 0]);
  expect(categories()).toEqual(["PNConnectedCategory", "PNNetworkIssuesCategory", "PNDisconnectedCategory"]);
});

test("[SDK16] the last name ends the subscription and forgets the cursor", async () => {
  const { client, network, statuses } = await connected(["a", "b"]);
  client.unsubscribe({ channels: ["unknown"] });
  await turn();
  expect(network.requests).toHaveLength(2);
  client.unsubscribe({ channels: ["a"] });
  client.unsubscribe({ channels: ["b"] });
  expect(client.getSubscribedChannels()).toEqual([]);
  expect(statuses.at(-1)).toMatchObject({ category: "PNDisconnectedCategory", affectedChannels: ["b"] });
  client.subscribe({ channels: ["c"] });
  await turn();
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T3 });
});

test("[SDK16] destroy ends everything and may be called twice; stop is its older name", async () => {
  for (const end of ["destroy", "stop"] as const) {
    const { client, network, categories } = await connected();
    client[end]();
    client[end]();
    expect(network.last.isAborted).toBe(true);
    expect(categories()).toEqual(["PNConnectedCategory", "PNDisconnectedCategory"]);
    client.subscribe({ channels: ["room"] });
    await turn();
    network.last.answer(answerOf(T2));
    await turn();
    expect(categories()).toHaveLength(2);
  }
});

test("[SDK19] a listener that unsubscribes gets nothing more of that name, and the rest of the batch", async () => {
  const { client, network, messages } = await connected(["a", "b"]);
  client.addListener({ message: ({ message }) => message === 1 && client.unsubscribe({ channels: ["a"] }) });
  const items = [1, 2, 3].flatMap((message) => [itemOf("a", message, { b: "a" }), itemOf("b", message, { b: "b" })]);
  network.last.answer(answerOf(T2, items));
  await turn();
  expect(messages.map(({ channel, message }) => `${channel}${message}`)).toEqual(["a1", "b1", "b2", "b3"]);
  expect(network.last.path).toBe("/v2/subscribe/sub-key/b/0");
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T2 });
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
  network.last.answer(answerOf(T1));
  await turn();
  expect(network.requests.map(({ path, query }) => `${path} ${query["tt"]}`)).toEqual([
    "/v2/subscribe/sub-key/a/0 0",
    "/v2/subscribe/sub-key/a,b,c/0 0",
  ]);
  network.last.answer(answerOf(T3));
  await turn();
  expect(network.last.query).toMatchObject({ tt: T1 });
  expect(categories()).toEqual(["PNConnectedCategory", "PNConnectedCategory"]);
});

test("[SDK16] every listener sees the statuses in their order, also those that another one causes meanwhile", async () => {
  const { client, network } = clientByHand();
  const seen: string[] = [];
  client.addListener({ status: ({ category }) => category === "PNConnectedCategory" && client.disconnect() });
  client.addListener({ status: ({ category }) => void seen.push(category) });
  client.subscribe({ channels: ["room"] });
  await turn();
  network.last.answer(answerOf(T1));
  await turn();
  expect(seen).toEqual(["PNConnectedCategory", "PNDisconnectedCategory"]);
  expect(network.requests).toHaveLength(1);
});

test("[SDK22] presence companions are asked for, reach their listener, and leave with their channel", async () => {
  const { client, network, presence, messages } = clientByHand();
  client.subscribe({ channels: ["room"], withPresence: true });
  await turn();
  expect(network.last.path).toBe("/v2/subscribe/sub-key/room,room-pnpres/0");
  network.last.answer(answerOf(T1));
  await turn();
  const join = { action: "join", uuid: "bert", timestamp: 1_732_605_123, occupancy: 2 };
  network.last.answer(answerOf(T2, [itemOf("room-pnpres", join, { b: "room-pnpres", i: undefined })]));
  await turn();
  expect(presence).toMatchObject([{ channel: "room", action: "join", uuid: "bert", occupancy: 2 }]);
  expect(messages).toEqual([]);
  client.unsubscribe({ channels: ["room"] });
  expect(client.getSubscribedChannels()).toEqual([]);
});

test("[SDK25] what the network would refuse changes nothing of the subscription that there is", async () => {
  const { client, network } = await connected();
  const many = Array.from({ length: 2_000 }, (_, number) => `room-${number}`);
  const long = Array.from({ length: 400 }, (_, number) => `${"x".repeat(80)}-${number}`);
  expect(() => client.subscribe({ channels: ["a b"] })).toThrow(/channels holds something that is no name/);
  expect(() => client.subscribe({ channels: many })).toThrow(/channels would be 2001, and 2000 are possible/);
  expect(() => client.subscribe({ channels: long })).toThrow(/channels no longer fit into one address/);
  await turn();
  expect(client.getSubscribedChannels()).toEqual(["room"]);
  expect([network.requests.length, network.last.isAborted]).toEqual([2, false]);
});
