import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, turn } from "../by-hand.ts";
import { PubNubError } from "../errors.ts";
import { PNConfiguration, PNHeartbeatNotificationOptions } from "../index.ts";

const T1 = "17000000000000001";
const DONE = '{"status":200,"message":"OK","service":"Presence"}';

/** The presence requests so far, as verb, names and groups. */
function presenceOf({ network }: ClientByHand): readonly string[] {
  return network.requests.flatMap(({ path, query }) => {
    const [, channels, verb] =
      /^\/v2\/presence\/sub-key\/sub-key\/channel\/([^/]+)\/(heartbeat|leave)$/.exec(path) ?? [];
    return verb === undefined ? [] : [[verb, channels, query["channel-group"]].filter(Boolean).join(" ")];
  });
}

const leavesOf = (hands: ClientByHand): readonly string[] =>
  presenceOf(hands).filter((request) => request.startsWith("leave"));

/** The heartbeat that came last. */
function beatOf({ network }: ClientByHand): ClientByHand["network"]["last"] {
  const beat = network.requests.findLast(({ path }) => path.endsWith("/heartbeat"));
  if (beat === undefined) throw new Error("no heartbeat has come");
  return beat;
}

/** A client that is connected. */
async function connected(
  options: Parameters<typeof clientByHand>[0],
  parameters: Parameters<ClientByHand["client"]["subscribe"]>[0] = { channels: ["room"] },
): Promise<ClientByHand> {
  const hands = clientByHand(options);
  hands.client.subscribe(parameters);
  await turn();
  if (hands.network.last.path === "/time/0") hands.network.last.answer(`[${T1}]`);
  await turn();
  hands.network.poll.answer(answerOf(T1));
  await turn();
  return hands;
}

test("[SDK36] with an interval: a heartbeat at once, then one each interval, of plain names", async () => {
  const hands = await connected(
    { heartbeatInterval: 10 },
    { channels: ["b", "a"], channelGroups: ["g"], withPresence: true },
  );
  const { client, network, time, statuses } = hands;
  expect(presenceOf(hands)).toEqual(["heartbeat a,b g"]);
  expect(beatOf(hands).query).toMatchObject({ heartbeat: "300" });
  beatOf(hands).answer(DONE);
  await turn();
  await time.pass(9_999);
  expect(presenceOf(hands)).toHaveLength(1);
  await time.pass(1);
  expect(presenceOf(hands)).toHaveLength(2);
  client.subscribe({ channels: ["c"] });
  client.subscribe({ channels: ["d"] });
  await turn();
  expect(presenceOf(hands).slice(2)).toEqual(["heartbeat a,b,c,d g"]);
  expect(network.poll.query["heartbeat"]).toBeUndefined();
  expect(statuses).toHaveLength(1);
});

test("[SDK36] without one: one heartbeat when something is subscribed and connected, and nothing is told of it", async () => {
  const quiet = clientByHand({});
  quiet.client.subscribe({ channels: ["room"] });
  await turn();
  expect(presenceOf(quiet)).toEqual([]);
  quiet.network.poll.answer(answerOf(T1));
  await turn();
  beatOf(quiet).answer("", 402);
  await quiet.time.pass(3_600_000);
  expect([presenceOf(quiet), quiet.categories()]).toEqual([["heartbeat room"], ["PNConnectedCategory"]]);
});

test("[SDK36] a timeout that was given goes with each subscribe request", async () => {
  const { network } = await connected({ presenceTimeout: 60 });
  const polls = network.requests.filter(({ path }) => path.startsWith("/v2/subscribe"));
  expect(polls.map(({ query }) => query["heartbeat"])).toEqual(["60", "60"]);
});

test("[SDK36] setHeartbeatInterval takes effect at once, also down to none", async () => {
  const hands = await connected({});
  beatOf(hands).answer(DONE);
  await turn();
  hands.client.setHeartbeatInterval(5);
  await turn();
  beatOf(hands).answer(DONE);
  await turn();
  await hands.time.pass(5_000);
  expect(presenceOf(hands)).toHaveLength(3);
  hands.client.setHeartbeatInterval(0);
  await turn();
  beatOf(hands).answer(DONE);
  await hands.time.pass(3_600_000);
  expect(presenceOf(hands)).toHaveLength(4);
  expect(() => hands.client.setHeartbeatInterval(0.5)).toThrow(PubNubError);
});

test("[SDK35] what is unsubscribed is left, by channels, groups, and all; companions are not", async () => {
  const hands = await connected({}, { channels: ["a", "b"], channelGroups: ["g", "h"], withPresence: true });
  beatOf(hands).answer(DONE);
  hands.client.unsubscribe({ channels: ["a", "unknown"], channelGroups: ["g"] });
  hands.client.unsubscribe({ channels: ["b-pnpres"] });
  hands.client.unsubscribeAll();
  hands.client.unsubscribeAll();
  await turn();
  expect(leavesOf(hands)).toEqual(["leave a g", "leave b h"]);
});

