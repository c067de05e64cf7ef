/**
 * W5 and W14: how long a message takes from its publisher to its subscriber, alone and beside a neighbour's flood.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import type { Measure, Target } from "../figures.ts";
import { latencyProbe } from "../latency-probe.ts";
import type { BenchServer } from "../servers.ts";
import { type Workload, withServers } from "./workload.ts";

const RATES = [100, 5_000] as const;
const TRANSPORTS = { poll: "long poll", webSocket: "WebSocket" } as const;

/** W5. */
export const LATENCY: Workload = {
  id: "W5",
  title: "publish to delivery, one to one",
  isQuick: false,
  run: async (pace) => {
    const measures: Measure[] = [];
    for (const transport of ["poll", "webSocket"] as const) {
      for (const rate of RATES) measures.push(...(await measure(transport, rate, pace)));
    }
    return measures;
  },
};

async function measure(transport: keyof typeof TRANSPORTS, rate: number, pace: Pace): Promise<readonly Measure[]> {
  return withServers(pace, async (longwave, limit) => {
    const probe = async (server: BenchServer): ReturnType<typeof latencyProbe> =>
      latencyProbe(server.url, { transport, rate });
    const [one, other] = [await probe(longwave), await probe(limit)];
    await one(500);
    await other(500);
    const parts = { p50: 0.5, p99: 0.99 } as const;
    const found = { p50: [[], []] as [number[], number[]], p99: [[], []] as [number[], number[]] };
    for (let pair = 0; pair < pace.pairs; pair++) {
      for (const [at, run] of [one, other].entries()) {
        const latencies = await run(pace.sliceMs);
        for (const name of ["p50", "p99"] as const) found[name][at === 0 ? 0 : 1].push(latencies(parts[name]));
      }
    }
    return (["p50", "p99"] as const).map((name) => ({
      what: `${TRANSPORTS[transport]} at ${rate}/s, ${name}, ms`,
      longwave: found[name][0],
      limit: found[name][1],
      target: rate === 100 ? TARGETS[name] : undefined,
    }));
  });
}

const TARGETS: Readonly<Record<"p50" | "p99", Target>> = {
  p50: { of: "longwave", bound: "most", value: 1 },
  p99: { of: "longwave", bound: "most", value: 5 },
};
