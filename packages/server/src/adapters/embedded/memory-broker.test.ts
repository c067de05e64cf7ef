import { expect, test } from "bun:test";
import { brokerConformance, type OpenBroker } from "../../conformance/broker.ts";
import { KEYSET, draft, names } from "../../conformance/fixtures.ts";
import { brokerOverPort } from "../../conformance/over-message-port.ts";
import type { Message } from "../../ports/message.ts";
import { ManualClock } from "./manual-clock.ts";
import { type BrokerStore, MemoryBroker } from "./memory-broker.ts";
import { RESERVE_AHEAD_MS } from "./timetoken-source.ts";

const GENEROUS: BrokerStore = {
  reservedThrough: 0n,
  lostThrough: 0n,
  idsThrough: 0n,
  findId: async () => undefined,
  reserve: async () => true,
};

const openMemory: OpenBroker = async ({ clock, queue }) => {
  const broker = new MemoryBroker(clock, GENEROUS, queue);
  return Object.assign(broker, { [Symbol.asyncDispose]: () => broker.stop() });
};

brokerConformance("memory broker", openMemory);
brokerConformance("memory broker over a port", async (settings) => brokerOverPort(await openMemory(settings)));

test("memory broker [BRK3] begins above what an earlier process may have given out", async () => {
  const clock = new ManualClock();
  const reservedThrough = BigInt(clock.wallMs() + 3_600_000) * 10_000n; // the wall clock has been set back an hour
  const broker = new MemoryBroker(clock, { ...GENEROUS, reservedThrough });
  expect(await broker.position()).toBe(reservedThrough);
  const outcome = await broker.append(KEYSET, draft());
  expect(outcome).toMatchObject({ kind: "appended", message: { timetoken: reservedThrough + 1n } });
  await broker.stop();
});

test("memory broker [BRK3] gives out nothing that is not reserved", async () => {
  const clock = new ManualClock();
  const reserved: bigint[] = [];
  const reserve = async (through: bigint): Promise<boolean> => {
    reserved.push(through);
    return true;
  };
  const broker = new MemoryBroker(clock, { ...GENEROUS, reserve });
  for (let round = 0; round < 50; round++) {
    const outcome = await broker.append(KEYSET, draft());
    if (outcome.kind !== "appended") throw new Error(outcome.kind);
    expect(outcome.message.timetoken).toBeLessThanOrEqual(reserved.at(-1) ?? 0n);
    clock.advance(500);
  }
  const aheadMs = Number((reserved.at(-1) ?? 0n) / 10_000n) - clock.wallMs();
  expect(aheadMs).toBeLessThanOrEqual(RESERVE_AHEAD_MS);
  await broker.stop();
});

test("memory broker [BRK3] is unavailable while the reservation is refused, and nothing happens", async () => {
  const clock = new ManualClock();
  let isTaken = false;
  const broker = new MemoryBroker(clock, { ...GENEROUS, reserve: async () => isTaken });
  const before = await broker.position();
  expect(await broker.append(KEYSET, draft())).toEqual({ kind: "unavailable" });
  const names = [{ kind: "channel", name: "room" }] as const;
  expect((await broker.read({ keyset: KEYSET, after: before, names, messagesMax: 1 })).messages).toEqual([]);
  isTaken = true;
  expect(await broker.append(KEYSET, draft())).toMatchObject({ kind: "appended" });
  await broker.stop();
});

const SMALL = { bytesMax: 100_000, keysetBytesMax: 25_000 };
const KIB = `"${"x".repeat(1_024)}"`;

test("memory broker [LMT12] a keyset beyond its share makes room by its own oldest, whoever needs it", async () => {
  const broker = new MemoryBroker(new ManualClock(), GENEROUS, SMALL);
  const read = async (keyset: string): Promise<readonly Message[]> =>
    (await broker.read({ keyset, after: 1n, names: names("a", "b"), messagesMax: 1_000 })).messages;
  const append = async (keyset: string, channel: string): Promise<Message> => {
    const outcome = await broker.append(keyset, draft({ channel, payload: KIB }));
    if (outcome.kind !== "appended") throw new Error("not appended");
    return outcome.message;
  };
  const small: Message[] = [];
  for (let count = 0; count < 5; count++) small.push(await append("small", "a"));
  const floods: Message[] = [];
  for (let count = 0; count < 20_000; count++) {
    const isSmall = count % 2_000 === 1_999;
    if (isSmall) small.push(await append("small", "b")); // needs room while it is within its share
    floods.push(await append("flood", count % 3 === 0 ? "a" : "b"));
  }
  expect(await read("small")).toEqual(small);
  const left = await read("flood");
  expect(left.length).toBeGreaterThan(50); // all that the others leave, not its share alone
  expect(left).toEqual(floods.slice(-left.length)); // the oldest left
  expect(broker.queueBytes).toBeLessThanOrEqual(SMALL.bytesMax);
  await broker.stop();
});

test("memory broker [LMT12] while there is room, a keyset may have all of it", async () => {
  const broker = new MemoryBroker(new ManualClock(), GENEROUS, SMALL);
  for (let count = 0; count < 70; count++) await broker.append(KEYSET, draft({ payload: KIB }));
  const { messages } = await broker.read({ keyset: KEYSET, after: 1n, names: names("room"), messagesMax: 100 });
  expect(messages).toHaveLength(70);
  await broker.stop();
});

test("memory broker [LMT12] where nobody is beyond its share, the oldest of all leave", async () => {
  const broker = new MemoryBroker(new ManualClock(), GENEROUS, SMALL);
  for (let count = 0; count < 400; count++) await broker.append(`k${count % 10}`, draft({ payload: KIB }));
  const counts = [];
  for (let at = 0; at < 10; at++) {
    const request = { keyset: `k${at}`, after: 1n, names: names("room"), messagesMax: 100 };
    counts.push((await broker.read(request)).messages.length);
  }
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  await broker.stop();
});

test("memory broker [BRK8] a busy channel's forgotten messages leave the process too", async () => {
  const broker = new MemoryBroker(new ManualClock(), GENEROUS, { messagesMax: 10 });
  for (let count = 0; count < 50_000; count++) await broker.append(KEYSET, draft());
  expect(broker.queueBytes).toBeLessThan(10 * 1_000);
  await broker.stop();
});
