import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@longwave/protocol";
import { type WireAnswer, WireNetwork, answered, plainEnvelope } from "./wire-network.ts";

const ROOM = "/publish/demo/demo/0/room/0";
const post = (body: string): RequestInit => ({ method: "POST", body });
const TAKEN = "Idempotency Id Already Used: lw_id stands for another message";

type Send = (network: WireNetwork, payload: string, query: string) => Promise<WireAnswer>;

const FORMS: Readonly<Record<string, Send>> = {
  GET: (network, payload, query) => network.ask(`${ROOM}/${encodeURIComponent(payload)}?${query}`),
  POST: (network, payload, query) => network.ask(`${ROOM}?${query}`, post(payload)),
  "the large form": (network, payload, query) => network.ask(`/v2${ROOM}?${query}`, post(payload)),
  "a signal": (network, payload, query) =>
    network.ask(`/signal/demo/demo/0/room/0/${encodeURIComponent(payload)}?${query}`),
};

const sentAt = (timetoken: string): WireAnswer => ({ status: 200, body: `[1,"Sent","${timetoken}"]` });
const timetokenOf = ({ body }: WireAnswer): string => /^\[1,"Sent","(\d{17})"\]$/.exec(body)?.[1] ?? body;
const malformed = (network: WireNetwork): WireAnswer => ({
  status: 400,
  body: `[0,"Invalid Arguments: lw_id","${network.now}"]`,
});
const taken = (network: WireNetwork): WireAnswer => ({ status: 409, body: `[0,"${TAKEN}","${network.now}"]` });

for (const [form, send] of Object.entries(FORMS)) {
  for (const store of ["", "&store=0"]) {
    test(`[IDM1 IDM2 IDM3] ${form}${store}: a repeat gets the first timetoken, another payload is 409`, async () => {
      await using network = await WireNetwork.start();
      const first = timetokenOf(await send(network, '{"a":1}', `lw_id=x${store}`));
      network.clock.advance(1_000);
      expect(await send(network, '{"a":1}', `lw_id=x${store}`)).toEqual(sentAt(first));
      expect(await send(network, ' { "a" : 1 } ', `lw_id=x${store}&uuid=bert&seqn=7`)).toEqual(sentAt(first));
      expect(await send(network, '{"a":2}', `lw_id=x${store}`)).toEqual(taken(network));
      const second = timetokenOf(await send(network, '{"a":2}', `lw_id=y${store}`));
      const { body } = await network.poll("room", "tt=1");
      expect(body).toStartWith(`{"t":{"t":"${second}","r":12}`);
      expect(body.match(/"c":"room"/g)).toHaveLength(2);
    });
  }
}

test("[IDM2 IDM3] the three forms of a publish are one, and a signal is another", async () => {
  await using network = await WireNetwork.start();
  const first = await network.publish("room", "1", "lw_id=x");
  for (const [form, send] of Object.entries(FORMS)) {
    expect([form, await send(network, "1", "lw_id=x")]).toEqual([
      form,
      form === "a signal" ? taken(network) : sentAt(first),
    ]);
  }
  expect(await network.poll("room", "tt=1")).toEqual(answered(first, plainEnvelope(first, "1")));
});

// Whether a message that differs from the first in this is a repeat of it.
const DIFFERENCES: readonly (readonly [first: string, second: string, isRepeat: boolean])[] = [
  ["", "meta=%7B%22a%22%3A1%7D", false],
  ["meta=%7B%22a%22%3A1%7D", "meta=%7B%20%22a%22%20%3A%201%7D", true],
  ["meta=1", "meta=2", false],
  ["", "custom_message_type=chat", false],
  ["custom_message_type=chat", "custom_message_type=chat", true],
  ["uuid=anna&seqn=1", "uuid=bert&seqn=2", true],
  ["store=1&ttl=1", "store=0", true],
  ["store=0", "store=1&ttl=5", true],
  ["", "norep=1&ortt=%7B%22t%22%3A1%7D", true],
];

