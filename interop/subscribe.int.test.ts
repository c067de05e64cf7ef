import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { GRACE_MS, hasStatus, listenTo, subscribe } from "./inbox.ts";
import { createClient, failureOf } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const BURST = 1_000;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

test("[IOP3] two channels and a wildcard: channel and subscription are right for each message", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["one", "two", "rooms.*"] });
  for (const channel of ["one", "two", "rooms.a", "rooms.b.c", "rooms", "three", "one"]) {
    await publisher.publish({ channel, message: `to ${channel}` });
  }
  await inbox.settled(5);
  const shown = inbox.messages.map(({ channel, subscription, actualChannel, subscribedChannel, message }) => {
    return { message, channel, subscription, actualChannel, subscribedChannel };
  });
  const plain = (channel: string) => ({ channel, subscription: null, actualChannel: null, subscribedChannel: channel });
  const matched = (channel: string) => ({
    channel,
    subscription: "rooms.*",
    actualChannel: channel,
    subscribedChannel: "rooms.*",
  });
  expect(shown).toEqual([
    { message: "to one", ...plain("one") },
    { message: "to two", ...plain("two") },
    { message: "to rooms.a", ...matched("rooms.a") },
    { message: "to rooms.b.c", ...matched("rooms.b.c") },
    { message: "to one", ...plain("one") },
  ]);
});

test("[IOP3] a wildcard alone", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["alone.*"] });
  await publisher.publish({ channel: "alone.a", message: 1 });
  await publisher.signal({ channel: "alone.b", message: "s" });
  await inbox.until("the signal", ({ signals }) => signals.length === 1);
  expect(inbox.messages).toMatchObject([{ channel: "alone.a", subscription: "alone.*", actualChannel: "alone.a" }]);
  expect(inbox.signals).toMatchObject([{ channel: "alone.b", subscription: "alone.*" }]);
});

test("[IOP3] channels are added to a subscription while it is polling", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["added-1"] });
  inbox.client.subscribe({ channels: ["added-2"] });
  await publisher.publish({ channel: "added-1", message: 1 });
  await Bun.sleep(GRACE_MS);
  await publisher.publish({ channel: "added-2", message: 2 });
  expect(await inbox.settled(2)).toEqual([1, 2]);
});

test("[IOP4] signals arrive as signals, and messages as messages", async () => {
  using publisher = createClient(network.url, { userId: "anna" });
  using inbox = await subscribe(network.url, { channels: ["signals"] });
  const typing = { typing: true, who: "ä" };
  const { timetoken } = await publisher.signal({ channel: "signals", message: typing });
  await publisher.publish({ channel: "signals", message: "a message" });
  await publisher.signal({ channel: "signals", message: "x".repeat(62) });
  await inbox.until("both signals", ({ signals }) => signals.length === 2);
  expect(inbox.payloads()).toEqual(["a message"]);
  expect(inbox.signals).toMatchObject([
    { channel: "signals", publisher: "anna", message: typing, timetoken },
    { message: "x".repeat(62) },
  ]);
});

test("[IOP5] a client that subscribes from an old timetoken catches up, and goes on", async () => {
  using publisher = createClient(network.url);
  const sent: string[] = [];
  for (const message of numbers(250)) sent.push((await publisher.publish({ channel: "old", message })).timetoken);
  using inbox = listenTo(network.url, { channels: ["old", "other"], timetoken: sent[9] ?? "" });
  await inbox.settled(240);
  await publisher.publish({ channel: "old", message: 251 });
  expect(await inbox.settled(241)).toEqual(numbers(251).slice(10));
  expect(inbox.messages.map(({ timetoken }) => timetoken).slice(0, 240)).toEqual(sent.slice(10));
});

test(`[IOP6] ${BURST} publishes, one after another, arrive in order`, async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["burst"] });
  for (const message of numbers(BURST)) await publisher.publish({ channel: "burst", message });
  expect(await inbox.settled(BURST)).toEqual(numbers(BURST));
});

test(`[IOP6] ${BURST} publishes together arrive once each, in timetoken order`, async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["together"] });
  const sent = await Promise.all(
    numbers(BURST).map(async (message) => {
      const { timetoken } = await publisher.publish({ channel: "together", message, sendByPost: message % 2 === 0 });
      return { message, timetoken };
    }),
  );
  await inbox.settled(BURST);
  const expected = sent.toSorted((a, b) => (a.timetoken < b.timetoken ? -1 : 1));
  expect(inbox.messages.map(({ message, timetoken }) => ({ message, timetoken }))).toEqual(expected as never);
});

