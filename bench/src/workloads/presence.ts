/**
 * W9: members of one channel join, heartbeat, are listed, and time out.
 *
 * The figures of joins and timeouts are the server's processor time for all of them; those of memory are resident bytes for
 * each member, with everything that the process keeps for it.
 *
 * @module
 */
import { type Pace, alternate, rateMeasures } from "../alternate.ts";
import { type Measure, quantile } from "../figures.ts";
import { type RequestLoad, requestLoad, sameRequestLoad } from "../loop-load.ts";
import { RawConnection } from "../raw-connection.ts";
import { publishTarget } from "../requests.ts";
import { type BenchServer, cpuOf, residentBytes, startLongwave } from "../servers.ts";
import { type Workload, withServer } from "./workload.ts";

const MEMBERS = 100_000;
const MEMBERS_QUICK = 10_000;
const JOINS_CPU_SECONDS_MAX = 10;
const PAGE_UUIDS = 1_000;
const PAGE_MS_MAX = 5;
const PAGES = 50;
const WARM_UP_JOINS = 5_000;
const SETTLE_MS = 2_500;
/** The shortest time after which the network gives a member up. */
const SHORT_SECONDS = 20;
const LONG_SECONDS = 300;
const TIMEOUTS_SECONDS_MAX = 120;
const PRESENCE = "/v2/presence/sub-key/demo/channel";

/** W9. */
export const PRESENCE_MEMBERS: Workload = {
  id: "W9",
  title: `${MEMBERS.toLocaleString("en")} members of one channel`,
  isQuick: false,
  run: (pace) => withServer(startLongwave, (server) => measure(server, pace)),
};

async function measure(server: BenchServer, pace: Pace): Promise<readonly Measure[]> {
  const members = pace.isQuick ? MEMBERS_QUICK : MEMBERS;
  await signsOfLife(server.url, "warm", LONG_SECONDS).then((load) => runAndClose(load, WARM_UP_JOINS));
  await Bun.sleep(SETTLE_MS);
  const room = await signsOfLife(server.url, "room", LONG_SECONDS, members);
  const before = { cpu: usedSeconds(server), bytes: residentBytes(server.pid) };
  await room.runTimes(members);
  const joinSeconds = usedSeconds(server) - before.cpu;
  await requireOccupancy(server.url, members);
  await Bun.sleep(SETTLE_MS);
  const bytes = (residentBytes(server.pid) - before.bytes) / members;
  const beats = await alternate(
    { server, load: room.run },
    { server, load: await sameRequestLoad(server.url, publishTarget({ channel: "elsewhere" })) },
    pace,
  );
  room.close();
  const target = { of: "longwave", bound: "most" } as const;
  return [
    one(`CPU of ${members.toLocaleString("en")} joins, s`, joinSeconds, { ...target, value: JOINS_CPU_SECONDS_MAX }),
    one("resident memory of a member, bytes", bytes),
    ...rateMeasures("heartbeats", beats, { target: { of: "ratio", bound: "least", value: 0.5 }, other: "W1" }),
    one(`page of ${PAGE_UUIDS.toLocaleString("en")} uuids, p50 at the client, ms`, await pageMs(server.url, members), {
      ...target,
      value: PAGE_MS_MAX,
    }),
    one(`CPU of ${members.toLocaleString("en")} timeouts, s`, await timeoutSeconds(server, members)),
  ];
}

// Of the threads that live as long as the process: what others used is gone from the sum when they end.
function usedSeconds({ pid }: BenchServer): number {
  const { main, workers } = cpuOf(pid);
  return main + workers;
}

function one(what: string, figure: number, target?: Measure["target"]): Measure {
  return { what, longwave: [figure], limit: [], target };
}

/** Heartbeats of one member after the other, round and round. */
function signsOfLife(url: string, channel: string, seconds: number, members = WARM_UP_JOINS): Promise<RequestLoad> {
  let next = 0;
  return requestLoad(url, () => {
    next = (next + 1) % members;
    return `${PRESENCE}/${channel}/heartbeat?uuid=member-${next}&heartbeat=${seconds}`;
  });
}

async function runAndClose(load: RequestLoad, times: number): Promise<void> {
  await load.runTimes(times);
  load.close();
}

async function pageMs(url: string, members: number): Promise<number> {
  const connection = await RawConnection.open(url);
  const took: number[] = [];
  for (let page = 0; page < PAGES; page++) {
    const startedMs = performance.now();
    const body = await connection.get(`${PRESENCE}/room?limit=${PAGE_UUIDS}&offset=${(page * PAGE_UUIDS) % members}`);
    took.push(performance.now() - startedMs);
    if (!body.includes('"occupancy"')) throw new Error(`no here-now answer: ${body.slice(0, 200)}`);
  }
  connection.close();
  return quantile(took, 0.5);
}

// Everybody gives one more sign of life and is silent from then on.
async function timeoutSeconds(server: BenchServer, members: number): Promise<number> {
  await signsOfLife(server.url, "room", SHORT_SECONDS, members).then((load) => runAndClose(load, members));
  const cpu = usedSeconds(server);
  const endMs = performance.now() + TIMEOUTS_SECONDS_MAX * 1_000;
  while ((await occupancyOf(server.url)) > 0) {
    if (performance.now() > endMs) throw new Error("members that were silent are still there");
    await Bun.sleep(1_000);
  }
  return usedSeconds(server) - cpu;
}

async function requireOccupancy(url: string, members: number): Promise<void> {
  const occupancy = await occupancyOf(url);
  if (occupancy !== members) throw new Error(`${occupancy} members in place of ${members}`);
}

async function occupancyOf(url: string): Promise<number> {
  const response = await fetch(`${url}${PRESENCE}/room?disable_uuids=1`);
  const { occupancy } = (await response.json()) as { readonly occupancy: number };
  return occupancy;
}
