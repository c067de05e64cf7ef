/**
 * W7: ten thousand subscribers lose their connections, messages pass, and all come back at once with their cursors.
 *
 * What counts is the time from the first connection that is opened again until the last subscriber has everything. The
 * bodies are read when the clock has stopped.
 *
 * @module
 */
import type { Pace } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { RawConnection } from "../raw-connection.ts";
import { cursorOf, messagesIn, publishTarget, requireSent, subscribeTarget } from "../requests.ts";
import { type BenchServer, TELLS_COST, cpuOf } from "../servers.ts";
import { type Workload, withServers } from "./workload.ts";

const SUBSCRIBERS = 10_000;
const SUBSCRIBERS_QUICK = 1_000;
const MISSED = 100;
const ROUNDS = 3;
const SETTLE_MS = 1_500;
/** Connections that are opened together, so that no queue of the system overflows. */
const OPENED_TOGETHER = 200;
const CAUGHT_UP_MS_MAX = 5_000;
const CPU_ALARM = { bound: "most", value: 3 } as const;

/** W7. */
export const RECONNECT: Workload = {
  id: "W7",
  title: `${SUBSCRIBERS.toLocaleString("en")} subscribers come back to ${MISSED} missed messages`,
  isQuick: true,
  run: (pace) => withServers(pace, (longwave, limit) => measure([longwave, limit], pace)),
};

async function measure(servers: readonly [BenchServer, BenchServer], { isQuick }: Pace): Promise<readonly Measure[]> {
  const subscribers = isQuick ? SUBSCRIBERS_QUICK : SUBSCRIBERS;
  const found: [Storm[], Storm[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const at of [0, 1] as const) found[at].push(await storm(servers[at], subscribers, round * MISSED));
  }
  const [longwave, limit] = found;
  const row = (what: string, of: (storm: Storm) => number, target?: Measure["target"]): Measure => {
    return { what, longwave: longwave.map(of), limit: limit.map(of), target };
  };
  // Of all rounds together: a median would not see the one round that lost something.
  const never = (what: string, of: (storm: Storm) => number): Measure => ({
    what,
    longwave: [longwave.reduce((sum, one) => sum + of(one), 0)],
    limit: [],
    target: { of: "longwave", bound: "most", value: 0 },
  });
  const count = subscribers.toLocaleString("en");
  return [
    row(`until all ${count} have everything, ms`, ({ ms }) => ms, {
      of: "longwave",
      bound: "most",
      value: CAUGHT_UP_MS_MAX,
    }),
    ...(TELLS_COST ? [{ ...row("CPU of the server, s", ({ cpuSeconds }) => cpuSeconds), alarm: CPU_ALARM }] : []),
    never("messages lost", ({ lost }) => lost),
    never("messages delivered twice or out of turn", ({ surplus }) => surplus),
  ];
}

/** What one storm came to. */
interface Storm {
  readonly ms: number;
  readonly cpuSeconds: number;
  /** Messages that a subscriber did not get, over all subscribers. */
  readonly lost: number;
  /** Messages that a subscriber got once more, or after a later one. */
  readonly surplus: number;
}

/** @param first the number that the first missed message carries. */
async function storm(server: BenchServer, subscribers: number, first: number): Promise<Storm> {
  const { url, pid } = server;
  const publisher = await RawConnection.open(url);
  requireSent(await publisher.get(publishTarget({ payload: "-1" }))); // so that a cursor means the same on every server
  const cursors = await followAndDrop(url, subscribers);
  for (let number = first; number < first + MISSED; number++) {
    requireSent(await publisher.get(publishTarget({ payload: String(number) })));
  }
  publisher.close();
  const before = { ms: performance.now(), cpu: cpuOf(pid).main };
  const back = await comeBack(url, cursors);
  const [ms, cpuSeconds] = [performance.now() - before.ms, cpuOf(pid).main - before.cpu];
  for (const { connection } of back) connection.close();
  const judged = back.map(({ bodies }) => judge(bodies.flatMap(numbersIn), first));
  const sum = (of: (one: (typeof judged)[number]) => number): number => judged.reduce((all, one) => all + of(one), 0);
  await Bun.sleep(SETTLE_MS);
  return { ms, cpuSeconds, lost: sum(({ lost }) => lost), surplus: sum(({ surplus }) => surplus) };
}

// Each holds a poll when its connection goes.
async function followAndDrop(url: string, subscribers: number): Promise<readonly string[]> {
  const connections = await RawConnection.openMany(url, subscribers);
  const cursors = await Promise.all(
    connections.map(async (connection, at) => {
      const cursor = cursorOf(await connection.get(subscribeTarget({ uuid: `bench-${at}` }, "0")));
      void connection.get(subscribeTarget({ uuid: `bench-${at}` }, cursor));
      return cursor;
    }),
  );
  await Bun.sleep(SETTLE_MS);
  for (const connection of connections) connection.close();
  await Bun.sleep(SETTLE_MS);
  return cursors;
}

interface Returned {
  readonly connection: RawConnection;
  readonly bodies: readonly string[];
}

// Nobody waits for anybody else: a connection that the system has to ask for again holds up one subscriber.
async function comeBack(url: string, cursors: readonly string[]): Promise<readonly Returned[]> {
  const returning: Promise<Returned>[] = [];
  const open = async (): Promise<void> => {
    for (let at = returning.length; at < cursors.length; at = returning.length) {
      const opened = RawConnection.open(url);
      returning.push(opened.then((connection) => catchUp(connection, `bench-${at}`, cursors[at] ?? "0")));
      await opened;
    }
  };
  await Promise.all(Array.from({ length: OPENED_TOGETHER }, open));
  return Promise.all(returning);
}

async function catchUp(connection: RawConnection, uuid: string, from: string): Promise<Returned> {
  const bodies: string[] = [];
  let cursor = from;
  for (let received = 0; received < MISSED;) {
    const body = await connection.get(subscribeTarget({ uuid }, cursor));
    bodies.push(body);
    cursor = cursorOf(body);
    received += messagesIn(body);
  }
  return { connection, bodies };
}

function numbersIn(body: string): readonly number[] {
  return Array.from(body.matchAll(/"d":(-?\d+)/g), ([, number]) => Number(number));
}

function judge(numbers: readonly number[], first: number): Pick<Storm, "lost" | "surplus"> {
  let expected = first;
  let taken = 0;
  for (const number of numbers) {
    if (number < expected) continue;
    expected = number + 1;
    taken += 1;
  }
  return { lost: MISSED - taken, surplus: numbers.length - taken };
}