for (const [first, second, isRepeat] of DIFFERENCES) {
  test(`[IDM3] "${second}" after "${first}" is ${isRepeat ? "a repeat" : "another message"}`, async () => {
    await using network = await WireNetwork.start();
    const timetoken = await network.publish("room", "1", `lw_id=x&${first}`);
    const answer = await network.ask(`${ROOM}/1?lw_id=x&${second}`);
    expect(answer).toEqual(isRepeat ? sentAt(timetoken) : taken(network));
  });
}

test("[IDM2] an id is of its channel alone", async () => {
  await using network = await WireNetwork.start();
  const first = await network.publish("room", "1", "lw_id=x");
  const other = await network.publish("other", "2", "lw_id=x");
  expect(await network.publish("room", "1", "lw_id=x")).toBe(first);
  expect(other > first).toBe(true);
});

const IDS: Readonly<Record<string, boolean>> = {
  x: true,
  "1": true,
  ["x".repeat(64)]: true,
  ["😀".repeat(64)]: true,
  "a b/c?d&e=f,*%": true,
  "550e8400-e29b-41d4-a716-446655440000": true,
  ["x".repeat(65)]: false,
  ["😀".repeat(65)]: false,
  ["x".repeat(5_000)]: false,
  "a\tb": false,
  "a\nb": false,
  "\u0000": false,
  "\u007f": false,
  "\u0085": false,
  "a\u2028b": false,
  "a\u2029b": false,
};

for (const [id, isAccepted] of Object.entries(IDS)) {
  test(`[IDM1] the id ${JSON.stringify(id.slice(0, 70))} (${id.length}) is ${isAccepted ? "taken" : "refused"}`, async () => {
    await using network = await WireNetwork.start();
    for (const send of Object.values(FORMS)) {
      const query = `lw_id=${encodeURIComponent(id)}&meta=${send.length}`;
      const answer = await send(network, "1", query);
      if (!isAccepted) expect(answer).toEqual(malformed(network));
      else if (send !== FORMS["a signal"]) expect(await send(network, "1", query)).toEqual(answer);
    }
  });
}

test("[IDM1] an empty id counts as absent, and a malformed one is refused after everything else", async () => {
  await using network = await WireNetwork.start();
  const sent = [await network.publish("room", "1", "lw_id="), await network.publish("room", "1", "lw_id")];
  expect(new Set(sent).size).toBe(2);
  const query = "lw_id=%00&uuid=%00";
  expect((await network.ask(`${ROOM}/1?${query}`)).body).toContain("Invalid Arguments: uuid");
  expect((await network.ask(`${ROOM}/1?${query}&store=0&norep=1&uuid=x`)).status).toBe(400);
});

for (const store of [1, 0]) {
  test(`[IDM4 IDM5] a hundred equal publishes at once, store=${store}: one delivery, one timetoken`, async () => {
    await using network = await WireNetwork.start();
    const held = network.poll("room", "tt=1");
    await network.holds(1);
    const sends = Array.from({ length: 100 }, () => network.publish("room", '"once"', `lw_id=x&store=${store}`));
    const [first = "", ...others] = new Set(await Promise.all(sends));
    expect(others).toEqual([]);
    expect(await held).toEqual(answered(first, plainEnvelope(first, '"once"')));
    const last = await network.publish("room", "2");
    expect(await network.poll("room", "tt=1")).toEqual(
      answered(last, plainEnvelope(first, '"once"'), plainEnvelope(last, "2")),
    );
  });
}

