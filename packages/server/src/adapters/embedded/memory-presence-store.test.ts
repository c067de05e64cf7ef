import { expect, test } from "bun:test";
import { type OpenPresenceStore, presenceStoreConformance, touchOf } from "../../conformance/presence-store.ts";
import { presenceStoreOverPort } from "../../conformance/over-message-port.ts";
import { ManualClock } from "./manual-clock.ts";
import { MemoryPresenceStore } from "./memory-presence-store.ts";

const openMemory: OpenPresenceStore = async ({ clock, announceMax, bounds }) => {
  const store = new MemoryPresenceStore({ clock, announceMaxOf: () => announceMax, bounds });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.stop() });
};

presenceStoreConformance("presence in memory", openMemory);
presenceStoreConformance("presence over a port", async (settings) => presenceStoreOverPort(await openMemory(settings)));

test("presence in memory [PRE12] a sign of life that changes nothing makes nothing", () => {
  const store = new MemoryPresenceStore({ clock: new ManualClock(), announceMaxOf: () => 20 });
  const touch = touchOf({ uuid: "alice", channels: ["a", "b"] });
  store.touch(touch);
  expect(store.touch(touch)).toBe(store.touch(touch));
});

test("presence in memory [PRE38] nothing is left of members, states and channels that have ended", () => {
  const clock = new ManualClock();
  const store = new MemoryPresenceStore({ clock, announceMaxOf: () => 3 });
  for (let at = 0; at < 500; at++) {
    store.touch(touchOf({ uuid: `u${at % 50}`, channels: ["a", `c${at}`] }));
    store.setState({ keyset: "sub-key", uuid: `absent${at}`, channels: ["a"], state: '{"a":1}', absentMs: 1_000 });
    clock.advance(100);
    store.expire(1_000);
  }
  clock.advance(600_000);
  while (store.expire(100).length > 0);
  expect(store.size).toBe(0);
});
