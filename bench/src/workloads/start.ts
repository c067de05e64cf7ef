/**
 * W12: from the start of the process to its first delivered message, and what an idle network takes of memory.
 *
 * Each round starts it anew, with a data directory that is not there yet. Whoever measures starts the command itself: what
 * `npm` costs before it does not count.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { RawConnection } from "../raw-connection.ts";
import { cursorOf, messagesIn, publishTarget, requireSent, subscribeTarget } from "../requests.ts";
import { type BenchServer, residentBytes, startLongwave } from "../servers.ts";
import { type Workload, withServer } from "./workload.ts";

const STARTS = 7;
const STARTS_QUICK = 3;
const IDLE_MS = 3_000;
const MEBIBYTE = 1_048_576;

/** W12. */
export const START: Workload = {
  id: "W12",
  title: "start of the network",
  isQuick: false,
  run: measure,
};

async function measure({ isQuick }: Pace): Promise<readonly Measure[]> {
  const [readyMs, deliveredMs, idleMebibytes]: [number[], number[], number[]] = [[], [], []];
  for (let start = 0; start < (isQuick ? STARTS_QUICK : STARTS); start++) {
    await withServer(startLongwave, async (server) => {
      readyMs.push(server.readyMs);
      deliveredMs.push(server.readyMs + (await msToDelivery(server)));
      await Bun.sleep(IDLE_MS);
      idleMebibytes.push(residentBytes(server.pid) / MEBIBYTE);
    });
  }
  const most = { of: "longwave", bound: "most" } as const;
  return [
    { what: "to its line that says ready, ms", longwave: readyMs, limit: [], target: { ...most, value: 500 } },
    { what: "to the first delivered message, ms", longwave: deliveredMs, limit: [], target: { ...most, value: 1_000 } },
    { what: "resident memory when idle, MiB", longwave: idleMebibytes, limit: [], target: { ...most, value: 80 } },
  ];
}

async function msToDelivery({ url }: BenchServer): Promise<number> {
  const startedMs = performance.now();
  const [subscriber, publisher] = [await RawConnection.open(url), await RawConnection.open(url)];
  const cursor = cursorOf(await subscriber.get(subscribeTarget({ uuid: "bench" }, "0")));
  const delivered = subscriber.get(subscribeTarget({ uuid: "bench" }, cursor));
  requireSent(await publisher.get(publishTarget({ isStored: true })));
  if (messagesIn(await delivered) !== 1) throw new Error("the first message did not arrive");
  const took = performance.now() - startedMs;
  for (const connection of [subscriber, publisher]) connection.close();
  return took;
}
