import { expect, test } from "bun:test";
import { brokerConformance, type OpenBroker } from "../../conformance/broker.ts";
import { KEYSET, draft } from "../../conformance/fixtures.ts";
import { brokerOverPort } from "../../conformance/over-message-port.ts";
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

test("memory broker [BRK8] a busy channel's forgotten messages leave the process too", async () => {
  const broker = new MemoryBroker(new ManualClock(), GENEROUS, { messagesMax: 10 });
  for (let count = 0; count < 50_000; count++) await broker.append(KEYSET, draft());
  expect(broker.queueBytes).toBeLessThan(10 * 1_000);
  await broker.stop();
});
