/**
 * W3, W4 and W10: one message to a thousand subscribers, by long poll, by WebSocket, and through filters.
 *
 * @module
 */
import { type Pace, alternate, rateMeasures } from "../alternate.ts";
import { type FanoutOptions, SUBSCRIBERS, fanoutLoad } from "../fanout-load.ts";
import type { Measure, Target } from "../figures.ts";
import { type BenchServer, startLongwave } from "../servers.ts";
import { type Workload, withServer, withServers } from "./workload.ts";

/** W3. */
export const FANOUT_BY_POLL: Workload = {
  id: "W3",
  title: "fan-out 1 to 1,000 by long poll",
  isQuick: true,
  run: (pace) => runFanout(pace, { transport: "poll", burst: 1 }, 0.7),
};

/** W4. */
export const FANOUT_BY_WEB_SOCKET: Workload = {
  id: "W4",
  title: "fan-out 1 to 1,000 by WebSocket, bursts of 1 and of 10",
  isQuick: true,
  run: async (pace) => [
    ...(await runFanout(pace, { transport: "webSocket", burst: 1 }, 0.7)),
    ...(await runFanout(pace, { transport: "webSocket", burst: 10 }, 0.7)),
  ],
};

async function runFanout(pace: Pace, options: FanoutOptions, least: number): Promise<readonly Measure[]> {
  return withServers(pace, async (longwave, limit) => {
    const found = await alternateFanouts([longwave, options], [limit, options], pace);
    const what = options.burst === 1 ? "deliveries" : `deliveries at burst ${options.burst}`;
    const target: Target = { of: "ratio", bound: "least", value: least };
    return rateMeasures(what, found, { target, alarm: { bound: "least", value: least / 3 } });
  });
}

/** W10. A hundred expressions over ten values: each message passes one subscriber in ten. */
export const FILTERS: Workload = {
  id: "W10",
  title: "fan-out through 100 filters, one subscriber in ten matches, against W3",
  isQuick: false,
  run: (pace) =>
    withServer(startLongwave, (filtered) =>
      withServer(startLongwave, async (plain) => {
        const poll = { transport: "poll", burst: 1 } as const;
        const found = await alternateFanouts([filtered, { ...poll, ...FILTERED }], [plain, poll], pace);
        const target: Target = { of: "ratio", bound: "least", value: 0.5 };
        return rateMeasures("deliveries", found, { target, other: "W3" });
      }),
    ),
};

const FILTERED: Pick<FanoutOptions, "filters" | "publication"> = {
  filters: { of: (subscriber) => `n == ${subscriber % 10} && who != "${subscriber % 100}"`, passed: SUBSCRIBERS / 10 },
  publication: (round) => ({ meta: `{"n":${round % 10},"who":"all"}` }),
};

async function alternateFanouts(
  one: readonly [BenchServer, FanoutOptions],
  other: readonly [BenchServer, FanoutOptions],
  pace: Pace,
): ReturnType<typeof alternate> {
  const side = async ([server, options]: readonly [BenchServer, FanoutOptions]): Promise<
    Parameters<typeof alternate>[0]
  > => ({ server, load: await fanoutLoad(server.url, options) });
  return alternate(await side(one), await side(other), pace);
}
