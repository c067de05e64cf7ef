import { afterAll, beforeAll, expect, test } from "bun:test";
import { ManualClock, type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { TimeByHand } from "../by-hand.ts";
import { type MessageEvent, type PresenceEvent, PubNub, type PubNubOptions, type PubNubParts } from "../index.ts";

let network: Network;
let clock: ManualClock;
beforeAll(async () => {
  clock = new ManualClock();
  network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
});
afterAll(() => network.stop());

/** A client of the network with all that it was told, which ends with its test. */
function clientOf(userId: string, options: Partial<PubNubOptions> = {}, parts: PubNubParts = {}) {
  const keys = { subscribeKey: "demo", publishKey: "demo", userId, origin: network.url };
  const client = new PubNub({ ...keys, ...options }, parts);
  const messages: MessageEvent[] = [];
  const presence: PresenceEvent[] = [];
  const categories: string[] = [];
  let grown = Promise.withResolvers<void>();
  const told = (_event: unknown): void => {
    grown.resolve();
    grown = Promise.withResolvers<void>();
  };
  client.addListener({
    message: (event) => told(messages.push(event)),
    presence: (event) => told(presence.push(event)),
    status: ({ category }) => told(categories.push(category)),
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await grown.promise;
  };
  const connected = (): Promise<void> => until(() => categories.includes("PNConnectedCategory"));
  return { client, messages, presence, categories, until, connected, [Symbol.dispose]: () => client.destroy() };
}

let names = 0;
const fresh = (what: string): string => `${what}-${(names += 1)}`;

/** Waits until the network says who is on a channel. */
async function untilHere(client: PubNub, channel: string, uuids: readonly string[]): Promise<readonly string[]> {
  for (let tries = 0; ; tries++) {
    const { channels } = await client.hereNow({ channels: [channel] });
    const here = (channels[channel]?.occupants ?? []).map(({ uuid }) => uuid).toSorted();
    if (here.join() === uuids.join() || tries === 500) return here;
    await Bun.sleep(10);
  }
}

test("[SDK35] a group delivers what is published on its members, also those that join it meanwhile", async () => {
  const [group, first, second] = [fresh("group"), fresh("first"), fresh("second")];
  using anna = clientOf("anna");
  await anna.client.channelGroups.addChannels({ channelGroup: group, channels: [first] });
  anna.client.subscribe({ channelGroups: [group] });
  await anna.connected();
  await anna.client.publish({ channel: first, message: 1 });
  await anna.until(() => anna.messages.length === 1);
  await anna.client.channelGroups.addChannels({ channelGroup: group, channels: [second] });
  await anna.client.publish({ channel: second, message: 2 });
  await anna.until(() => anna.messages.length === 2);
  expect(anna.messages).toMatchObject([
    { channel: first, subscription: group, message: 1 },
    { channel: second, subscription: group, message: 2 },
  ]);
});

test("[SDK22 SDK35] who subscribes is seen to join, and to leave when unsubscribing", async () => {
  const room = fresh("room");
  using anna = clientOf("anna");
  using bert = clientOf("bert");
  anna.client.subscribe({ channels: [room], withPresence: true });
  await anna.connected();
  bert.client.subscribe({ channels: [room] });
  await bert.connected();
  const seen = (action: string): boolean =>
    anna.presence.some((event) => event.action === action && event.uuid === "bert");
  await anna.until(() => seen("join"));
  bert.client.unsubscribe({ channels: [room] });
  await anna.until(() => seen("leave"));
  expect(await untilHere(anna.client, room, ["anna"])).toEqual(["anna"]);
});

test("[SDK35] with suppressLeaveEvents nobody is seen to leave", async () => {
  const room = fresh("room");
  using anna = clientOf("anna");
  const bert = clientOf("bert", { suppressLeaveEvents: true });
  bert.client.subscribe({ channels: [room] });
  await bert.connected();
  bert.client.destroy();
  await anna.client.time();
  expect(await untilHere(anna.client, room, ["bert"])).toEqual(["bert"]);
});

test("[SDK36 SDK37] heartbeats keep a client present beyond its timeout, with its state; without them it times out", async () => {
  const room = fresh("room");
  const time = new TimeByHand();
  const settings = { presenceTimeout: 20, announceSuccessfulHeartbeats: true, suppressLeaveEvents: true };
  using anna = clientOf("anna");
  using bert = clientOf("bert", settings, { timers: time });
  const beats = (): number => bert.categories.filter((category) => category === "PNAcknowledgmentCategory").length;
  bert.client.subscribe({ channels: [room] });
  await bert.until(() => beats() === 1);
  await bert.client.setState({ channels: [room], state: { mood: "fine" } });
  for (let round = 2; round <= 5; round++) {
    clock.advance(9_000);
    await time.pass(9_000);
    await bert.until(() => beats() === round);
  }
  const here = await anna.client.hereNow({ channels: [room], includeState: true });
  expect(here.channels[room]?.occupants).toEqual([{ uuid: "bert", state: { mood: "fine" } }]);
  clock.advance(22_000);
  expect(await untilHere(anna.client, room, [])).toEqual([]);
});

test("[SDK38] connectTimeout: an address that does not answer is told as a timeout", async () => {
  using silence = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const origin = `http://127.0.0.1:${silence.port}`;
  using anna = clientOf("anna", { origin, connectTimeout: 0.1, retryConfiguration: PubNub.NoneRetryPolicy() });
  anna.client.subscribe({ channels: ["room"] });
  await anna.until(() => anna.categories.length > 0);
  expect(anna.categories).toEqual(["PNTimeoutCategory"]);
});
