import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "../by-hand.ts";
import { PubNubError } from "../errors.ts";
import type { Subscription } from "./subscription.ts";

const T1 = "17000000000000001";

/** Answers what was asked last, with messages `channel` or `channel under match`. */
async function answer({ network }: ClientByHand, ...messages: readonly string[]): Promise<void> {
  await turn();
  const items = messages.map((message) => {
    const [channel = "", match = channel] = message.split(" under ");
    return itemOf(channel, message, { b: match });
  });
  network.poll.answer(answerOf(T1, items));
  await turn();
}

/** The messages that a subscription receives. */
function heard(subscription: Subscription): unknown[] {
  const messages: unknown[] = [];
  subscription.onMessage = ({ message }) => void messages.push(message);
  return messages;
}

test("[SDK44] each subscription receives what comes under its names, the client everything", async () => {
  const hands = clientByHand();
  const [a, group, wild] = [hands.client.channel("a"), hands.client.channelGroup("g"), hands.client.channel("n.*")];
  const subscriptions = [a, group, wild].map((entity) => entity.subscription());
  const got = subscriptions.map(heard);
  for (const subscription of subscriptions) subscription.subscribe();
  subscriptions[0]?.subscribe();
  await answer(hands);
  expect(hands.network.poll.path).toBe("/v2/subscribe/sub-key/a,n.%2A/0");
  await answer(hands, "a", "x under g", "a under g", "n.x under n.*");
  expect(got).toEqual([["a"], ["x under g", "a under g"], ["n.x under n.*"]]);
  expect(hands.messages).toHaveLength(4);
});

test("[SDK44] a name is subscribed while somebody wants it: a subscription, another one, the client itself", async () => {
  const { client } = clientByHand();
  const [one, two] = [client.channel("a").subscription(), client.channel("a").subscription()];
  one.subscribe();
  two.subscribe();
  client.subscribe({ channels: ["a", "b"] });
  one.unsubscribe();
  one.unsubscribe();
  client.unsubscribe({ channels: ["a", "b"] });
  expect(client.getSubscribedChannels()).toEqual(["a"]);
  two.unsubscribe();
  expect(client.getSubscribedChannels()).toEqual([]);
  one.subscribe();
  client.subscribe({ channels: ["a"] });
  one.unsubscribe();
  expect(client.getSubscribedChannels()).toEqual(["a"]);
});

test("[SDK44] subscribing to what is subscribed asks nothing, but from an instant", async () => {
  const hands = clientByHand();
  hands.client.subscribe({ channels: ["a"] });
  await answer(hands);
  const before = hands.network.asked.length;
  hands.client.channel("a").subscription().subscribe();
  await turn();
  expect(hands.network.asked).toHaveLength(before);
  hands.client.channel("a").subscription().subscribe({ timetoken: "17000000000000000" });
  await answer(hands);
  expect(hands.network.poll.query["tt"]).toBe("17000000000000000");
});

test("[SDK44] presence comes where it is asked for, and a filter holds back", async () => {
  const hands = clientByHand();
  const present = hands.client.channel("a").subscription({ receivePresenceEvents: true });
  const filtered = hands.client.channel("a").subscription({ filter: ({ timetoken }) => timetoken === "1" });
  const broken = hands.client.channel("a").subscription({
    filter: () => {
      throw new Error("broken");
    },
  });
  const joined: unknown[] = [];
  present.onPresence = ({ uuid }) => void joined.push(uuid);
  const got = [filtered, broken].map(heard);
  for (const subscription of [present, filtered, broken]) subscription.subscribe();
  await answer(hands);
  const join = { action: "join", uuid: "bert", timestamp: 1, occupancy: 1 };
  const items = [
    itemOf("a-pnpres", join, { b: "a-pnpres" }),
    itemOf("a", 1, { b: "a", p: { t: "1", r: 1 } }),
    itemOf("a", 2, { b: "a", p: { t: "2", r: 1 } }),
  ];
  hands.network.poll.answer(answerOf(T1, items));
  await turn();
  expect([joined, got, hands.reported.length]).toEqual([["bert"], [[1], []], 2]);
});

test("[SDK44] a set receives each event once, as do its parts, and changes while it is subscribed", async () => {
  const hands = clientByHand();
  const set = hands.client.subscriptionSet({ channels: ["a", "b"], channelGroups: ["g"] });
  const all = heard(set);
  const parts = set.subscriptions.map(heard);
  set.subscribe();
  await answer(hands);
  await answer(hands, "a", "b", "x under g");
  expect([all, parts]).toEqual([
    ["a", "b", "x under g"],
    [["a"], ["b"], ["x under g"]],
  ]);
  const late = hands.client.channel("c").subscription();
  set.addSubscription(late);
  set.addSubscription(late);
  set.addSubscription(set);
  await answer(hands);
  expect(hands.network.poll.path).toBe("/v2/subscribe/sub-key/a,b,c/0");
  set.removeSubscription(late);
  set.removeSubscription(late);
  await answer(hands, "a", "c");
  expect(hands.network.poll.path).toBe("/v2/subscribe/sub-key/a,b/0");
  set.unsubscribe();
  expect(hands.client.getSubscribedChannels()).toEqual([]);
});

