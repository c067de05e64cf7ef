/**
 * Publishes at a rate, each message with the instant of its publish, and notes when its subscriber has it.
 *
 * Open loop: a message is published when it is due, however long those before it take.
 *
 * @module
 */
import { quantile } from "./figures.ts";
import { RawConnection } from "./raw-connection.ts";
import { cursorOf, publishTarget, requireSent, subscribeTarget } from "./requests.ts";

/** What is probed. */
export interface ProbeOptions {
  readonly transport: "poll" | "webSocket";
  /** Messages per second. */
  readonly rate: number;
  readonly keyset?: string;
}

/** Milliseconds that messages of a slice took, at a part of them. */
export type Latencies = (part: number) => number;

const PUBLISHERS_MAX = 64;
const DRAIN_MS = 100;
const DRAINS_MAX = 50;

/** Connects both sides. @returns what probes for a slice. */
export async function latencyProbe(
  url: string,
  options: ProbeOptions,
): Promise<(sliceMs: number) => Promise<Latencies>> {
  const { transport, rate, keyset = "demo" } = options;
  const subscription = { keyset, channel: "probe", uuid: "probe" };
  let latencies: number[] = [];
  const hear = (body: string): void => {
    const nowMs = performance.now();
    for (const [, at] of body.matchAll(/"at":([\d.]+)/g)) latencies.push(nowMs - Number(at));
  };
  // The one that has waited longest comes next, so that none is silent until the server closes it.
  const free = [...(await RawConnection.openMany(url, Math.min(PUBLISHERS_MAX, rate)))];
  const waiting: ((connection: RawConnection) => void)[] = [];
  // Its time runs from when it is due, also while it waits for a connection.
  const publish = async (): Promise<void> => {
    const payload = `{"at":${performance.now()}}`;
    const connection = free.shift() ?? (await new Promise<RawConnection>((resolve) => waiting.push(resolve)));
    requireSent(await connection.get(publishTarget({ keyset, channel: "probe", payload })));
    const next = waiting.shift();
    if (next) next(connection);
    else free.push(connection);
  };
  await publish();
  const subscriber = await RawConnection.open(url);
  if (transport === "webSocket")
    await subscriber.upgrade(subscribeTarget(subscription, "0"), (text) => hear(text.toString("latin1")));
  else void poll(subscriber, subscription, hear);
  await Bun.sleep(100);
  return async (sliceMs) => {
    latencies = [];
    const sent = await paced(rate, sliceMs, publish);
    for (let waits = 0; latencies.length < sent && waits < DRAINS_MAX; waits++) await Bun.sleep(DRAIN_MS);
    if (latencies.length !== sent) throw new Error(`${latencies.length} of ${sent} messages arrived`);
    const taken = latencies;
    return (part) => quantile(taken, part);
  };
}

async function poll(
  subscriber: RawConnection,
  subscription: Parameters<typeof subscribeTarget>[0],
  hear: (body: string) => void,
): Promise<void> {
  let cursor = cursorOf(await subscriber.get(subscribeTarget(subscription, "0")));
  for (;;) {
    const body = await subscriber.get(subscribeTarget(subscription, cursor));
    hear(body);
    cursor = cursorOf(body);
  }
}

/** Does something at a rate, without waiting for it. @returns how often. */
export async function paced(rate: number, sliceMs: number, act: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  let acts = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= sliceMs) return acts;
    for (const due = (elapsedMs * rate) / 1_000; acts < due; acts++) void act();
    await Bun.sleep(Math.max(1, 1_000 / rate - 1));
  }
}
