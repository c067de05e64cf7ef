import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, turn } from "../by-hand.ts";
import { PubNub } from "../pubnub.ts";

const SENT = '[1,"Sent","17326051234567890"]';
const OURS = '[17326051234567890,{"ws":true,"sse":true,"idem":true}]';
const linear = { retryConfiguration: PubNub.LinearRetryPolicy({ delay: 2, maximumRetry: 100 }) } as const;

/** A call under way: what became of it, once something did. */
function publishing(by: ClientByHand, more: object = {}): { outcome: unknown } {
  const told: { outcome: unknown } = { outcome: "none yet" };
  by.client.publish({ channel: "room", message: "hi", ...more }).then(
    ({ timetoken }) => (told.outcome = timetoken),
    (failure: unknown) => (told.outcome = failure),
  );
  return told;
}

const idsOf = ({ network }: ClientByHand): readonly (string | undefined)[] =>
  network.requests.filter(({ path }) => path.startsWith("/publish/")).map(({ query }) => query["lw_id"]);

test("[SDK70] publishes and signals carry ids, no two the same; the application's own counts; fires and clients without a policy carry none", async () => {
  const by = clientByHand(linear);
  for (let times = 0; times < 3; times++) publishing(by);
  publishing(by, { publishId: "order-7" });
  await turn();
  const [first, second, third, own] = idsOf(by);
  for (const id of [first, second, third]) expect(id).toMatch(/^[\w-]{22}$/);
  expect(new Set([first, second, third]).size).toBe(3);
  expect(own).toBe("order-7");
  void by.client.signal({ channel: "room", message: 1 }).catch(() => {});
  await turn();
  expect(by.network.last.query["lw_id"]).toMatch(/^[\w-]{22}$/);
  void by.client.fire({ channel: "room", message: 1 }).catch(() => {});
  await turn();
  expect(by.network.last.query["lw_id"]).toBeUndefined();
  const none = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
  publishing(none);
  publishing(none, { publishId: "order-7" });
  await turn();
  expect(idsOf(none)).toEqual([undefined, "order-7"]);
});

test("[SDK71 SDK72] without an answer the network is asked whether it knows ids, and then sent the same again", async () => {
  for (const fail of [
    ({ network }: ClientByHand) => network.last.fail("network", "ECONNRESET"),
    ({ network }: ClientByHand) => network.last.fail("timeout"),
    ({ network }: ClientByHand) => network.last.answer('{"error":true}', 503),
  ]) {
    const by = clientByHand(linear);
    const told = publishing(by);
    await turn();
    const { url } = by.network.last;
    fail(by);
    await turn();
    await by.time.pass(1_999);
    expect(by.network.requests).toHaveLength(1);
    await by.time.pass(1);
    expect([by.network.last.path, by.network.last.query["lw"]]).toEqual(["/time/0", "1"]);
    by.network.last.answer(OURS);
    await turn();
    expect(by.network.last.url).toBe(url);
    fail(by);
    await turn();
    await by.time.pass(2_000); // it is asked no second time
    expect(by.network.requests).toHaveLength(4);
    expect(by.network.last.url).toBe(url);
    by.network.last.answer(SENT);
    await turn();
    expect(told.outcome).toBe("17326051234567890");
    expect(by.time.waiting).toBe(0);
  }
});

for (const [what, time] of Object.entries({
  "does not know ids": "[17326051234567890]",
  "says something else": '[17326051234567890,{"idem":"yes"}]',
  "is no network": "<html>",
})) {
  test(`[SDK72] a network that ${what} is not sent the same again`, async () => {
    const by = clientByHand(linear);
    const told = publishing(by);
    await turn();
    by.network.last.fail("network");
    await turn();
    await by.time.pass(2_000);
    by.network.last.answer(time);
    await turn();
    expect(told.outcome).toMatchObject({ category: "PNNetworkIssuesCategory", operation: "PNPublishOperation" });
    const again = publishing(by);
    await turn();
    by.network.last.fail("network");
    await turn();
    await by.time.pass(2_000); // known by now
    expect(again.outcome).toMatchObject({ category: "PNNetworkIssuesCategory" });
    expect(by.network.requests).toHaveLength(3);
  });
}