test("[SDK44] a part that is subscribed itself receives once, and stays when its set goes", async () => {
  const hands = clientByHand();
  const set = hands.client.subscriptionSet({ channels: ["a"] });
  const [part] = set.subscriptions;
  const got = part === undefined ? [] : heard(part);
  part?.subscribe();
  set.subscribe();
  await answer(hands);
  await answer(hands, "a");
  set.unsubscribe();
  await answer(hands, "a");
  expect([got, hands.client.getSubscribedChannels()]).toEqual([["a", "a"], ["a"]]);
});

test("[SDK44] listeners of a subscription come and go; removing all removes the handlers too", async () => {
  const hands = clientByHand();
  const subscription = hands.client.channel("a").subscription();
  const got = heard(subscription);
  const listener = { message: () => void got.push("listener"), signal: () => void got.push("signal") };
  subscription.addListener(listener);
  subscription.onSignal = () => void got.push("onSignal");
  subscription.subscribe();
  await answer(hands);
  hands.network.poll.answer(answerOf(T1, [itemOf("a", "a"), itemOf("a", "s", { e: 1 })]));
  await turn();
  subscription.removeListener(listener);
  await answer(hands, "a");
  subscription.removeAllListeners();
  await answer(hands, "a");
  expect(got).toEqual(["a", "listener", "onSignal", "signal", "a"]);
});

test("[SDK44] unsubscribeAll and destroy end them all; what is no name is refused", async () => {
  for (const end of ["unsubscribeAll", "destroy"] as const) {
    const hands = clientByHand();
    const subscription = hands.client.channel("a").subscription();
    const got = heard(subscription);
    subscription.subscribe();
    await answer(hands);
    hands.client[end]();
    hands.client.subscribe({ channels: ["a"] });
    await answer(hands);
    await answer(hands, "a");
    expect(got).toEqual([]);
    subscription.subscribe();
    await answer(hands, "a");
    expect(got).toEqual(["a"]);
  }
  const { client } = clientByHand({ enableSubscribe: false });
  expect(() => client.channel("a b")).toThrow(PubNubError);
  expect(() => client.channelGroup("a*")).toThrow(PubNubError);
  const refused = client.channel("a").subscription();
  expect(() => refused.subscribe()).toThrow(/enableSubscribe is false/);
  refused.unsubscribe();
});

test("[SDK45] for await gives messages in order, and unsubscribes when it is left", async () => {
  const hands = clientByHand();
  const got: unknown[] = [];
  const loop = (async () => {
    for await (const { message } of hands.client.channel("a").messages({ timetoken: T1 })) {
      got.push(message);
      if (got.length === 3) break;
    }
  })();
  await answer(hands);
  expect(hands.network.poll.query["tt"]).toBe(T1);
  await answer(hands, "a", "a");
  await answer(hands, "a", "a");
  await loop;
  expect([got, hands.client.getSubscribedChannels()]).toEqual([["a", "a", "a"], []]);
});

test("[SDK45] its signal, the end of the client, and a signal that came before end it", async () => {
  const ends: readonly ((hands: ClientByHand, stop: AbortController) => void)[] = [
    (_, stop) => stop.abort(),
    ({ client }) => client.destroy(),
    ({ client }) => client.unsubscribeAll(),
  ];
  for (const end of ends) {
    const hands = clientByHand();
    const stop = new AbortController();
    const iterator = hands.client.channelGroup("g").messages({ signal: stop.signal });
    const next = iterator.next();
    await answer(hands);
    end(hands, stop);
    expect(await next).toEqual({ done: true, value: undefined });
    expect(hands.client.getSubscribedChannelGroups()).toEqual([]);
  }
  const hands = clientByHand();
  const over = hands.client.channel("a").messages({ signal: AbortSignal.abort() });
  expect((await over.next()).done).toBe(true);
  expect(hands.network.asked).toEqual([]);
});

test("[SDK45] a loop for which too many messages wait fails", async () => {
  const hands = clientByHand();
  const iterator = hands.client.channel("a").messages();
  const first = iterator.next();
  await answer(hands);
  await answer(hands, "a");
  expect((await first).done).toBe(false);
  await answer(hands, ...Array.from({ length: 10_002 }, () => "a"));
  expect(hands.client.getSubscribedChannels()).toEqual([]);
  const failure = await iterator.next().catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(PubNubError);
  expect(hands.client.getSubscribedChannels()).toEqual([]);
});
