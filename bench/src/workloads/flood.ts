/**
 * W14: what a keyset's messages take while another keyset floods the network, beside what they take alone.
 *
 * The flood asks as fast as it is answered, so on one thread every request of the neighbour waits behind those that came
 * before it: the bare server shows how much of that is the runtime's own queue. With a bound on the flooding keyset's
 * requests (`limitsRequests`) most of them cost a refusal. A second flood is one that sends messages to a thousand polls.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { latencyProbe } from "../latency-probe.ts";
import { ADMIN_TOKEN, type BenchServer, type FloodKind, TELLS_COST, cpuOf, startFlood } from "../servers.ts";
import { type Workload, withServers } from "./workload.ts";

const QUIET = "quiet";
const FLOODING = "flooding";
/** Messages per second of the keyset that works. */
const RATE = 200;
const ROUND_MS = 3_000;
const ROUND_QUICK_MS = 1_000;
const RATIO_MAX = 2;
const BOUNDED_REQUESTS_PER_SECOND = 1_000;

/** W14. */
export const FLOOD: Workload = {
  id: "W14",
  title: `publish to delivery at ${RATE}/s while another keyset floods, against the same alone`,
  isQuick: false,
  run: (pace) => withServers(pace, (longwave, limit) => measure(longwave, limit, pace)),
};

async function measure(longwave: BenchServer, limit: BenchServer, pace: Pace): Promise<readonly Measure[]> {
  await makeKeyset(longwave.url, QUIET, {});
  await makeKeyset(longwave.url, FLOODING, {});
  const free = await rounds(longwave, pace);
  const bare = await rounds(limit, pace);
  const sending = await rounds(longwave, pace, "fanout");
  const sendingBare = await rounds(limit, pace, "fanout");
  await setKeyset(longwave.url, FLOODING, {
    limitsRequests: true,
    requestsPerSecondMax: BOUNDED_REQUESTS_PER_SECOND,
  });
  const bounded = await rounds(longwave, pace);
  const target = { of: "ratio", bound: "most", value: RATIO_MAX } as const;
  const row = (what: string, { busyMs, quietMs }: Rounds, judged?: Measure["target"]): Measure => {
    return { what, longwave: busyMs, limit: quietMs, other: "alone", target: judged };
  };
  return [
    row("p99, ms", free, target),
    row(`p99 where the flooding keyset may ask ${BOUNDED_REQUESTS_PER_SECOND}/s, ms`, bounded, target),
    row("p99 on the bare server, ms", bare),
    row("p99 while the other sends to 1,000 subscribers, ms", sending, target),
    row("the same on the bare server, ms", sendingBare),
    ...(TELLS_COST ? [{ what: "CPU of the server during the flood, share", longwave: free.cpu, limit: bare.cpu }] : []),
  ];
}

/** What some rounds found: pairs of alone and beside the flood. */
interface Rounds {
  readonly quietMs: number[];
  readonly busyMs: number[];
  readonly cpu: number[];
}

async function rounds(
  { url, pid }: BenchServer,
  { pairs, isQuick }: Pace,
  kind: FloodKind = "requests",
): Promise<Rounds> {
  const probe = await latencyProbe(url, { transport: "poll", rate: RATE, keyset: QUIET });
  const ms = isQuick ? ROUND_QUICK_MS : ROUND_MS;
  const found: Rounds = { quietMs: [], busyMs: [], cpu: [] };
  await probe(ms);
  for (let pair = 0; pair < pairs; pair++) {
    found.quietMs.push((await probe(ms))(0.99));
    const flood = await startFlood(kind, url, FLOODING, 10 + (2 * ms) / 1_000);
    const before = { ms: performance.now(), cpu: cpuOf(pid).all };
    found.busyMs.push((await probe(ms))(0.99));
    found.cpu.push((1_000 * (cpuOf(pid).all - before.cpu)) / (performance.now() - before.ms));
    await flood.stop();
  }
  return found;
}

async function makeKeyset(url: string, key: string, settings: object): Promise<void> {
  await admin(`${url}/admin/v1/keysets`, "POST", { name: key, publishKey: key, subscribeKey: key, settings });
}

async function setKeyset(url: string, key: string, settings: object): Promise<void> {
  await admin(`${url}/admin/v1/keysets/${key}`, "PATCH", settings);
}

async function admin(url: string, method: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`the admin API answered ${response.status}: ${await response.text()}`);
}
