/**
 * `npm run bench`: each workload in turn on the network and on its limit, in short slices, and the ratios.
 *
 * The median of the paired ratios is what counts: noise that hits both of a pair cancels.
 *
 * @module
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { prepareFanout } from "./load-fanout.ts";
import { loadPublish } from "./load-publish.ts";
import { type BenchServer, startLimit, startLongwave } from "./servers.ts";

const SLICE_SECONDS = 2;
const PAIRS = Number(process.env["LONGWAVE_BENCH_PAIRS"] ?? 7);

interface Workload {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** The ratio to the limit that the project wants to keep. */
  readonly target: number;
  /** Gets a server ready and returns what loads it for a slice. */
  readonly prepare: (server: BenchServer) => Promise<(seconds: number) => Promise<number>>;
}

interface Result {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly target: number;
  readonly ratios: readonly number[];
  readonly longwave: readonly number[];
  readonly limit: readonly number[];
}

const WORKLOADS: readonly Workload[] = [
  {
    id: "W1",
    title: "publish by GET, store=0, 64 connections",
    unit: "requests/s",
    target: 0.6,
    prepare: async (server) => (seconds) => loadPublish(server.url, seconds),
  },
  {
    id: "W3",
    title: "fan-out 1 to 1,000 by long poll",
    unit: "deliveries/s",
    target: 0.5,
    prepare: async (server) => {
      const load = await prepareFanout(server.url);
      return load.run;
    },
  },
];

async function measure({ prepare, ...workload }: Workload): Promise<Result> {
  const servers = [await startLongwave(), await startLimit()] as const;
  const [loadLongwave, loadLimit] = [await prepare(servers[0]), await prepare(servers[1])];
  await loadLongwave(SLICE_SECONDS); // warm up, not counted
  await loadLimit(SLICE_SECONDS);
  const [longwave, limit]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < PAIRS; pair++) {
    longwave.push(await loadLongwave(SLICE_SECONDS));
    limit.push(await loadLimit(SLICE_SECONDS));
    if (process.stderr.isTTY) process.stderr.write(`\r${workload.id} ${pair + 1}/${PAIRS} `);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  await Promise.all(servers.map((server) => server.stop()));
  const ratios = longwave.map((figure, pair) => figure / (limit[pair] ?? Number.NaN));
  return { ...workload, ratios, longwave, limit };
}

function median(figures: readonly number[]): number {
  const ordered = figures.toSorted((one, other) => one - other);
  return ordered[Math.trunc(ordered.length / 2)] ?? Number.NaN;
}

function printTable(results: readonly Result[]): string {
  const rows = results.map(({ id, title, unit, ratios, longwave, limit, target }) => {
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const verdict = median(ratios) >= target ? "reached" : "missed";
    const rate = (figures: readonly number[]): string => Math.round(median(figures)).toLocaleString("en");
    return `| ${id} | ${title} | ${median(ratios).toFixed(2)} (${range}) | ${target} ${verdict} | ${rate(longwave)} | ${rate(limit)} ${unit} |`;
  });
  return [
    "| | workload | ratio, median (range) | target | Longwave | limit |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

const results: Result[] = [];
for (const workload of WORKLOADS) results.push(await measure(workload));
console.log(printTable(results));
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, bun: Bun.version };
const path = join(import.meta.dir, "../results", `${new Date().toISOString().slice(0, 10)}.json`);
await Bun.write(path, `${JSON.stringify({ machine, sliceSeconds: SLICE_SECONDS, results }, undefined, 2)}\n`);
process.exit(0);
