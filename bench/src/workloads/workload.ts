/**
 * What a workload is: a number, a sentence, and a run that measures.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { type BenchServer, startLongwave } from "../servers.ts";

/** One row of the plan. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  /** Whether the quick run has it. */
  readonly isQuick: boolean;
  /** Whether it runs only where it is named: it takes minutes, and does not change from day to day. */
  readonly isByName?: boolean;
  readonly run: (pace: Pace) => Promise<readonly Measure[]>;
}

/** Runs with the network and with what it is compared to, both fresh, and stops them whatever comes. */
export async function withServers<Result>(
  { startOther }: Pick<Pace, "startOther">,
  run: (longwave: BenchServer, limit: BenchServer) => Promise<Result>,
): Promise<Result> {
  return withServer(startLongwave, (longwave) => withServer(startOther, (limit) => run(longwave, limit)));
}

/** Runs with one server and stops it whatever comes. */
export async function withServer<Result>(
  start: () => Promise<BenchServer>,
  run: (server: BenchServer) => Promise<Result>,
): Promise<Result> {
  const server = await start();
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}

/** Runs with several servers, started one after the other, and stops them whatever comes. */
export async function withEach<Result>(
  starts: readonly (() => Promise<BenchServer>)[],
  run: (servers: readonly BenchServer[]) => Promise<Result>,
): Promise<Result> {
  const [start, ...others] = starts;
  if (!start) return run([]);
  return withServer(start, (first) => withEach(others, (servers) => run([first, ...servers])));
}
