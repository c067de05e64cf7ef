import { expect, spyOn, test } from "bun:test";
import type { Envelope } from "@longwave/protocol";
import { itemOf, turn } from "./by-hand.ts";
import { type MessageEvent, type Told, toldOf } from "./events.ts";
import { type Listener, Listeners, reportToConsole } from "./listeners.ts";
import { readersOf } from "./readers.ts";

const envelope = (channel: string, payload: unknown, more: object = {}): Envelope =>
  itemOf(channel, payload, more) as Envelope;

const READERS = readersOf(() => "https://network.test/file");

/** What listeners are told of one envelope. */
function heardOf(item: Envelope): readonly (readonly [kind: string, event: unknown])[] {
  const told: (readonly [string, unknown])[] = [];
  const listeners = new Listeners((failure) => told.push(["failure", failure]));
  listeners.add({
    message: (event) => void told.push(["message", event]),
    signal: (event) => void told.push(["signal", event]),
    presence: (event) => void told.push(["presence", event]),
    messageAction: (event) => void told.push(["messageAction", event]),
    file: (event) => void told.push(["file", event]),
  });
  const event = toldOf(item, READERS);
  if (event !== undefined) listeners.tell(event);
  return told;
}

const messageTold = (payload: number): Told => toldOf(envelope("room", payload), READERS) as Told;

const T = "17326051234567890";
const JOIN = { action: "join", uuid: "bert", timestamp: 1_732_605_123, occupancy: 3 };
const ACTION = { type: "reaction", value: "smile", messageTimetoken: T, actionTimetoken: T };
const ADDED = { source: "actions", version: "1.0", event: "added", data: ACTION };
const EVENTS: Readonly<Record<string, readonly [item: Envelope, kind: string, event: object]>> = {
  "a plain message": [
    envelope("room", { text: "hi" }),
    "message",
    { channel: "room", subscription: null, timetoken: T, publisher: "bert", message: { text: "hi" } },
  ],
  "a message with everything, through a wildcard": [
    envelope("news.x", null, { b: "news.*", u: { lang: "en" }, cmt: "score" }),
    "message",
    {
      channel: "news.x",
      subscription: "news.*",
      timetoken: T,
      publisher: "bert",
      message: null,
      customMessageType: "score",
      userMetadata: { lang: "en" },
    },
  ],
  "a message that names its channel as the match, from nobody": [
    envelope("room", 0, { b: "room", i: undefined }),
    "message",
    { channel: "room", subscription: null, timetoken: T, publisher: undefined, message: 0 },
  ],
  "a signal": [
    envelope("room", "typing", { e: 1, cmt: "mood", u: { never: "sent" } }),
    "signal",
    {
      channel: "room",
      subscription: null,
      timetoken: T,
      publisher: "bert",
      message: "typing",
      customMessageType: "mood",
    },
  ],
  "a join, through a wildcard": [
    envelope("room.a-pnpres", { ...JOIN, data: { mood: "fine" } }, { b: "room.*-pnpres", i: undefined }),
    "presence",
    { channel: "room.a", subscription: "room.*-pnpres", timetoken: T, ...JOIN, event: "join", state: { mood: "fine" } },
  ],
  "a message action, whose author is the publisher": [
    envelope("room", ADDED, { e: 3, b: "ro.*" }),
    "messageAction",
    {
      channel: "room",
      subscription: "ro.*",
      timetoken: T,
      publisher: "bert",
      event: "added",
      data: { ...ACTION, uuid: "bert" },
      ...ACTION,
      uuid: "bert",
    },
  ],
  "an interval": [
    envelope("room-pnpres", {
      action: "interval",
      timestamp: 1,
      occupancy: 2,
      join: ["a", 7],
      timeout: ["b"],
      leave: 7,
      here_now_refresh: true,
    }),
    "presence",
    {
      channel: "room",
      subscription: null,
      timetoken: T,
      action: "interval",
      event: "interval",
      timestamp: 1,
      occupancy: 2,
      uuid: undefined,
      join: ["a"],
      timeout: ["b"],
      hereNowRefresh: true,
    },
  ],
};
for (const [name, [item, kind, event]] of Object.entries(EVENTS)) {
  test(`[SDK17 SDK22 SDK43] ${name}`, () => expect(heardOf(item)).toStrictEqual([[kind, event]]));
}

const IGNORED: Readonly<Record<string, Envelope>> = {
  "an object event": envelope("room", {}, { e: 2 }),
  "a message action of nothing": envelope("room", {}, { e: 3 }),
  "a message action of nobody": envelope("room", ADDED, { e: 3, i: undefined }),
  "a message action without a value": envelope("room", { ...ADDED, data: { type: "a" } }, { e: 3 }),
  "a file": envelope("room", {}, { e: 4 }),
  "a kind that nobody knows": envelope("room", {}, { e: 99 }),
  "a presence event without an object": envelope("room-pnpres", "join"),
  "a presence event without its numbers": envelope("room-pnpres", { ...JOIN, occupancy: "3" }),
  "a presence event of null": envelope("room-pnpres", null),
};
for (const [name, item] of Object.entries(IGNORED)) {
  test(`[SDK23] ${name} is ignored`, () => expect(heardOf(item)).toEqual([]));
}

test("[SDK18] a listener that throws or rejects is reported, and harms nobody else", async () => {
  const reported: unknown[] = [];
  const told: MessageEvent[] = [];
  const listeners = new Listeners((failure) => reported.push(failure));
  listeners.add({
    message: () => {
      throw new Error("thrown");
    },
  });
  listeners.add({ message: () => Promise.reject(new Error("rejected")) as unknown as undefined });
  listeners.add({ message: (event) => void told.push(event) });
  listeners.tell(messageTold(1));
  listeners.tell(messageTold(2));
  await turn();
  expect(told.map(({ message }) => message)).toEqual([1, 2]);
  expect(reported.map(String)).toEqual(["Error: thrown", "Error: thrown", "Error: rejected", "Error: rejected"]);
});

test("[SDK18] by default what is thrown is written to the console", () => {
  using written = spyOn(console, "error").mockImplementation(() => {});
  reportToConsole(new Error("thrown"));
  expect(written.mock.calls.map((words) => words.map(String))).toEqual([
    ["A listener of the Longwave client threw:", "Error: thrown"],
  ]);
});

test("[SDK18] a listener counts once; removed, also by another one in the middle, it is told nothing more", () => {
  const told: string[] = [];
  const listeners = new Listeners(() => {});
  const late: Listener = { message: () => void told.push("late") };
  const victim: Listener = { message: () => void told.push("victim") };
  const first: Listener = {
    message: () => {
      told.push("first");
      listeners.remove(victim);
      listeners.add(late);
    },
  };
  for (const listener of [first, first, victim]) listeners.add(listener);
  listeners.tell(messageTold(1));
  expect(told).toEqual(["first"]);
  listeners.tell(messageTold(2));
  expect(told).toEqual(["first", "first", "late"]);
});

test("[SDK18] listeners are called as methods of themselves, and may have none", () => {
  const counter = {
    count: 0,
    message() {
      this.count += 1;
    },
  };
  const listeners = new Listeners(() => {});
  listeners.add({});
  listeners.add(counter);
  listeners.tell(messageTold(1));
  expect(counter.count).toBe(1);
});