test("[IOP7] after unsubscribing nothing more arrives, and what is left goes on", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["left", "kept", "left.*"] });
  await publisher.publish({ channel: "left", message: "before" });
  await inbox.settled(1);
  inbox.client.unsubscribe({ channels: ["left", "left.*"] });
  await Bun.sleep(GRACE_MS);
  for (const channel of ["left", "left.a", "kept"]) await publisher.publish({ channel, message: `after, ${channel}` });
  expect(await inbox.settled(2)).toEqual(["before", "after, kept"]);
  inbox.client.unsubscribeAll();
  await Bun.sleep(GRACE_MS);
  await publisher.publish({ channel: "kept", message: "to nobody" });
  await Bun.sleep(GRACE_MS);
  expect(inbox.messages).toHaveLength(2);
});

test("[IOP7] a client that has left comes back to the same channel", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["again"] });
  inbox.client.unsubscribeAll();
  await Bun.sleep(GRACE_MS);
  inbox.client.subscribe({ channels: ["again"] });
  await inbox.until("connected again", ({ statuses }) => connections(statuses) === 2);
  await publisher.publish({ channel: "again", message: "welcome" });
  expect(await inbox.settled(1)).toEqual(["welcome"]);
});

const connections = (statuses: readonly { readonly category?: string }[]): number =>
  statuses.filter(({ category }) => category === "PNConnectedCategory").length;

test("[IOP8] polls that end empty, over and over, lose nothing and are not reported", async () => {
  const impatient = await startQuietly({ holdSeconds: 1 });
  try {
    using publisher = createClient(impatient.url);
    using inbox = await subscribe(impatient.url, { channels: ["quiet"] });
    for (const message of [1, 2, 3]) {
      await Bun.sleep(1_000); // longer than a poll is held, so that at least two of them end empty
      await publisher.publish({ channel: "quiet", message });
    }
    expect(await inbox.settled(3)).toEqual([1, 2, 3]);
    expect(inbox.statuses).toMatchObject([{ category: "PNConnectedCategory" }]);
  } finally {
    await impatient.stop();
  }
});

const REFUSED_CHANNELS = ["a/b", "a b", "a,b", "a\\b", "x".repeat(93), "a-pnpres"];

for (const channel of REFUSED_CHANNELS) {
  test(`[IOP9] publishing to "${channel.slice(0, 20)}" fails with status 400, and the client goes on`, async () => {
    using client = createClient(network.url);
    expect(await failureOf(client.publish({ channel, message: 1 }))).toMatchObject({
      error: true,
      statusCode: 400,
      operation: "PNPublishOperation",
      category: "PNBadRequestCategory",
    });
    expect((await client.publish({ channel: "fine", message: 1 })).timetoken).toMatch(/^\d{17}$/);
  });
}

test("[IOP9] wrong keys are a bad request with our message, to publish, signal and subscribe", async () => {
  const bad = { error: true, statusCode: 400, category: "PNBadRequestCategory" };
  using strange = createClient(network.url, { publishKey: "wrong" });
  expect(await failureOf(strange.publish({ channel: "keys", message: 1 }))).toMatchObject({
    ...bad,
    errorData: [0, "Invalid Key", expect.any(String)],
  });
  using stranger = createClient(network.url, { subscribeKey: "wrong" });
  for (const call of [
    stranger.publish({ channel: "keys", message: 1 }),
    stranger.signal({ channel: "keys", message: 1 }),
  ]) {
    expect(await failureOf(call)).toMatchObject({ ...bad, errorData: { message: "Invalid Subscribe Key" } });
  }
  using inbox = listenTo(network.url, { channels: ["keys"] }, { subscribeKey: "wrong" });
  await inbox.until("a bad request", hasStatus("PNBadRequestCategory"));
  await Bun.sleep(GRACE_MS);
  expect(inbox.statuses).toMatchObject([{ ...bad, operation: "PNSubscribeOperation" }]); // it does not try again and again
});

test("[IOP9] a signal that is too large", async () => {
  using client = createClient(network.url);
  const status = await failureOf(client.signal({ channel: "signals", message: "x".repeat(63) }));
  expect(status).toMatchObject({
    error: true,
    statusCode: 400,
    operation: "PNSignalOperation",
    errorData: [0, "Signal size too large", expect.any(String)],
  });
});

test("[IOP11] the time is what the clock says", async () => {
  using client = createClient(network.url);
  const before = Date.now();
  const { timetoken } = await client.time();
  const ms = Number(timetoken) / 10_000;
  expect(ms).toBeGreaterThanOrEqual(before - 2); // the client rounds it to a double
  expect(ms).toBeLessThanOrEqual(Date.now() + 2);
});
