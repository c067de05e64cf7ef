/**
 * Loads servers in turn, two or more, in short slices, and keeps the figures of each round together.
 *
 * @module
 */
import type { Measure } from "./figures.ts";
import { type BenchServer, TELLS_COST, cpuOf } from "./servers.ts";

/** How long and how often. */
export interface Pace {
  readonly pairs: number;
  readonly sliceMs: number;
  readonly isQuick: boolean;
  /** Starts what the network is compared with: the limit, or another state of the project. */
  readonly startOther: () => Promise<BenchServer>;
}

/** Loads a server for a time. @returns how much was done, in whatever is counted. */
export type Load = (sliceMs: number) => Promise<number>;

/** One side: its load, and the server whose processor time it costs. */
export interface Side {
  readonly server: BenchServer;
  readonly load: Load;
}

/** What one slice of load found. */
export interface Slice {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly workerShare: number;
  /** Of its core, what this process used: near 1 where the load itself was the limit. */
  readonly loaderShare: number;
}

/** What alternating found. */
export interface Alternated {
  readonly longwave: readonly Slice[];
  readonly limit: readonly Slice[];
}

/** Two sides in turn; which one begins changes from pair to pair. */
export async function alternate(longwave: Side, limit: Side, pace: Pace): Promise<Alternated> {
  const [ofLongwave = [], ofLimit = []] = await takeTurns([longwave, limit], pace);
  return { longwave: ofLongwave, limit: ofLimit };
}

/**
 * Warms all of them up, then loads them in turn, every other round backwards.
 *
 * @returns the slices of each side: those at the same place are of the same round.
 */
export async function takeTurns(
  sides: readonly Side[],
  { pairs, sliceMs }: Pick<Pace, "pairs" | "sliceMs">,
): Promise<readonly (readonly Slice[])[]> {
  for (const side of sides) await slice(side, sliceMs);
  const turns = sides.map((side) => ({ side, slices: [] as Slice[] }));
  for (let round = 0; round < pairs; round++) {
    for (const { side, slices } of round % 2 === 0 ? turns : turns.toReversed())
      slices.push(await slice(side, sliceMs));
  }
  return turns.map(({ slices }) => slices);
}

async function slice({ server, load }: Side, sliceMs: number): Promise<Slice> {
  const before = { ms: performance.now(), cpu: cpuOf(server.pid), loader: process.cpuUsage() };
  const done = await load(sliceMs);
  const seconds = (performance.now() - before.ms) / 1_000;
  const cpu = cpuOf(server.pid);
  const loader = process.cpuUsage(before.loader);
  return {
    perSecond: done / seconds,
    perCpuSecond: done / (cpu.all - before.cpu.all),
    workerShare: (cpu.workers - before.cpu.workers) / (cpu.all - before.cpu.all),
    loaderShare: (loader.user + loader.system) / 1e6 / seconds,
  };
}

/**
 * The rows of a rate: by time, and by the server's processor time.
 *
 * The target is judged by processor time where the platform tells it: on a machine with other work to do, the ratio by time
 * says as much about that work as about the servers.
 */
export function rateMeasures(
  what: string,
  { longwave, limit }: Alternated,
  { other, ...judgement }: Pick<Measure, "target" | "alarm" | "other"> = {},
): readonly Measure[] {
  const by = (figure: keyof Slice): Pick<Measure, "longwave" | "limit" | "other"> => ({
    longwave: longwave.map((one) => one[figure]),
    limit: limit.map((one) => one[figure]),
    other,
  });
  if (!TELLS_COST) return [{ what: `${what}/s`, ...by("perSecond"), ...judgement }];
  return [
    { what: `${what}/CPU-s`, ...by("perCpuSecond"), ...judgement },
    { what: `${what}/s`, ...by("perSecond") },
    { what: "load, share of its core", ...by("loaderShare") },
  ];
}

/** The row that sets the storage writer's part of the server's processor time apart. */
export function writerMeasure({ longwave, limit }: Alternated): readonly Measure[] {
  if (!TELLS_COST) return [];
  const share = (slices: readonly Slice[]): readonly number[] => slices.map(({ workerShare }) => workerShare);
  return [{ what: "storage writer, share of CPU", longwave: share(longwave), limit: share(limit) }];
}
