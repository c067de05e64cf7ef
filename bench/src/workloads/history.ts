/**
 * W8: the newest hundred messages of ten million, and a hundred at random places.
 *
 * Asked one after another over one connection, so a figure is what one reader waits. The same requests to a directory of ten
 * thousand messages stand beside them: what is over the ratio of one is the price of the size.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import { type Measure, quantile } from "../figures.ts";
import { DEEP, MESSAGES, ROOMS, STEP_TICKS, fixture } from "../fixtures.ts";
import { RawConnection } from "../raw-connection.ts";
import { type BenchServer, startLongwave } from "../servers.ts";
import { type Workload, withServer } from "./workload.ts";

const PAGE = 100;
const READS = 500;
const READS_QUICK = 100;
const P99_MS_MAX = 5;
const SMALL = `${MESSAGES.few.toLocaleString("en")} messages`;

/** W8. */
export const HISTORY: Workload = {
  id: "W8",
  title: `history: ${PAGE} of ${MESSAGES.many.toLocaleString("en")} messages`,
  isQuick: false,
  run: async (pace) => [
    await measureStarts(),
    ...(await withServer(startOn(MESSAGES.many), (many) =>
      withServer(startOn(MESSAGES.few), (few) => measure([many, few], pace)),
    )),
  ],
};

const STARTS = 5;
const READY_MS_MAX = 2_000;

async function measureStarts(): Promise<Measure> {
  const took: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const startedMs = performance.now();
    await withServer(startOn(MESSAGES.many), async () => took.push(performance.now() - startedMs));
  }
  const target = { of: "longwave", bound: "most", value: READY_MS_MAX } as const;
  return { what: "start on this directory, ms", longwave: took, limit: [], target };
}

const startOn = (messages: number) => (): Promise<BenchServer> =>
  startLongwave({ dataDirectory: fixture("messages", messages) });

const SIDES = [0, 1] as const;
const OF_A_ROOM = "newest 100 of a random channel";
const COUNTS = "counts of 100 channels";
const COUNTED = Array.from({ length: PAGE }, (_, at) => `room-${at * 97}`).join(",");
const COUNTS_P99_MS_MAX = 10;

/** The target of a read, by a random number from 0 to 1. */
type Read = (random: number) => string;

async function measure(servers: readonly [BenchServer, BenchServer], pace: Pace): Promise<readonly Measure[]> {
  const spans = await Promise.all(servers.map(spanOf));
  const reads = (at: 0 | 1): Readonly<Record<string, Read>> => ({
    "newest 100": () => history(DEEP, ""),
    "100 at a random place": (random) => history(DEEP, `&start=${instantOf(spans[at], random)}`),
    [COUNTS]: () => `/v3/history/sub-key/demo/message-counts/${COUNTED}?timetoken=1`,
    [OF_A_ROOM]: (random) => history(`room-${Math.trunc(random * ROOMS)}`, ""),
  });
  const measures: Measure[] = [];
  for (const name of Object.keys(reads(0))) {
    const found = { p50: [[], []] as [number[], number[]], p99: [[], []] as [number[], number[]] };
    for (let pair = 0; pair < pace.pairs; pair++) {
      for (const at of SIDES) {
        if (at === 1 && name === OF_A_ROOM) continue; // the small one's rooms hold too few
        const took = await times(servers[at].url, reads(at)[name] ?? (() => ""), pace);
        found.p50[at].push(quantile(took, 0.5));
        found.p99[at].push(quantile(took, 0.99));
      }
    }
    for (const part of ["p50", "p99"] as const) {
      const [longwave, limit] = found[part];
      const value = name === COUNTS ? COUNTS_P99_MS_MAX : P99_MS_MAX;
      const target = part === "p99" ? ({ of: "longwave", bound: "most", value } as const) : undefined;
      measures.push({ what: `${name}, ${part}, ms`, longwave, limit, other: SMALL, target });
    }
  }
  return measures;
}

function history(channel: string, query: string): string {
  return `/v2/history/sub-key/demo/channel/${channel}?count=${PAGE}&include_token=true${query}`;
}

// Behind the newest message; how far it is to the oldest is known from the way that fixtures are filled.
interface Span {
  readonly newest: bigint;
  readonly ticks: number;
}

async function spanOf({ url }: BenchServer, at: number): Promise<Span> {
  const connection = await RawConnection.open(url);
  const newest = /"timetoken":"?(\d{17})"?\}\],"?\d+/.exec(await connection.get(history(DEEP, "")))?.[1];
  connection.close();
  if (newest === undefined) throw new Error("the fixture's channel is empty");
  return { newest: BigInt(newest), ticks: (at === 0 ? MESSAGES.many : MESSAGES.few) * Number(STEP_TICKS) };
}

// In the upper nine tenths, so that a whole page lies before it.
function instantOf(span: Span | undefined, random: number): bigint {
  if (!span) throw new Error("no span");
  return span.newest - BigInt(Math.trunc(span.ticks * 0.9 * random));
}

async function times(url: string, read: Read, { isQuick }: Pace): Promise<readonly number[]> {
  const connection = await RawConnection.open(url);
  const took: number[] = [];
  for (let at = 0; at < (isQuick ? READS_QUICK : READS); at++) {
    const startedMs = performance.now();
    const body = await connection.get(read(Math.random()));
    took.push(performance.now() - startedMs);
    if (!body.startsWith('[[{"message"') && !body.startsWith('{"status":200'))
      throw new Error(`no history answer: ${body.slice(0, 200)}`);
  }
  connection.close();
  return took;
}
