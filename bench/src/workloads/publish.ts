/**
 * W1 and W2: publishes by GET over 64 kept-alive connections, unstored and stored.
 *
 * @module
 */
import { type Pace, type Side, alternate, rateMeasures, writerMeasure } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { requestLoad, sameRequestLoad } from "../loop-load.ts";
import { publishTarget, requireSent } from "../requests.ts";
import type { BenchServer } from "../servers.ts";
import { type Workload, withServers } from "./workload.ts";

/** W1. */
export const PUBLISH: Workload = {
  id: "W1",
  title: "publish by GET, unstored, 64 connections",
  isQuick: true,
  run: (pace) =>
    withServers(pace, async (longwave, limit) => {
      const side = async (server: BenchServer): Promise<Side> => {
        return { server, load: await sameRequestLoad(server.url, publishTarget()) };
      };
      const found = await alternate(await side(longwave), await side(limit), pace);
      const target = { of: "ratio", bound: "least", value: 0.6 } as const;
      return rateMeasures("publishes", found, { target, alarm: { bound: "least", value: 0.35 } });
    }),
};

/** W2. Its limit answers after the same group commit. */
export const PUBLISH_STORED: Workload = {
  id: "W2",
  title: "publish by GET, stored, acknowledged after the commit",
  isQuick: true,
  run: runStored,
};

async function runStored(pace: Pace): Promise<readonly Measure[]> {
  return withServers(pace, async (longwave, limit) => {
    const target = publishTarget({ isStored: true });
    const loads = [
      await requestLoad(longwave.url, () => target, requireSent),
      await requestLoad(limit.url, () => target, requireSent),
    ] as const;
    const slowestMs: [number[], number[]] = [[], []];
    const sides = ([longwave, limit] as const).map((server, at) => ({
      server,
      load: async (sliceMs: number): Promise<number> => {
        const answered = await loads[at === 0 ? 0 : 1].run(sliceMs);
        slowestMs[at === 0 ? 0 : 1].push(loads[at === 0 ? 0 : 1].latencyMs(0.99));
        return answered;
      },
    }));
    const [one, other] = sides as [Side, Side];
    const found = await alternate(one, other, pace);
    return [
      ...rateMeasures("publishes", found, {
        target: { of: "ratio", bound: "least", value: 0.7 },
        alarm: { bound: "least", value: 0.35 },
      }),
      {
        what: "acknowledgement p99, ms",
        longwave: slowestMs[0].slice(1), // the first slice only warms up
        limit: slowestMs[1].slice(1),
        target: { of: "longwave", bound: "most", value: 20 },
      },
      ...writerMeasure(found),
    ];
  });
}
