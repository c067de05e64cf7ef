/**
 * `npm run bench`: each workload in turn on the network and on its limit, in short slices, and the ratios.
 *
 * `npm run bench -- W1 W3` runs some; `--quick` few and short slices, failing on ratios that cannot be noise;
 * `--against DIRECTORY` compares with another checkout in the limit's place; `--pairs N` and `--slice-ms N` set the pace.
 *
 * @module
 */
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { Pace } from "./alternate.ts";
import { WORKLOADS } from "./plan.ts";
import { type Result, alarmsOf, describeMachine, printTable } from "./report.ts";
import { killServers, pinLoad, startLimit, startLongwave } from "./servers.ts";
import type { Workload } from "./workloads/workload.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    against: { type: "string" },
    pairs: { type: "string" },
    "slice-ms": { type: "string" },
  },
});

const { quick: isQuick, against } = values;
const pace: Pace = {
  pairs: Number(values.pairs ?? (isQuick ? 3 : 5)),
  sliceMs: Number(values["slice-ms"] ?? 1_000),
  isQuick,
  startOther: against === undefined ? startLimit : () => startLongwave({ root: against }),
};

function chosen(): readonly Workload[] {
  const unknown = positionals.find((id) => !WORKLOADS.some((workload) => workload.id === id));
  if (unknown !== undefined)
    throw new Error(`There is no workload ${unknown}; there are ${WORKLOADS.map(({ id }) => id).join(", ")}.`);
  if (positionals.length > 0) return WORKLOADS.filter(({ id }) => positionals.includes(id));
  return isQuick ? WORKLOADS.filter((workload) => workload.isQuick) : WORKLOADS.filter(({ isByName }) => !isByName);
}

async function runAll(): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { id, title, run } of chosen()) {
    const startedMs = performance.now();
    try {
      results.push({ id, title, measures: await run(pace) });
    } catch (failure) {
      console.error(`${id} failed: ${failure instanceof Error ? failure.message : String(failure)}`);
      process.exitCode = 1;
    }
    console.error(`${id} took ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  }
  return results;
}

async function write(results: readonly Result[]): Promise<void> {
  const name = `${new Date().toISOString().slice(0, 16).replaceAll(":", "-")}${isQuick ? "-quick" : ""}.json`;
  const { pairs, sliceMs } = pace;
  const report = {
    machine: describeMachine(),
    date: new Date().toISOString(),
    pairs,
    sliceMs,
    against: basename(against ?? ""),
    results,
  };
  await Bun.write(join(import.meta.dir, "../results", name), `${JSON.stringify(report, undefined, 2)}\n`);
}

process.on("exit", killServers);
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
pinLoad();
const results = await runAll();
console.log(printTable(results));
await write(results);
const alarms = isQuick ? alarmsOf(results) : [];
for (const alarm of alarms) console.error(alarm);
process.exit(alarms.length > 0 ? 1 : (process.exitCode ?? 0));