test("[IDM4 IDM3] a hundred publishes at once under one id, two messages: one of them is accepted", async () => {
  await using network = await WireNetwork.start();
  const sends = Array.from({ length: 100 }, (_, at) => network.ask(`${ROOM}/${at % 2}?lw_id=x`));
  const answers = await Promise.all(sends);
  const accepted = new Set(answers.filter(({ status }) => status === 200).map(timetokenOf));
  expect(accepted.size).toBe(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(50);
  const { body } = await network.poll("room", "tt=1");
  expect(body.match(/"c":"room"/g)).toHaveLength(1);
});

test("[IDM10] the id of a fire is checked and not remembered", async () => {
  await using network = await WireNetwork.start();
  await network.publish("room", "1", "lw_id=x&store=0&norep=1");
  const sent = await network.publish("room", "2", "lw_id=x");
  expect(await network.poll("room", "tt=1")).toEqual(answered(sent, plainEnvelope(sent, "2")));
  expect(await network.ask(`${ROOM}/1?lw_id=%07&store=0&norep=1`)).toEqual(malformed(network));
});

for (const store of [1, 0]) {
  test(`[IDM8] an id is free after 24 hours, store=${store}`, async () => {
    await using network = await WireNetwork.start();
    const first = await network.publish("room", "1", `lw_id=x&store=${store}`);
    network.clock.advance(LIMITS.idempotencyIdAgeMsMax - 60_000);
    expect(await network.publish("room", "1", `lw_id=x&store=${store}`)).toBe(first);
    expect(await network.ask(`${ROOM}/2?lw_id=x&store=${store}`)).toEqual(taken(network));
    network.clock.advance(60_000);
    const second = await network.publish("room", "2", `lw_id=x&store=${store}`);
    expect(await network.publish("room", "2", `lw_id=x&store=${store}`)).toBe(second);
    expect(await network.ask(`${ROOM}/1?lw_id=x&store=${store}`)).toEqual(taken(network));
  });
}

test("[IDM7 IDM8] after a restart stored ids are known and others are free, also without their messages", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-ids-"));
  const queries = ["lw_id=kept", "lw_id=deleted", "lw_id=brief&ttl=1", "lw_id=unstored&store=0"];
  const sent: string[] = [];
  let clock;
  {
    await using network = await WireNetwork.start({ memory: false, dataDir });
    ({ clock } = network);
    for (const query of queries) sent.push(await network.publish("room", `"${query}"`, query));
    const through = sent[1] ?? "";
    const range = `start=${BigInt(through) - 1n}&end=${through}`;
    const erased = await network.ask(`/v3/history/sub-key/demo/channel/room?${range}`, { method: "DELETE" });
    expect(erased.status).toBe(200);
  }
  {
    await using network = await WireNetwork.start({ memory: false, dataDir }, clock);
    clock.advance(2 * 3_600_000);
    const again: string[] = [];
    for (const query of queries) again.push(await network.publish("room", `"${query}"`, query));
    expect(again.slice(0, 3)).toEqual(sent.slice(0, 3));
    expect(BigInt(again[3] ?? 0)).toBeGreaterThan(BigInt(sent[3] ?? 0));
    expect(await network.ask(`${ROOM}/1?lw_id=kept`)).toEqual(taken(network));
    const at = await Promise.all(Array.from({ length: 20 }, () => network.publish("room", '"new"', "lw_id=new")));
    expect(new Set(at).size).toBe(1);
    sent.push(...new Set(at));
  }
  {
    await using network = await WireNetwork.start({ memory: false, dataDir }, clock);
    clock.advance(22 * 3_600_000);
    expect(await network.publish("room", '"new"', "lw_id=new")).toBe(sent[4] ?? "");
    const last = await network.publish("room", "1", "lw_id=kept");
    expect(BigInt(last)).toBeGreaterThan(BigInt(sent[4] ?? 0));
  }
  rmSync(dataDir, { recursive: true });
});

test("[IDM2 OPS8] repeats are counted apart from what was accepted", async () => {
  await using network = await WireNetwork.start();
  for (let count = 0; count < 3; count++) await network.publish("room", "1", "lw_id=x");
  await network.ask(`${ROOM}/2?lw_id=x`);
  const { body } = await network.ask("/metrics");
  const LINES = [
    'longwave_messages_accepted_total{kind="message"} 1',
    "longwave_publishes_repeated_total 2",
    'longwave_requests_refused_total{error="publishIdTaken"} 1',
  ];
  for (const line of LINES) expect(body.split("\n")).toContain(line);
});
