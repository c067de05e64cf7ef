/**
 * W11: what a publish costs as the network holds more: subscribers elsewhere, channels, stored messages.
 *
 * Two networks that differ in the one thing are loaded in turn; the ratio is that of the larger to the smaller one.
 *
 * @module
 */
import { type Alternated, type Pace, type Side, alternate, rateMeasures } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { CHANNELS, MESSAGES, ROOMS, fixture } from "../fixtures.ts";
import { requestLoad } from "../loop-load.ts";
import { RawConnection } from "../raw-connection.ts";
import { cursorOf, publishTarget, requireSent, subscribeTarget } from "../requests.ts";
import { type BenchServer, startLongwave } from "../servers.ts";
import { type Workload, withServer } from "./workload.ts";

const SUBSCRIBERS = { few: 10, some: 1_000, many: 8_000 } as const; // below the descriptors that most systems give a process
const FLAT_RATIO = 0.77; // 1 / 1.3

/** W11. */
export const GROWTH: Workload = {
  id: "W11",
  title: "publish as the network grows, against the same in a small one",
  isQuick: false,
  run: async (pace) => [
    ...(await bySubscribers(SUBSCRIBERS.some, pace)),
    ...(await bySubscribers(SUBSCRIBERS.many, pace)),
    ...(await byChannels(pace)),
    ...(await byMessages(pace)),
  ],
};

// Of a rate only the row that counts: whoever wants the others has them in W1 and W2.
function row(what: string, found: Alternated, other: string): readonly Measure[] {
  const [first] = rateMeasures(what, found, { target: { of: "ratio", bound: "least", value: FLAT_RATIO }, other });
  return first ? [first] : [];
}

function bySubscribers(many: number, pace: Pace): Promise<readonly Measure[]> {
  return withServer(startLongwave, (large) =>
    withServer(startLongwave, async (small) => {
      const publish = (): string => publishTarget();
      const sides = [await publishing(large, publish), await publishing(small, publish)] as const;
      const parked = [...(await park(large.url, many)), ...(await park(small.url, SUBSCRIBERS.few))];
      const found = await alternate(...sides, pace);
      for (const connection of parked) connection.close();
      return row(`publishes, ${many.toLocaleString("en")} subscribers elsewhere`, found, `${SUBSCRIBERS.few}`);
    }),
  );
}

function byChannels(pace: Pace): Promise<readonly Measure[]> {
  const { few, many } = CHANNELS;
  return withFixtures("channels", CHANNELS, async (large, small) => {
    const to = (channels: number, isStored: boolean) => (): string => {
      return publishTarget({ channel: `room-${Math.trunc(Math.random() * channels)}`, isStored, ttlHours: 1 });
    };
    const measures: Measure[] = [];
    for (const isStored of [false, true]) {
      const sides = [await publishing(large, to(many, isStored)), await publishing(small, to(few, isStored))] as const;
      const what = `${isStored ? "stored " : ""}publishes to ${many.toLocaleString("en")} channels`;
      measures.push(...row(what, await alternate(...sides, pace), few.toLocaleString("en")));
    }
    return measures;
  });
}

// To one channel, whose pages are at hand, and to ten thousand, each of which has a page of its own among many messages.
function byMessages(pace: Pace): Promise<readonly Measure[]> {
  const { few, many } = MESSAGES;
  return withFixtures("messages", MESSAGES, async (large, small) => {
    const measures: Measure[] = [];
    for (const channels of [1, ROOMS]) {
      const publish = (): string => {
        return publishTarget({ channel: `room-${Math.trunc(Math.random() * channels)}`, isStored: true, ttlHours: 1 });
      };
      const found = await alternate(await publishing(large, publish), await publishing(small, publish), pace);
      const where = channels === 1 ? "" : ` to ${channels.toLocaleString("en")} channels`;
      measures.push(
        ...row(
          `stored publishes${where} beside ${many.toLocaleString("en")} messages`,
          found,
          few.toLocaleString("en"),
        ),
      );
    }
    return measures;
  });
}

function withFixtures<Result>(
  kind: "messages" | "channels",
  { few, many }: { readonly few: number; readonly many: number },
  run: (large: BenchServer, small: BenchServer) => Promise<Result>,
): Promise<Result> {
  const startOn = (size: number) => (): Promise<BenchServer> => startLongwave({ dataDirectory: fixture(kind, size) });
  return withServer(startOn(many), (large) => withServer(startOn(few), (small) => run(large, small)));
}

async function publishing(server: BenchServer, next: () => string): Promise<Side> {
  return { server, load: (await requestLoad(server.url, next, requireSent)).run };
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
