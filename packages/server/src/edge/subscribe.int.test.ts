import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WireNetwork, answered, plainEnvelope } from "./wire-network.ts";

/** An envelope with the channel and, where it is given, the name that it was asked for by. */
function envelope(timetoken: string, channel: string, payload: string, matched?: string): string {
  const b = matched === undefined ? "" : `,"b":"${matched}"`;
  return `{"a":"1","f":0,"p":{"t":"${timetoken}","r":12},"k":"demo","c":"${channel}","d":${payload}${b}}`;
}

const json = (cursor: string): string => `t=${encodeURIComponent(cursor)}`;

const HANDSHAKES = [
  "",
  "tt=0",
  "tt=",
  "tt=0&tr=0",
  "tt=00000000000000000",
  json('{"t":"0","r":0}'),
  json('{"t":0}'),
  "t=",
];

for (const query of HANDSHAKES) {
  test(`[SUB1 WIRE3 WIRE10 WIRE17] "${query}" is a handshake, answered at once with the cursor of now`, async () => {
    await using network = await WireNetwork.start();
    await network.publish("room", "1");
    const { status, body } = await network.poll("room", query);
    expect({ status, body }).toEqual(answered(network.now));
    expect(body.length).toBeGreaterThanOrEqual(40);
  });
}

test("[SUB1] the cursor of a handshake is the clock's instant", async () => {
  await using network = await WireNetwork.start();
  expect(await network.poll("room", "")).toEqual(answered(network.now));
  network.clock.advance(1_000);
  expect(await network.poll("room", "")).toEqual(answered(network.now));
});

test("[SUB9 WIRE5] a publish wakes a held poll, and its timetoken is the next cursor", async () => {
  await using network = await WireNetwork.start();
  const held = network.poll("room", `tt=${await network.handshake()}&tr=12`);
  await network.holds(1);
  const timetoken = await network.publish("room", '{"text":"hi"}');
  expect(await held).toEqual(answered(timetoken, plainEnvelope(timetoken, '{"text":"hi"}')));
  expect(network.heldPolls).toBe(0);
});

test("[SUB2 SUB5] what is published between two polls comes with the next one, also of another list of names", async () => {
  await using network = await WireNetwork.start();
  const cursor = await network.handshake();
  const first = await network.publish("room", "1");
  expect(await network.poll("room", `tt=${cursor}`)).toEqual(answered(first, plainEnvelope(first, "1")));
  const second = await network.publish("lobby", "2");
  const third = await network.publish("room", "3");
  expect(await network.poll("lobby,room", `tt=${cursor}`)).toEqual(
    answered(
      third,
      envelope(first, "room", "1", "room"),
      envelope(second, "lobby", "2", "lobby"),
      envelope(third, "room", "3", "room"),
    ),
  );
  expect(await network.poll("lobby", `tt=${first}`)).toEqual(answered(second, envelope(second, "lobby", "2")));
});

test("[SUB2 SUB14] a hundred messages come with one poll, oldest first, and the rest with the next", async () => {
  await using network = await WireNetwork.start();
  const sent: string[] = [];
  for (let at = 0; at < 103; at++) sent.push(await network.publish("room", String(at)));
  const envelopes = sent.map((timetoken, at) => plainEnvelope(timetoken, String(at)));
  const [hundredth = "", last = ""] = [sent[99], sent.at(-1)];
  expect(await network.poll("room", "tt=1")).toEqual(answered(hundredth, ...envelopes.slice(0, 100)));
  expect(await network.poll("room", `tt=${hundredth}`)).toEqual(answered(last, ...envelopes.slice(100)));
});

// Published: 1 to a, 2 to a.b, 3 to a.b.c, in this order. Each entry: payload, and the name reported where one is.
const NAMES: Readonly<Record<string, readonly (readonly [payload: 1 | 2 | 3, matched?: string])[]>> = {
  a: [[1]],
  "a.b": [[2]],
  "a,x": [[1, "a"]],
  "a,a.b": [
    [1, "a"],
    [2, "a.b"],
  ],
  "a.*": [
    [2, "a.*"],
    [3, "a.*"],
  ],
  "a.%2A": [
    [2, "a.*"],
    [3, "a.*"],
  ],
  "a.b.*": [[3, "a.b.*"]],
  "a.b.c,a.b.*,a.*": [
    [2, "a.*"],
    [3, "a.b.c"],
    [3, "a.*"],
    [3, "a.b.*"],
  ],
  "a*,*,a.b": [[2, "a.b"]],
};
const CHANNELS = { 1: "a", 2: "a.b", 3: "a.b.c" } as const;

for (const [names, expected] of Object.entries(NAMES)) {
  test(`[SUB12 SUB13 WIRE8 WIRE9] ${names} is told by which name each message matched`, async () => {
    await using network = await WireNetwork.start();
    const sent: Record<number, string> = {};
    for (const payload of [1, 2, 3] as const) sent[payload] = await network.publish(CHANNELS[payload], String(payload));
    const envelopes = expected.map(([payload, matched]) =>
      envelope(sent[payload] ?? "", CHANNELS[payload], String(payload), matched),
    );
    const last = sent[expected.at(-1)?.[0] ?? 0] ?? "";
    expect(await network.poll(names, "tt=1")).toEqual(answered(last, ...envelopes));
  });
}

