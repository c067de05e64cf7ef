/**
 * W11: what a publish costs as the network holds more: subscribers elsewhere, channels, stored messages.
 *
 * Networks that differ in the one thing are loaded in turn; the ratio is that of each larger one to the smallest.
 *
 * @module
 */
import { type Pace, type Side, rateMeasures, takeTurns } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { CHANNELS, MESSAGES, ROOMS, fixture } from "../fixtures.ts";
import { requestLoad } from "../loop-load.ts";
import { RawConnection } from "../raw-connection.ts";
import { cursorOf, publishTarget, requireSent, subscribeTarget } from "../requests.ts";
import { type BenchServer, startLongwave } from "../servers.ts";
import { type Workload, withEach } from "./workload.ts";

const SUBSCRIBERS = [10, 1_000, 10_000] as const;
const FLAT_RATIO = 0.77; // 1 / 1.3

/** W11. */
export const GROWTH: Workload = {
  id: "W11",
  title: "publish as the network grows, against the same in a small one",
  isQuick: false,
  run: async (pace) => [...(await bySubscribers(pace)), ...(await byChannels(pace)), ...(await byMessages(pace))],
};

/** A network of one size, and what is published in it. */
interface Grown {
  readonly size: number;
  readonly server: BenchServer;
  readonly next: () => string;
}

// Of a rate only the row that counts: whoever wants the others has them in W1 and W2.
async function compare(grown: readonly Grown[], what: (size: string) => string, pace: Pace): Promise<Measure[]> {
  const sides = await Promise.all(grown.map(publishing));
  const [smallest = [], ...larger] = await takeTurns(sides, pace);
  const [few = "", ...sizes] = grown.map(({ size }) => size.toLocaleString("en"));
  return larger.flatMap((slices, at) => {
    const found = { longwave: slices, limit: smallest };
    const target = { of: "ratio", bound: "least", value: FLAT_RATIO } as const;
    return rateMeasures(what(sizes[at] ?? ""), found, { target, other: few }).slice(0, 1);
  });
}

async function publishing({ server, next }: Grown): Promise<Side> {
  return { server, load: (await requestLoad(server.url, next, requireSent)).run };
}

function bySubscribers(pace: Pace): Promise<readonly Measure[]> {
  return withSizes(
    SUBSCRIBERS,
    () => startLongwave(),
    async (servers) => {
      const parked: RawConnection[] = [];
      for (const { size, server } of servers) parked.push(...(await park(server.url, size)));
      const grown = servers.map((one) => ({ ...one, next: () => publishTarget() }));
      const measures = await compare(grown, (size) => `publishes, ${size} subscribers elsewhere`, pace);
      for (const connection of parked) connection.close();
      return measures;
    },
  );
}

function byChannels(pace: Pace): Promise<readonly Measure[]> {
  return withFixtures("channels", Object.values(CHANNELS), async (servers) => {
    const measures: Measure[] = [];
    for (const isStored of [false, true]) {
      const grown = servers.map((one) => ({ ...one, next: () => publishTo(one.size, isStored) }));
      const kind = isStored ? "stored publishes" : "publishes";
      measures.push(...(await compare(grown, (size) => `${kind} to ${size} channels`, pace)));
    }
    return measures;
  });
}

// To one channel, whose pages are at hand, and to ten thousand, each of which has a page of its own among many messages.
function byMessages(pace: Pace): Promise<readonly Measure[]> {
  return withFixtures("messages", Object.values(MESSAGES), async (servers) => {
    const measures: Measure[] = [];
    for (const channels of [1, ROOMS]) {
      const grown = servers.map((one) => ({ ...one, next: () => publishTo(channels, true) }));
      const where = channels === 1 ? "" : ` to ${channels.toLocaleString("en")} channels`;
      measures.push(...(await compare(grown, (size) => `stored publishes${where} beside ${size} messages`, pace)));
    }
    return measures;
  });
}

function publishTo(channels: number, isStored: boolean): string {
  return publishTarget({ channel: `room-${Math.trunc(Math.random() * channels)}`, isStored, ttlHours: 1 });
}

function withFixtures<Result>(
  kind: "messages" | "channels",
  sizes: readonly number[],
  run: (servers: readonly Omit<Grown, "next">[]) => Promise<Result>,
): Promise<Result> {
  return withSizes(sizes, (size) => startLongwave({ dataDirectory: fixture(kind, size) }), run);
}

function withSizes<Result>(
  sizes: readonly number[],
  start: (size: number) => Promise<BenchServer>,
  run: (servers: readonly Omit<Grown, "next">[]) => Promise<Result>,
): Promise<Result> {
  const starts = sizes.map((size) => () => start(size));
  return withEach(starts, (servers) => run(servers.map((server, at) => ({ size: sizes[at] ?? 0, server }))));
}

async function park(url: string, count: number): Promise<readonly RawConnection[]> {
  const parked = await RawConnection.openMany(url, count);
  for (const [at, connection] of parked.entries()) {
    const subscription = { channel: `elsewhere-${at}`, uuid: `bench-${at}` };
    const cursor = cursorOf(await connection.get(subscribeTarget(subscription, "0")));
    void connection.get(subscribeTarget(subscription, cursor));
  }
  return parked;
}
