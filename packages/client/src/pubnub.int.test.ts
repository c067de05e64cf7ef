import { afterAll, beforeAll, expect, test } from "bun:test";
import { ManualClock, type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import {
  Longwave,
  type MessageEvent,
  type OpenStream,
  PNConfiguration,
  PubNub,
  type PubNubOptions,
  type SignalEvent,
  type Transport,
  TransportFailure,
  runtimeTimers,
} from "./index.ts";
import { fetchTransport } from "./transport/fetch.ts";
import { runtimeStreams } from "./transport/stream.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

/** A client of the network with all that it was told, which ends with its test. */
function clientOf(options: Partial<PubNubOptions> = {}, parts: ConstructorParameters<typeof PubNub>[1] = {}) {
  const keys = { subscribeKey: "demo", publishKey: "demo", userId: "anna", origin: network.url };
  const client = new PubNub({ ...keys, ...options }, parts);
  const messages: MessageEvent[] = [];
  const signals: SignalEvent[] = [];
  const categories: string[] = [];
  let grown = Promise.withResolvers<void>();
  const told = (_event: unknown): void => {
    grown.resolve();
    grown = Promise.withResolvers<void>();
  };
  client.addListener({
    message: (event) => told(messages.push(event)),
    signal: (event) => told(signals.push(event)),
    status: ({ category }) => told(categories.push(category)),
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await grown.promise;
  };
  return { client, messages, signals, categories, until, [Symbol.dispose]: () => client.destroy() };
}

let channels = 0;
const freshChannel = (): string => `room-${(channels += 1)}`;

/** A client that is connected to channels. */
async function connected(
  names: readonly string[],
  options?: Partial<PubNubOptions>,
): Promise<ReturnType<typeof clientOf>> {
  const listening = clientOf(options);
  listening.client.subscribe({ channels: names });
  await listening.until(() => listening.categories.includes("PNConnectedCategory"));
  return listening;
}

test("[SDK9] the time is now, in 17 digits", async () => {
  using anna = clientOf();
  const { timetoken } = await anna.client.time();
  expect(timetoken).toMatch(/^\d{17}$/);
  expect(Math.abs(Number(BigInt(timetoken) / 10_000n) - Date.now())).toBeLessThan(60_000);
});

test("[SDK6 SDK7 SDK11 SDK17] what is published by GET, POST and in the large form is delivered, in order", async () => {
  const channel = freshChannel();
  using anna = await connected([channel]);
  const messages: readonly unknown[] = [
    { text: "hi", list: [1, -2.5, true, null], emoji: "🦊" },
    "a/b?c#d+e f%!~*'()",
    null,
    "!".repeat(12_000),
    "x".repeat(32_766),
    "é".repeat(100_000),
  ];
  const timetokens: string[] = [];
  for (const message of messages) timetokens.push((await anna.client.publish({ channel, message })).timetoken);
  timetokens.push((await anna.client.publish({ channel, message: 7, sendByPost: true, meta: { a: 1 } })).timetoken);
  await anna.until(() => anna.messages.length === messages.length + 1);
  expect(anna.messages.map(({ message }) => message)).toEqual([...messages, 7]);
  expect(anna.messages.map(({ timetoken }) => timetoken)).toEqual(timetokens);
  expect(anna.messages.at(-1)).toStrictEqual({
    channel,
    subscription: null,
    timetoken: timetokens.at(-1) ?? "",
    publisher: "anna",
    message: 7,
    userMetadata: { a: 1 },
  });
});

test("[SDK7 SDK17] signals come as signals, a fire comes to nobody, a wildcard is named", async () => {
  const group = freshChannel();
  using anna = await connected([`${group}.*`]);
  const channel = `${group}.x`;
  const parameters = { channel, message: "m", customMessageType: "mood" };
  await anna.client.fire({ channel, message: "nobody" });
  await anna.client.signal({ ...parameters, message: "s" });
  await anna.client.publish({ ...parameters, storeInHistory: true, ttl: 1 / 3 });
  await anna.until(() => anna.messages.length > 0 && anna.signals.length > 0);
  const facts = { channel, subscription: `${group}.*`, publisher: "anna", customMessageType: "mood" };
  expect(anna.signals).toEqual([{ ...facts, message: "s", timetoken: expect.any(String) }]);
  expect(anna.messages).toEqual([{ ...facts, message: "m", timetoken: expect.any(String) }]);
});

test("[SDK12] a second channel, subscribed late, misses nothing since the cursor", async () => {
  const [first, second] = [freshChannel(), freshChannel()];
  using anna = await connected([first]);
  await anna.client.publish({ channel: second, message: "before it was subscribed" });
  anna.client.subscribe({ channels: [second] });
  await anna.until(() => anna.messages.length === 1);
  expect(anna.messages[0]).toMatchObject({ channel: second, subscription: null, message: "before it was subscribed" });
});

test("[SDK12 SDK16] from an instant: everything after it; after disconnect and reconnect: what came meanwhile", async () => {
  const channel = freshChannel();
  using anna = clientOf();
  const { timetoken } = await anna.client.publish({ channel, message: 1 });
  await anna.client.publish({ channel, message: 2 });
  anna.client.subscribe({ channels: [channel], timetoken });
  await anna.until(() => anna.messages.length === 1);
  anna.client.disconnect();
  await anna.client.publish({ channel, message: 3 });
  anna.client.reconnect();
  await anna.until(() => anna.messages.length === 2);
  expect(anna.messages.map(({ message }) => message)).toEqual([2, 3]);
  expect(anna.categories).toEqual(["PNConnectedCategory", "PNDisconnectedCategory", "PNConnectedCategory"]);
});

/** A network that a test takes away: what is under way breaks, and what comes is refused. */
class Cable {
  #breakers = new Set<() => void>();
  #isPulled = false;

  pull(): void {
    this.#isPulled = true;
    for (const breakIt of Array.from(this.#breakers)) breakIt();
  }

  plugIn(): void {
    this.#isPulled = false;
  }

  readonly transport: Transport = async (request) => {
    const cut = new AbortController();
    const breakIt = (): void => cut.abort();
    if (this.#isPulled) throw new TransportFailure("network");
    this.#breakers.add(breakIt);
    try {
      const signal = request.signal === undefined ? cut.signal : AbortSignal.any([request.signal, cut.signal]);
      return await fetchTransport({ ...request, signal });
    } catch (failure) {
      throw cut.signal.aborted ? new TransportFailure("network") : failure;
    } finally {
      this.#breakers.delete(breakIt);
    }
  };

  readonly openStream: OpenStream = (url, listener) => {
    const stream = runtimeStreams()?.(url, listener);
    const breakIt = (): void => {
      this.#breakers.delete(breakIt);
      void stream?.close();
      listener.ended();
    };
    this.#breakers.add(breakIt);
    if (this.#isPulled) queueMicrotask(breakIt);
    return {
      send: (text) => stream?.send(text),
      close: () => (this.#breakers.delete(breakIt), stream?.close()),
    };
  };
}

for (const transport of ["websocket", "long-poll"] as const) {
  test(`[SDK13 SDK41] ${transport}: a network that is away for a while: nothing is lost, nothing comes twice`, async () => {
    const channel = freshChannel();
    const cable = new Cable();
    const soon = {
      after: (pauseMs: number, run: () => void) => runtimeTimers.after(pauseMs < 5_000 ? 5 : pauseMs, run),
    };
    const retryConfiguration = PubNub.LinearRetryPolicy({ delay: 2, maximumRetry: 1_000 });
    using anna = clientOf({ transport, retryConfiguration }, { ...cable, timers: soon });
    using bert = clientOf({ userId: "bert" });
    anna.client.subscribe({ channels: [channel] });
    await anna.until(() => anna.categories.length === 1);
    for (let message = 0; message < 20; message++) {
      if (message % 5 === 2) {
        cable.pull();
        await anna.until(() => anna.categories.at(-1) === "PNUnexpectedDisconnectCategory");
      }
      await bert.client.publish({ channel, message });
      if (message % 5 === 4) {
        cable.plugIn();
        await anna.until(() => anna.categories.at(-1) === "PNReconnectedCategory");
      }
    }
    await anna.until(() => anna.messages.length >= 20);
    expect(anna.messages.map(({ message }) => message)).toEqual(Array.from({ length: 20 }, (_, number) => number));
  });
}

test("[SDK41] over a WebSocket and by long poll the same messages come in the same order", async () => {
  const [first, second, group] = [freshChannel(), freshChannel(), freshChannel()];
  using bert = clientOf({ userId: "bert" });
  await bert.client.channelGroups.addChannels({ channelGroup: group, channels: [second] });
  const names = { channels: [first, `${first}.*`], channelGroups: [group] };
  using pushed = clientOf({ transport: "websocket" });
  using polled = clientOf({ transport: "long-poll" });
  for (const { client, until, categories } of [pushed, polled]) {
    client.subscribe(names);
    await until(() => categories.length === 1);
  }
  const sent = Array.from({ length: 300 }, (_, at) => ({
    channel: [first, `${first}.x`, second][at % 3] ?? "",
    message: at,
    meta: { at },
  }));
  for (let at = 0; at < sent.length; at += 20) {
    await Promise.all(sent.slice(at, at + 20).map((message) => bert.client.publish(message)));
  }
  for (const { messages, until } of [pushed, polled]) await until(() => messages.length === sent.length);
  expect(pushed.messages).toEqual(polled.messages);
});

test("[SDK41] where WebSockets are offered and do not get through, messages come by long poll", async () => {
  const channel = freshChannel();
  const openStream: OpenStream = (_, { ended }) => (queueMicrotask(ended), { send: () => {}, close: () => {} });
  using anna = clientOf({}, { openStream });
  anna.client.subscribe({ channels: [channel] });
  await anna.until(() => anna.categories.length === 1);
  await anna.client.publish({ channel, message: 1 });
  await anna.until(() => anna.messages.length === 1);
  expect(anna.categories).toEqual(["PNConnectedCategory"]);
});

test("[SDK42] messages that the network no longer has are told with their channel and range, over either transport", async () => {
  const clock = new ManualClock();
  const old = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
  await using _ = { [Symbol.asyncDispose]: () => old.stop() };
  for (const transport of ["websocket", "long-poll"] as const) {
    const channel = freshChannel();
    using anna = clientOf({ origin: old.url, transport });
    const { timetoken: from } = await anna.client.time();
    clock.advance(1);
    const { timetoken: to } = await anna.client.publish({ channel, message: "old", storeInHistory: false });
    clock.advance(1_500_000);
    const missed = new Promise((resolve) => {
      anna.client.addListener({ status: ({ gaps }) => gaps !== undefined && resolve(gaps) });
    });
    anna.client.subscribe({ channels: [channel], timetoken: from });
    expect(await missed).toEqual([{ channel, from, to }]);
    await anna.client.publish({ channel, message: "new" });
    await anna.until(() => anna.messages.length === 1);
    expect(anna.messages[0]?.message).toBe("new");
  }
});

test("[SDK43 SDK45] actions reach subscribers, and messages a loop that begins with the first of them", async () => {
  const channel = freshChannel();
  using anna = await connected([channel]);
  const { timetoken: messageTimetoken } = await anna.client.publish({ channel, message: 1 });
  await anna.client.publish({ channel, message: 2 });
  const heard = new Promise((resolve) => anna.client.addListener({ messageAction: resolve }));
  const action = { type: "reaction", value: "smile" };
  const { data } = await anna.client.addMessageAction({ channel, messageTimetoken, action });
  expect(await heard).toMatchObject({ channel, publisher: "anna", event: "added", ...data, data });
  using bert = clientOf({ userId: "bert" });
  const got: unknown[] = [];
  const from = (BigInt(messageTimetoken) - 1n).toString();
  for await (const { message } of bert.client.channel(channel).messages({ timetoken: from })) {
    if (got.push(message) === 2) break;
  }
  expect([got, bert.client.getSubscribedChannels()]).toEqual([[1, 2], []]);
});

test("[SDK14] an unknown subscribe key ends in PNBadRequestCategory", async () => {
  using anna = clientOf({ subscribeKey: "nobody" });
  anna.client.subscribe({ channels: ["room"] });
  await anna.until(() => anna.categories.length === 1);
  expect(anna.categories).toEqual(["PNBadRequestCategory"]);
});

test("[SDK4] what the network refuses is said in a sentence without the key", async () => {
  using anna = clientOf({ publishKey: "wrong-key" });
  const failure: unknown = await anna.client
    .publish({ channel: "room", message: 1 })
    .catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ category: "PNBadRequestCategory", status: 400, operation: "PNPublishOperation" });
  expect(String(failure)).toBe(
    'PubNubError: The network answered 400 "Invalid Key". Check the keys and the parameters.',
  );
  const signal: unknown = await anna.client.signal({ channel: "room", message: "x".repeat(63) }).catch(String);
  expect(signal).not.toContain("wrong-key");
});

test("[SDK24] a filter lets through what matches", async () => {
  const channel = freshChannel();
  using anna = await connected([channel], { filterExpression: "meta.lang == 'en'" });
  for (const lang of ["de", "en", "fr"]) await anna.client.publish({ channel, message: lang, meta: { lang } });
  await anna.client.publish({ channel, message: "end", meta: { lang: "en" } });
  await anna.until(() => anna.messages.length === 2);
  expect(anna.messages.map(({ message }) => message)).toEqual(["en", "end"]);
});

test("[SDK1] a PNConfiguration works as well, and Longwave is PubNub", async () => {
  expect(Longwave).toBe(PubNub);
  const configuration = new PNConfiguration();
  configuration.subscribeKey = "demo";
  configuration.publishKey = "demo";
  configuration.uuid = "anna";
  configuration.origin = new URL(network.url).host;
  expect(await new Longwave(configuration).publish({ channel: "room", message: 1 })).toEqual({
    timetoken: expect.stringMatching(/^\d{17}$/),
  });
});

test("[SDK16] after destroy nothing of the client is held by the network", async () => {
  const channel = freshChannel();
  for (const [transport, held] of [
    ["websocket", () => network.streams],
    ["long-poll", () => network.heldPolls],
  ] as const) {
    const anna = await connected([channel], { transport });
    expect(await becomes(held, 1)).toBe(1);
    anna.client.destroy();
    expect(await becomes(held, 0)).toBe(0);
  }
});

/** Asks for a value until it is what it should be, or does not become so. */
async function becomes(read: () => number, wanted: number): Promise<number> {
  for (let tries = 0; tries < 500 && read() !== wanted; tries++) await Bun.sleep(10);
  return read();
}
