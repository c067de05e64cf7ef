import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { count } from "../../../../tools/counts.ts";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { floodKeyset } from "./keyset-flood.ts";

const QUIET = { ...DEMO_KEYSET, name: "quiet", publishKey: "quiet", subscribeKey: "quiet" };

interface Worked {
  readonly statuses: readonly number[];
  readonly p99Ms: number;
}

async function work(url: string, requests: number): Promise<Worked> {
  const statuses: number[] = [];
  const times: number[] = [];
  for (let at = 0; at < requests; at++) {
    const startedMs = performance.now();
    const answer = await fetch(`${url}/publish/quiet/quiet/0/orders/0/${at}`);
    await answer.text();
    times.push(performance.now() - startedMs);
    statuses.push(answer.status);
  }
  times.sort((one, other) => one - other);
  return { statuses, p99Ms: times[Math.floor(requests * 0.99)] ?? 0 };
}

test("[LMT13] while one keyset floods, another one's requests all succeed, and it reads what it wrote", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-flood-"));
  const settings = { dataDir, port: 0, drainSeconds: 0, masterKeyFile: join(dataDir, "key") };
  const network = await startNetwork(settings, { log: SILENT_LOG, keysets: [QUIET] });
  const requests = count({ quick: 100, full: 1_000 });
  const quiet = await work(network.url, requests);
  const stop = new AbortController();
  const flood = { url: network.url, keys: ["demo", "demo"], parallel: 20, requestsMax: 20_000, waiters: 100 } as const;
  const flooding = floodKeyset(flood, stop.signal);
  while (network.heldPolls < flood.waiters) await Bun.sleep(1);
  const busy = await work(network.url, requests);
  const history = `${network.url}/v2/history/sub-key/quiet/channel/orders?count=100&reverse=true`;
  const [kept] = (await (await fetch(history)).json()) as [number[]];
  stop.abort();
  const answered = await flooding;
  await network.stop();
  rmSync(dataDir, { recursive: true });
  console.log(`p99 quiet ${quiet.p99Ms.toFixed(1)} ms, during a flood of ${answered} ${busy.p99Ms.toFixed(1)} ms`);
  expect(answered).toBeGreaterThan(requests); // it was one
  expect([...quiet.statuses, ...busy.statuses].filter((status) => status !== 200)).toEqual([]);
  expect(kept).toEqual(Array.from({ length: 100 }, (_, at) => at));
}, 120_000);