test("[WIRE9 SUB12] a held poll is told its wildcard, and gets a message once for each name, in one answer", async () => {
  await using network = await WireNetwork.start();
  const polls = [network.poll("a.*", "tt=1"), network.poll("a.*,a.b", "tt=1"), network.poll("a.b", "tt=1")];
  await network.holds(3);
  const timetoken = await network.publish("a.b", "1");
  const named = (matched?: string): string => envelope(timetoken, "a.b", "1", matched);
  const [wildcard, both, plain] = await Promise.all(polls);
  expect(wildcard).toEqual(answered(timetoken, named("a.*")));
  expect(both).toEqual(answered(timetoken, named("a.b"), named("a.*")));
  expect(plain).toEqual(answered(timetoken, named()));
});

const LISTS: Readonly<Record<string, string | undefined>> = {
  "room,room": undefined,
  "room%2Croom": undefined,
  ",room,,room,": undefined,
  "ro%6Fm,room": undefined,
  "room,lobby,room,lobby": "room",
  "room,room,lobby": "room",
};

for (const [names, matched] of Object.entries(LISTS)) {
  test(`[SUB10 EDG5] ${names}: each name counts once`, async () => {
    await using network = await WireNetwork.start();
    const held = network.poll(names, "tt=1");
    await network.holds(1);
    const timetoken = await network.publish("room", "1");
    const expected = answered(timetoken, envelope(timetoken, "room", "1", matched));
    expect(await held).toEqual(expected);
    expect(await network.poll(names, "tt=1")).toEqual(expected);
  });
}

test("[WIRE17] a cursor comes as tt or as JSON, its timetoken a string or a number, and tt wins", async () => {
  await using network = await WireNetwork.start();
  const first = await network.publish("room", "1");
  const second = await network.publish("room", "2");
  const rest = answered(second, plainEnvelope(second, "2"));
  const FORMS = [
    `tt=${first}`,
    `tt=${first}&tr=12`,
    json(`{"t":"${first}","r":12}`),
    json(`{ "r" : 12, "t" : "${first}" }`),
    json(`{"t":${first},"r":12}`),
    `tt=&${json(`{"t":"${first}"}`)}`,
    `${json('{"t":"1","r":12}')}&tt=${first}`,
    `tt=${first}&t=malformed`,
  ];
  for (const query of FORMS) expect(await network.poll("room", query)).toEqual(rest);
});

test("[SUB3 WIRE18] a poll without messages is held for 280 seconds and answered empty, with its cursor", async () => {
  await using network = await WireNetwork.start();
  const cursor = await network.handshake();
  let isAnswered = false;
  const held = network.poll("room,a.*", `tt=${cursor}&tr=12`).finally(() => {
    isAnswered = true;
  });
  await network.holds(1);
  network.clock.advance(279_000);
  await network.publish("elsewhere", "1"); // a round trip in which an answer would have come
  expect([network.heldPolls, isAnswered]).toEqual([1, false]);
  network.clock.advance(2_000);
  expect(await held).toEqual(answered(cursor));
  expect(network.heldPolls).toBe(0);
});

test("[SUB15] a client that aborts its poll leaves nothing held, and nobody else notices", async () => {
  await using network = await WireNetwork.start();
  const leaving = new AbortController();
  const left = network.poll("room", "tt=1", { signal: leaving.signal });
  const staying = network.poll("room", "tt=1");
  await network.holds(2);
  leaving.abort();
  expect(await left.catch((refusal: unknown) => refusal instanceof Error && refusal.name)).toBe("AbortError");
  await network.lets(1);
  const timetoken = await network.publish("room", "1");
  expect(await staying).toEqual(answered(timetoken, plainEnvelope(timetoken, "1")));
});

test("[SUB7 SUB6] unstored messages and signals survive restarts, as long as the queue would have kept them", async () => {
  using directory = temporaryDirectory();
  const options = { memory: false, dataDir: directory.path, synchronous: "normal" } as const;
  const first = await WireNetwork.start(options);
  const { clock } = first;
  const cursor = await first.handshake();
  const unstored = await first.publish("room", "1", "store=0&uuid=alice&meta=2");
  const signal = await first.sent("/signal/demo/demo/0/room/0/3");
  const stored = await first.publish("room", "4");
  const last = await first.publish("a.b", "5", "store=0");
  const expected = await first.poll("room,a.*", `tt=${cursor}`);
  await first[Symbol.asyncDispose]();
  for (const timetoken of [unstored, signal, stored, last]) expect(expected.body).toContain(`"p":{"t":"${timetoken}"`);
  for (let restart = 0; restart < 2; restart++) {
    clock.advance(60_000);
    await using again = await WireNetwork.start(options, clock);
    expect(await again.poll("room,a.*", `tt=${cursor}`)).toEqual(expected);
  }
  await using late = await WireNetwork.start(options, clock);
  clock.advance(1_210_000); // time that the server runs is what counts
  const held = late.poll("room,a.*", `tt=${cursor}`);
  await late.holds(1);
  const fresh = await late.publish("room", "6");
  expect(await held).toEqual(answered(fresh, envelope(fresh, "room", "6", "room")));
});

function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "longwave-subscribe-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}