test("[SDK35] disconnect and destroy leave; reconnect beats again", async () => {
  const hands = await connected({ heartbeatInterval: 10 });
  beatOf(hands).answer(DONE);
  hands.client.disconnect();
  await hands.time.pass(60_000);
  expect(presenceOf(hands)).toEqual(["heartbeat room", "leave room"]);
  hands.client.reconnect();
  await turn();
  hands.network.poll.answer(answerOf(T1));
  await turn();
  expect(presenceOf(hands).slice(2)).toEqual(["heartbeat room"]);
  beatOf(hands).fail("network");
  hands.client.destroy();
  await hands.time.pass(60_000);
  expect(presenceOf(hands).slice(3)).toEqual(["leave room"]);
});

test("[SDK35] a leave follows the heartbeat and the WebSocket that were sent before it, and spares what has come back meanwhile", async () => {
  const hands = await connected({}, { channels: ["a", "b"] });
  hands.client.unsubscribe({ channels: ["a", "b"] });
  await turn();
  expect([beatOf(hands).isAborted, leavesOf(hands)]).toEqual([false, []]);
  hands.client.subscribe({ channels: ["b"] });
  beatOf(hands).fail("timeout");
  await turn();
  expect(leavesOf(hands)).toEqual(["leave a"]);
  hands.client.unsubscribe({ channels: ["b"] });
  hands.client.subscribe({ channels: ["b"] });
  await turn();
  expect(leavesOf(hands)).toEqual(["leave a"]);
  const opening = clientByHand({ transport: "websocket" });
  opening.client.subscribe({ channels: ["room"] });
  await turn();
  opening.network.poll.answer(answerOf(T1, [], { lw: { ws: true } }));
  await turn();
  beatOf(opening).answer(DONE);
  await turn();
  opening.client.unsubscribeAll();
  await turn();
  expect([opening.streams.last.isClosed, leavesOf(opening)]).toEqual([true, []]);
  opening.streams.last.end();
  await turn();
  expect(leavesOf(opening)).toEqual(["leave room"]);
});

test("[SDK35] with suppressLeaveEvents nothing is left", async () => {
  const hands = await connected({ suppressLeaveEvents: true }, { channels: ["a", "b"] });
  hands.client.unsubscribe({ channels: ["a"] });
  hands.client.disconnect();
  hands.client.destroy();
  await turn();
  expect(leavesOf(hands)).toEqual([]);
});

test("[SDK35] who goes before it is connected leaves too: the network may have heard of it already", async () => {
  const hands = clientByHand();
  hands.client.subscribe({ channels: ["a", "b"] });
  await turn();
  hands.client.unsubscribe({ channels: ["a"] });
  await turn();
  hands.client.unsubscribeAll();
  await turn();
  expect(presenceOf(hands)).toEqual(["leave a", "leave b"]);
  const stopped = clientByHand();
  stopped.client.subscribe({ channels: ["a"] });
  await turn();
  stopped.client.disconnect();
  stopped.client.destroy();
  await turn();
  expect(presenceOf(stopped)).toEqual(["leave a"]);
});

test("[SDK35] a leave that fails is nobody's concern", async () => {
  const hands = await connected({});
  hands.client.unsubscribeAll();
  await turn();
  hands.network.last.fail("network");
  await turn();
  expect([hands.categories(), hands.reported]).toEqual([["PNConnectedCategory", "PNDisconnectedCategory"], []]);
});

type Told = readonly [heartbeat: string, error: boolean, statusCode: number | undefined];
const SUCCESS: Told = ["PNAcknowledgmentCategory", false, 200];
const FAILURE: Told = ["PNServerErrorCategory", true, 503];
const OPTIONS: readonly (readonly [string, Parameters<typeof clientByHand>[0], readonly Told[]])[] = [
  ["by default", { heartbeatInterval: 10 }, [FAILURE]],
  ["ALL", classic(PNHeartbeatNotificationOptions.ALL), [SUCCESS, FAILURE]],
  ["FAILURES", classic(PNHeartbeatNotificationOptions.FAILURES), [FAILURE]],
  ["NONE", classic(PNHeartbeatNotificationOptions.NONE), []],
  ["announceSuccessfulHeartbeats", { heartbeatInterval: 10, announceSuccessfulHeartbeats: true }, [SUCCESS, FAILURE]],
  ["announceFailedHeartbeats: false", { heartbeatInterval: 10, announceFailedHeartbeats: false }, []],
];
function classic(option: PNConfiguration["heartbeatNotificationOptions"]): PNConfiguration {
  const configuration = new PNConfiguration();
  configuration.heartbeatInterval = 10;
  configuration.heartbeatNotificationOptions = option;
  return configuration;
}
for (const [name, options, told] of OPTIONS) {
  test(`[SDK37] heartbeats that are told, ${name}: ${told.length}, and the next one comes either way`, async () => {
    const hands = await connected(options);
    beatOf(hands).answer(DONE);
    await turn();
    await hands.time.pass(10_000);
    beatOf(hands).answer("", 503);
    await turn();
    await hands.time.pass(10_000);
    expect(presenceOf(hands)).toHaveLength(3);
    const heartbeats = hands.statuses.filter(({ operation }) => operation === "PNHeartbeatOperation");
    const heard = heartbeats.map(({ category, error, statusCode }): Told => [category, error, statusCode]);
    expect(heard).toEqual([...told]);
    for (const { affectedChannels } of heartbeats) expect(affectedChannels).toEqual(["room"]);
  });
}

