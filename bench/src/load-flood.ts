/**
 * W14, the load: what one keyset's requests take while another one floods, beside what they take alone.
 *
 * Not wired into the bench by itself: `measureFlood` is one run against a network that has the keysets `demo` and `quiet`.
 *
 * @module
 */
import { floodKeyset } from "../../packages/server/src/bad-days/keyset-flood.ts";

/** 99th percentiles in milliseconds, and their ratio, which should stay below 2. */
export interface FloodFigures {
  readonly quietMs: number;
  readonly busyMs: number;
  readonly ratio: number;
}

/** Measures one run. @param url of a network with the keysets. @param requests of the quiet keyset, one after another. */
export async function measureFlood(url: string, quietKey: string, requests: number): Promise<FloodFigures> {
  const quietMs = await p99(url, quietKey, requests);
  const stop = new AbortController();
  const settings = { url, keys: ["demo", "demo"], parallel: 20, requestsMax: 1_000_000, waiters: 100 } as const;
  const flooding = floodKeyset(settings, stop.signal);
  const busyMs = await p99(url, quietKey, requests);
  stop.abort();
  await flooding;
  return { quietMs, busyMs, ratio: busyMs / quietMs };
}

async function p99(url: string, key: string, requests: number): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < requests; at++) {
    const startedMs = performance.now();
    const answer = await fetch(`${url}/publish/${key}/${key}/0/orders/0/${at}`);
    await answer.text();
    times.push(performance.now() - startedMs);
  }
  times.sort((one, other) => one - other);
  return times[Math.floor(requests * 0.99)] ?? 0;
}
