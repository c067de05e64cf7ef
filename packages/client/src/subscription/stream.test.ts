import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "../by-hand.ts";
import type { PubNubOptions } from "../configuration.ts";
import { PubNub } from "../pubnub.ts";
import { SETTLED_MS } from "./loop.ts";
import { SILENCE_MS } from "./stream.ts";

const T1 = "17000000000000001";
const T2 = "17000000000000002";
const T3 = "17000000000000003";
const OFFER = { lw: { ws: true, sse: true } };

/** A client whose handshake was answered. */
async function greeted(options: Partial<PubNubOptions> = {}, more: object = OFFER): Promise<ClientByHand> {
  const hands = clientByHand(options);
  hands.client.subscribe({ channels: ["room"], channelGroups: ["g"] });
  await turn();
  hands.network.poll.answer(answerOf(T1, [], more));
  await turn();
  return hands;
}

const pollsOf = ({ network }: ClientByHand): number => network.asked.length;

test("[SDK41] where it is offered, a WebSocket is opened at the cursor, and its answers are delivered in order", async () => {
  const hands = await greeted({ filterExpression: "a == 1" });
  const { streams, messages, categories } = hands;
  expect([streams.opened.length, pollsOf(hands)]).toEqual([1, 1]);
  expect(streams.last.url.href).toStartWith("wss://network.test/v2/subscribe/sub-key/room/0?");
  expect(Object.fromEntries(streams.last.url.searchParams)).toMatchObject({
    tt: T1,
    tr: "12",
    "channel-group": "g",
    "filter-expr": "a == 1",
    lw: "1",
    uuid: "anna",
  });
  streams.last.frame(answerOf(T1));
  streams.last.frame(answerOf(T2, [itemOf("room", 1), itemOf("room", 2)]));
  await turn();
  streams.last.frame(answerOf(T3, [itemOf("room", 3)]));
  await turn();
  expect(messages.map(({ message }) => message)).toEqual([1, 2, 3]);
  expect([streams.opened.length, pollsOf(hands), categories()]).toEqual([1, 1, ["PNConnectedCategory"]]);
});

const POLLED: Readonly<Record<string, readonly [Partial<PubNubOptions>, object]>> = {
  "the network does not offer one": [{}, {}],
  "the network says no": [{}, { lw: { ws: false } }],
  "long polls are asked for": [{ transport: "long-poll" }, OFFER],
};
for (const [why, [options, more]] of Object.entries(POLLED)) {
  test(`[SDK41] no WebSocket is opened where ${why}`, async () => {
    const hands = await greeted(options, more);
    expect([hands.streams.opened.length, hands.network.poll.query["tt"]]).toEqual([0, T1]);
  });
}

test("[SDK41] another mix closes it, asks, and opens another at the kept cursor", async () => {
  const { client, streams, network } = await greeted();
  streams.last.frame(answerOf(T2, [itemOf("room", 1)]));
  await turn();
  client.subscribe({ channels: ["lobby"] });
  expect(streams.last.isClosed).toBe(true);
  await turn();
  network.poll.answer(answerOf(T3, [], OFFER));
  await turn();
  expect(streams.last.url.pathname).toBe("/v2/subscribe/sub-key/lobby,room/0");
  expect(streams.last.url.searchParams.get("tt")).toBe(T2);
});

test("[SDK41] disconnect and destroy close it, and what it says afterwards reaches nobody", async () => {
  for (const end of ["disconnect", "destroy", "unsubscribeAll"] as const) {
    const { client, streams, messages } = await greeted();
    client[end]();
    expect(streams.last.isClosed).toBe(true);
    streams.last.frame(answerOf(T2, [itemOf("room", 1)]));
    streams.last.end();
    await turn();
    expect([messages.length, streams.opened.length]).toEqual([0, 1]);
  }
});

test("[SDK13 SDK41] one that breaks is a loss like any other, and the next one goes on from the cursor", async () => {
  const { streams, network, time, categories } = await greeted();
  streams.last.frame(answerOf(T2));
  await turn();
  streams.last.end();
  await turn();
  expect(categories()).toEqual(["PNConnectedCategory", "PNUnexpectedDisconnectCategory"]);
  await time.pass(2_000);
  network.poll.answer(answerOf(T3, [], OFFER));
  await turn();
  expect([streams.opened.length, streams.last.url.searchParams.get("tt")]).toEqual([2, T2]);
  streams.last.frame(answerOf(T3));
  await turn();
  await time.pass(SETTLED_MS);
  streams.last.end();
  await turn();
  network.poll.answer(answerOf(T3, [], OFFER));
  await turn();
  expect(streams.opened).toHaveLength(3);
  expect(categories()).toEqual(["PNConnectedCategory", "PNUnexpectedDisconnectCategory", "PNReconnectedCategory"]);
});