test("[SDK37] a heartbeat that is refused is told, and ends them until something changes", async () => {
  const hands = await connected({ heartbeatInterval: 10 });
  beatOf(hands).answer("", 403);
  await hands.time.pass(3_600_000);
  expect(hands.categories()).toEqual(["PNConnectedCategory", "PNAccessDeniedCategory"]);
  expect(presenceOf(hands)).toHaveLength(1);
  hands.client.subscribe({ channels: ["lobby"] });
  await turn();
  expect(presenceOf(hands)).toEqual(["heartbeat room", "heartbeat lobby,room"]);
});

test("[SDK36] while the network is lost heartbeats rest, and come back with it", async () => {
  const hands = await connected({ heartbeatInterval: 10 });
  beatOf(hands).answer(DONE);
  await turn();
  hands.network.poll.answer("", 503);
  await turn();
  await hands.time.pass(2_000);
  await hands.time.pass(60_000);
  expect(presenceOf(hands)).toHaveLength(1);
  hands.network.poll.answer(answerOf(T1));
  await turn();
  expect(presenceOf(hands)).toHaveLength(2);
  expect(hands.categories()).toEqual(["PNConnectedCategory", "PNUnknownCategory", "PNReconnectedCategory"]);
});

/** A client that is connected and has a state. */
async function withState(options: Parameters<typeof clientByHand>[0]): Promise<ClientByHand> {
  const hands = await connected(options, { channels: ["a", "b"], channelGroups: ["g"] });
  for (const parameters of [
    { channels: ["a"], channelGroups: ["g"] },
    { channels: ["b"], uuid: "bert" },
  ]) {
    const result = hands.client.setState({ ...parameters, state: { mood: "fine" } });
    await turn();
    hands.network.last.answer('{"status":200,"payload":{"mood":"fine"}}');
    await result;
  }
  return hands;
}

test("[SDK37] the states that this client set go with handshakes and heartbeats, until their names are left", async () => {
  const hands = await withState({ heartbeatInterval: 10 });
  hands.client.subscribe({ channels: ["c"] });
  await turn();
  const kept = JSON.stringify({ a: { mood: "fine" }, g: { mood: "fine" } });
  expect([hands.network.poll.query["state"], beatOf(hands).query["state"]]).toEqual([kept, kept]);
  hands.network.poll.answer(answerOf(T1));
  await turn();
  expect(hands.network.poll.query["state"]).toBeUndefined();
  hands.client.unsubscribe({ channels: ["a"] });
  hands.client.subscribe({ channels: ["a"] });
  await turn();
  expect(beatOf(hands).query["state"]).toBe(JSON.stringify({ g: { mood: "fine" } }));
  const cleared = hands.client.setState({ channelGroups: ["g"], state: {} });
  await turn();
  hands.network.last.answer('{"status":200,"payload":{}}');
  await cleared;
  hands.client.reconnect();
  await turn();
  expect(hands.network.poll.query["state"]).toBeUndefined();
});

test("[SDK37] a state that no address holds beside the names goes with heartbeats alone", async () => {
  const names = Array.from({ length: 340 }, (_, number) => `${"x".repeat(80)}-${number}`);
  const hands = await connected({ heartbeatInterval: 10 }, { channels: names });
  const result = hands.client.setState({ channels: names.slice(0, 1), state: { text: "y".repeat(3_500) } });
  await turn();
  hands.network.last.answer('{"status":200,"payload":{}}');
  await result;
  hands.client.reconnect();
  await turn();
  expect([hands.network.poll.query["tt"], hands.network.poll.query["state"]]).toEqual(["0", undefined]);
});

test("[SDK37] with maintainPresenceState: false no state is kept", async () => {
  const hands = await withState({ maintainPresenceState: false });
  hands.client.reconnect();
  await turn();
  expect(hands.network.poll.query["state"]).toBeUndefined();
});
