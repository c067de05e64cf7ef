import { expect, test } from "bun:test";
import { TimeByHand } from "./by-hand.ts";
import { pause } from "./timers.ts";

test("[SDK10] a pause ends with its time, or as soon as its signal aborts, and leaves nothing behind", async () => {
  const time = new TimeByHand();
  const stop = new AbortController();
  const ended = pause(time, 10, stop.signal);
  await time.pass(10);
  expect(await ended).toBeUndefined();
  const cut = pause(time, 10, stop.signal).catch((failure: unknown) => failure);
  stop.abort();
  expect(await cut).toMatchObject({ name: "TransportFailure", kind: "cancelled" });
  const late = pause(time, 10, stop.signal).catch((failure: unknown) => failure);
  expect(await late).toMatchObject({ kind: "cancelled" });
  expect(time.waiting).toBe(0);
});
