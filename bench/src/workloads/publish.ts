/**
 * W1 and W2: publishes by GET over 64 kept-alive connections, unstored and stored. W16: stored, by how many ask at once.
 *
 * @module
 */
import { type Pace, type Side, alternate, rateMeasures, writerMeasure } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { requestLoad, sameRequestLoad } from "../loop-load.ts";
import { publishTarget, requireSent } from "../requests.ts";
import { type BenchServer, startLongwave } from "../servers.ts";
import { type Workload, withServer, withServers } from "./workload.ts";

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
      const target = { of: "ratio", bound: "least", value: 0.75 } as const;
      return rateMeasures("publishes", found, { target, alarm: { bound: "least", value: 0.25 } });
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
        alarm: { bound: "least", value: 0.25 },
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

const LEVELS = [1, 16, 64, 256] as const;

/** W16. Each level is loaded once a pair, one after the other, so that none has the quiet of the machine for itself. */
export const PUBLISH_LEVELS: Workload = {
  id: "W16",
  title: "durable publishes, by connections that publish at once",
  isQuick: false,
  run: ({ pairs, sliceMs }) =>
    withServer(startLongwave, async ({ url }) => {
      const target = publishTarget({ isStored: true });
      const levels = await Promise.all(
        LEVELS.map(async (connections) => ({
          connections,
          load: await requestLoad(url, () => target, requireSent, connections),
          rates: [] as number[],
          sizes: [] as number[],
          p50: [] as number[],
          p99: [] as number[],
        })),
      );
      for (const { load } of levels) await load.run(sliceMs); // warms up
      for (let pair = 0; pair < pairs; pair++) {
        for (const { load, rates, sizes, p50, p99 } of levels) {
          const [commits, startedMs] = [await commitsOf(url), performance.now()];
          const answered = await load.run(sliceMs);
          rates.push((answered * 1_000) / (performance.now() - startedMs));
          sizes.push(answered / ((await commitsOf(url)) - commits));
          p50.push(load.latencyMs(0.5));
          p99.push(load.latencyMs(0.99));
        }
      }
      return levels.flatMap(({ connections, load, rates, sizes, p50, p99 }) => {
        load.close();
        const row = (what: string, longwave: readonly number[]): Measure => {
          return { what: `${connections} at once: ${what}`, longwave, limit: [] };
        };
        return [
          row("publishes/s", rates),
          row("messages a commit", sizes),
          row("acknowledgement p50, ms", p50),
          row("acknowledgement p99, ms", p99),
        ];
      });
    }),
};

/** Commits since the server's start. */
async function commitsOf(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^longwave_commit_seconds_count(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
}