test("[SDK41] one that was offered and does not get through makes the client poll, and nothing is told", async () => {
  const hands = await greeted();
  hands.streams.last.end();
  await turn();
  expect(hands.network.poll.query["tt"]).toBe(T1);
  hands.network.poll.answer(answerOf(T2, [itemOf("room", 1)]));
  await turn();
  expect([hands.streams.opened.length, hands.messages.length, hands.categories().length]).toEqual([1, 1, 1]);
});

test("[SDK41] one that is never answered makes the client poll as well", async () => {
  const hands = await greeted();
  await hands.time.pass(15_000);
  expect([hands.streams.last.isClosed, hands.network.poll.query["tt"]]).toEqual([true, T1]);
});

test("[SDK41] a silent one is asked for a sign of life, and given up without one", async () => {
  const { streams, network, time, categories } = await greeted();
  streams.last.frame(answerOf(T1));
  await turn();
  for (let rounds = 0; rounds < 3; rounds++) {
    await time.pass(SILENCE_MS);
    expect(streams.last.sent).toHaveLength(rounds + 1);
    streams.last.frame(answerOf(T1));
    await turn();
  }
  expect(streams.last.sent[0]).toBe('{"subscribe":{}}');
  await time.pass(SILENCE_MS);
  await time.pass(15_000);
  expect([streams.last.isClosed, network.poll.query["tt"]]).toEqual([true, "0"]);
  network.poll.answer(answerOf(T3, [], OFFER));
  await turn();
  expect([streams.opened.length, categories()]).toEqual([2, ["PNConnectedCategory"]]);
});

test("[SDK14 SDK41] a refusal over it is a refusal", async () => {
  const { streams, statuses } = await greeted();
  streams.last.frame('{"subscribe":{"message":"Forbidden","error":true,"status":403},"status":403}');
  await turn();
  expect(statuses.at(-1)).toMatchObject({ category: "PNAccessDeniedCategory", statusCode: 403 });
  expect(String(statuses.at(-1)?.errorData)).toContain('403 "Forbidden"');
});

test("[SDK13 SDK41] a frame that is something else counts as lost", async () => {
  const { streams, statuses } = await greeted();
  streams.last.frame("hello");
  await turn();
  expect(statuses.at(-1)?.category).toBe("PNMalformedResponseCategory");
});

test("[SDK41] with transport: websocket a network without is refused, and one that breaks is no reason to poll", async () => {
  const refused = await greeted({ transport: "websocket" }, {});
  expect(refused.statuses.at(-1)).toMatchObject({ category: "PNValidationErrorCategory", error: true });
  expect(String(refused.statuses.at(-1)?.errorData)).toMatch(
    /the network offers no WebSocket; set transport to "auto"/,
  );
  const broken = await greeted({ transport: "websocket", retryConfiguration: PubNub.NoneRetryPolicy() });
  broken.streams.last.end();
  await turn();
  expect([pollsOf(broken), broken.categories().at(-1)]).toEqual([1, "PNUnexpectedDisconnectCategory"]);
});

test("[SDK42] messages that are gone are told by a status with their channel and range, over either transport", async () => {
  const gap = [{ channel: "room", from: T1, to: T2 }];
  const missed = { category: "PNMessagesMissedCategory", operation: "PNSubscribeOperation", error: true, gaps: gap };
  const pushed = await greeted();
  pushed.streams.last.frame(answerOf(T2, [itemOf("room", 1)], { gap }));
  await turn();
  expect(pushed.statuses.at(-1)).toMatchObject({ ...missed, currentTimetoken: T1 });
  const polled = await greeted({ transport: "long-poll" });
  polled.network.poll.answer(answerOf(T2, [itemOf("room", 1)], { gap }));
  await turn();
  expect(polled.statuses.at(-1)).toMatchObject(missed);
  expect([pushed.messages.length, polled.messages.length]).toEqual([1, 1]);
});
