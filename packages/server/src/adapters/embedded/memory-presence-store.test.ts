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

for (const announceMax of [0, 3]) {
  test(`presence in memory [PRE38] nothing is left of what has ended, whatever it was (bound ${announceMax})`, () => {
    const clock = new ManualClock();
    const bounds = { stateLengthMax: 1_000 };
    const store = new MemoryPresenceStore({ clock, announceMaxOf: () => announceMax, bounds });
    for (let at = 0; at < 500; at++) {
      const states = new Map([["a", `{"at":${at}}`]]);
      store.touch(touchOf({ uuid: `u${at % 50}`, channels: ["a", `c${at}`], states }));
      store.setState({
        keyset: "sub-key",
        uuid: `absent${at}`,
        channels: [`absent${at}`],
        state: '{"a":1}',
        absentMs: 1_000,
      });
      clock.advance(100);
      store.expire(1_000);
    }
    clock.advance(600_000);
    while (store.expire(100).length > 0);
    expect([store.size, store.channels]).toEqual([0, 0]);
    const states = new Map([["a", `{"a":"${"x".repeat(992)}"}`]]);
    expect(store.touch(touchOf({ uuid: "u", channels: ["a"], states })).isFull).toBe(false);
  });
}
