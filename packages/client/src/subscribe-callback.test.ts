import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "./by-hand.ts";
import {
  type ClassicStatus,
  type MessageActionEvent,
  type MessageEvent,
  PNOperationType,
  PNStatusCategory,
  type PresenceEvent,
  type PubNub,
  SubscribeCallback,
  SubscribeListener,
} from "./index.ts";

const T1 = "17000000000000001";
const JOIN = { action: "join", uuid: "bert", timestamp: 1, occupancy: 1 };
const ACTION = { type: "a", value: "b", messageTimetoken: T1, actionTimetoken: T1 };

/** A client that is told a message, a signal, a join and an action. */
async function told(client: ClientByHand): Promise<void> {
  client.client.subscribe({ channels: ["room"], withPresence: true });
  await turn();
  client.network.poll.answer(answerOf(T1));
  await turn();
  const items = [
    itemOf("room", 1, { b: "room" }),
    itemOf("room", 2, { b: "room", e: 1 }),
    itemOf("room-pnpres", JOIN, { b: "room-pnpres" }),
    itemOf("room", { event: "added", data: ACTION }, { b: "room", e: 3 }),
  ];
  client.network.poll.answer(answerOf(T1, items));
  await turn();
}

class Recorder extends SubscribeCallback {
  readonly heard: unknown[] = [];
  override message(pubnub: PubNub, { channel, message }: MessageEvent): void {
    this.heard.push([pubnub, channel, message]);
  }
  override presence(pubnub: PubNub, { event }: PresenceEvent): void {
    this.heard.push([pubnub, event]);
  }
  override messageAction(pubnub: PubNub, { type, value }: MessageActionEvent): void {
    this.heard.push([pubnub, type, value]);
  }
  override status(pubnub: PubNub, status: ClassicStatus): void {
    const { PNConnectedCategory } = PNStatusCategory;
    const isConnected = status.category === PNConnectedCategory && !status.isError();
    this.heard.push([pubnub, isConnected, status.operation === PNOperationType.PNSubscribeOperation]);
  }
}

test("[SDK43] a callback of the classic form is given the client and the event, and does nothing where it says nothing", async () => {
  const hands = clientByHand();
  const recorder = new Recorder();
  hands.client.addListener(recorder);
  hands.client.addListener(recorder);
  hands.client.addListener(new SubscribeCallback());
  await told(hands);
  const { client } = hands;
  expect(recorder.heard).toEqual([
    [client, true, true],
    [client, "room", 1],
    [client, "join"],
    [client, "a", "b"],
  ]);
  client.removeListener(recorder);
  client.destroy();
  expect(recorder.heard).toHaveLength(4);
  expect(hands.reported).toEqual([]);
});

test("[SDK43] an error is one also for a callback, and groups have their classic name", async () => {
  const hands = clientByHand();
  const heard: ClassicStatus[] = [];
  hands.client.addListener(
    new (class extends SubscribeCallback {
      override status(_: PubNub, status: ClassicStatus): void {
        heard.push(status);
      }
    })(),
  );
  hands.client.subscribe({ channelGroups: ["g"] });
  await turn();
  hands.network.poll.answer("", 403);
  await turn();
  expect([heard[0]?.isError(), heard[0]?.affectedGroups]).toEqual([true, ["g"]]);
});

test("[SDK46] a listener for scripts waits for what comes, and gives what came before", async () => {
  const hands = clientByHand();
  const listener = new SubscribeListener();
  hands.client.addListener(listener);
  const connected = listener.waitForConnect();
  const elsewhere = new AbortController();
  const never = listener.waitForMessageOn(["elsewhere"], { signal: elsewhere.signal });
  await told(hands);
  expect((await connected).category).toBe("PNConnectedCategory");
  expect((await listener.waitForMessageOn(["elsewhere", "room"])).message).toBe(1);
  expect((await listener.waitForPresenceOn(["room"])).uuid).toBe("bert");
  const twice = [listener.waitForMessageOn(["room"]), listener.waitForMessageOn(["room"])];
  hands.network.poll.answer(
    answerOf(
      T1,
      [5, 6].map((payload) => itemOf("room", payload, { b: "room" })),
    ),
  );
  expect((await Promise.all(twice)).map(({ message }) => message)).toEqual([5, 6]);
  hands.client.destroy();
  expect((await listener.waitForDisconnect()).error).toBe(false);
  elsewhere.abort();
  expect(await never.catch((failure: unknown) => failure)).toMatchObject({ category: "PNCancelledCategory" });
  const late = listener.waitForConnect({ signal: AbortSignal.abort() });
  expect(await late.catch((failure: unknown) => failure)).toMatchObject({ category: "PNCancelledCategory" });
});