test("[SDK72] what a handshake says counts, and spares the question", async () => {
  for (const [lw, isRepeated] of [
    [{ idem: true }, true],
    [undefined, false],
  ] as const) {
    const by = clientByHand({ ...linear, transport: "long-poll" });
    by.client.subscribe({ channels: ["room"] });
    await turn();
    by.network.poll.answer(answerOf("17326051234567890", [], lw === undefined ? {} : { lw }));
    await turn();
    const told = publishing(by);
    await turn();
    by.network.last.fail("network");
    await turn();
    await by.time.pass(2_000);
    expect(idsOf(by)).toHaveLength(isRepeated ? 2 : 1);
    expect(told.outcome === "none yet").toBe(isRepeated);
    by.client.destroy();
  }
});

test("[SDK71 SDK72] after 429 any network is sent the same again, when it has asked to", async () => {
  const by = clientByHand(linear);
  const told = publishing(by);
  await turn();
  by.network.last.answer('{"error":true}', 429, 5);
  await turn();
  await by.time.pass(4_999);
  expect(idsOf(by)).toHaveLength(1);
  await by.time.pass(1);
  expect(idsOf(by)).toHaveLength(2);
  expect(by.network.requests).toHaveLength(2);
  by.network.last.answer(SENT);
  await turn();
  expect(told.outcome).toBe("17326051234567890");
});

test("[SDK71] a refusal is the call's, at once", async () => {
  for (const status of [400, 403, 409, 413]) {
    const by = clientByHand(linear);
    const told = publishing(by);
    await turn();
    by.network.last.answer('[0,"no","17326051234567890"]', status);
    await turn();
    expect(told.outcome).toMatchObject({ status });
    expect(by.network.requests).toHaveLength(1);
  }
});

test("[SDK71 SDK72] while the network does not say whether it knows ids nothing is sent again; its pauses come to a minute", async () => {
  const by = clientByHand(linear);
  const told = publishing(by);
  await turn();
  let seconds = 0;
  for (; told.outcome === "none yet"; seconds += 2) {
    by.network.last.fail("network", "ECONNREFUSED");
    await turn();
    await by.time.pass(2_000);
  }
  expect(seconds).toBe(62);
  expect(told.outcome).toMatchObject({ category: "PNNetworkIssuesCategory" });
  expect(idsOf(by)).toHaveLength(1);
  expect(by.network.requests).toHaveLength(31);
});

test("[SDK72] a network that says late that it does not know ids gets the message once", async () => {
  for (const [time, sent] of [
    ["[17326051234567890]", 1],
    [OURS, 2],
  ] as const) {
    const by = clientByHand(linear);
    publishing(by);
    await turn();
    by.network.last.fail("timeout");
    await turn();
    await by.time.pass(2_000);
    by.network.last.fail("network");
    await turn();
    await by.time.pass(2_000);
    by.network.last.answer(time);
    await turn();
    expect(idsOf(by)).toHaveLength(sent);
  }
});

test("[SDK71] the policy's number of attempts ends it too", async () => {
  const by = clientByHand({ retryConfiguration: PubNub.LinearRetryPolicy({ delay: 2, maximumRetry: 1 }) });
  const told = publishing(by);
  await turn();
  by.network.last.answer("{}", 429);
  await turn();
  await by.time.pass(2_000);
  by.network.last.answer("{}", 429);
  await turn();
  expect(told.outcome).toMatchObject({ status: 429 });
});

test("[SDK71] its signal ends it in a pause, and while it is sent", async () => {
  const by = clientByHand(linear);
  const first = new AbortController();
  const paused = publishing(by, { signal: first.signal });
  await turn();
  by.network.last.answer("{}", 503);
  await turn();
  expect(by.time.waiting).toBe(1);
  first.abort();
  await turn();
  expect(paused.outcome).toMatchObject({ category: "PNCancelledCategory" });
  expect(by.time.waiting).toBe(0);
  const second = new AbortController();
  const sending = publishing(by, { signal: second.signal });
  await turn();
  second.abort();
  await turn();
  expect(sending.outcome).toMatchObject({ category: "PNCancelledCategory" });
  expect(by.network.requests).toHaveLength(2);
});
