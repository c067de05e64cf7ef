/**
 * W6: what a parked poll and an idle WebSocket cost in resident memory.
 *
 * The slope between a thousand and eleven thousand of them, so that what a server costs by itself does not count.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { RawConnection } from "../raw-connection.ts";
import { cursorOf, publishTarget, subscribeTarget } from "../requests.ts";
import { type BenchServer, residentBytes, startLongwave } from "../servers.ts";
import { type Workload, withServer } from "./workload.ts";

const FIRST = 1_000;
const MORE = 8_000; // with the first below the descriptors that most systems give a process
const KIB = 1_024;
const SETTLE_MS = 2_500;
const ROUNDS = 3;

type Transport = "poll" | "webSocket";

/** W6. */
export const MEMORY: Workload = {
  id: "W6",
  title: `resident memory of ${MORE.toLocaleString("en")} parked polls and idle WebSockets`,
  isQuick: false,
  run: async (pace) => [
    await measure("poll", "a parked poll, KiB", 2.5, pace),
    await measure("webSocket", "an idle WebSocket, KiB", 4, pace),
  ],
};

async function measure(transport: Transport, what: string, kibMax: number, pace: Pace): Promise<Measure> {
  const [longwave, limit]: [number[], number[]] = [[], []];
  for (let round = 0; round < (pace.isQuick ? 1 : ROUNDS); round++) {
    longwave.push(await withServer(startLongwave, (server) => kibOfOne(server, transport)));
    limit.push(await withServer(pace.startOther, (server) => kibOfOne(server, transport)));
  }
  return { what, longwave, limit, target: { of: "difference", bound: "most", value: kibMax } };
}

async function kibOfOne(server: BenchServer, transport: Transport): Promise<number> {
  const publisher = await RawConnection.open(server.url);
  await publisher.get(publishTarget());
  const before = await park(server, transport, FIRST);
  const connections = await park(server, transport, MORE);
  const kib = (connections.resident - before.resident) / MORE / KIB;
  for (const connection of [publisher, ...before.parked, ...connections.parked]) connection.close();
  return kib;
}

interface Parked {
  readonly parked: readonly RawConnection[];
  readonly resident: number;
}

async function park({ url, pid }: BenchServer, transport: Transport, count: number): Promise<Parked> {
  const parked = await RawConnection.openMany(url, count);
  for (const [at, connection] of parked.entries()) {
    const subscription = { uuid: `bench-${count}-${at}` };
    if (transport === "webSocket") {
      await connection.upgrade(subscribeTarget(subscription, "0"), () => {});
    } else {
      const cursor = cursorOf(await connection.get(subscribeTarget(subscription, "0")));
      void connection.get(subscribeTarget(subscription, cursor));
    }
  }
  await Bun.sleep(SETTLE_MS);
  return { parked, resident: residentBytes(pid) };
}
