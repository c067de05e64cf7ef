/**
 * The suite that every broker passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import type { Broker, LogEntry } from "../ports/broker.ts";
import type { Message } from "../ports/message.ts";
import { KEYSET, OTHER_KEYSET, draft, names } from "./fixtures.ts";
import { brokerIdCases } from "./publish-ids.ts";

/** How a broker is opened for one case. */
export interface BrokerSettings {
  readonly clock: ManualClock;
  /** Bounds of its queues, where a case needs small ones. */
  readonly queue?: { readonly messagesMax?: number; readonly ageMsMax?: number; readonly bytesMax?: number };
}

/** Opens a broker, and closes it. */
export type OpenBroker = (settings: BrokerSettings) => Promise<Broker & AsyncDisposable>;

/** Registers the suite for an adapter. */
export function brokerConformance(adapter: string, open: OpenBroker): void {
  brokerIdCases(adapter, open);
  const opened = (queue: BrokerSettings["queue"] = {}): Promise<Broker & AsyncDisposable> =>
    open({ clock: new ManualClock(), queue });
  const append = async (broker: Broker, given: Parameters<typeof draft>[0] = {}, keyset = KEYSET): Promise<Message> => {
    const outcome = await broker.append(keyset, draft(given));
    if (outcome.kind !== "appended") throw new Error(outcome.kind);
    return outcome.message;
  };
  const read = (broker: Broker, after: bigint, ...texts: readonly string[]): ReturnType<Broker["read"]> =>
    broker.read({ keyset: KEYSET, after, names: names(...texts), messagesMax: 100 });

  test(`${adapter} [BRK1] an append is visible to the next read, as it was given`, async () => {
    await using broker = await opened();
    const position = await broker.position(KEYSET);
    const sent = await append(broker, { payload: "12345678901234567890", meta: '{"a":1}', publisher: "alice" });
    const { messages } = await read(broker, position, "room");
    expect(messages).toEqual([sent]);
    expect(messages[0]).toMatchObject({ payload: "12345678901234567890", meta: '{"a":1}', publisher: "alice" });
  });

  test(`${adapter} [BRK2] timetokens strictly increase across the channels of a keyset`, async () => {
    await using broker = await opened();
    const sent = await Promise.all(["a", "b", "a", "c"].map((channel) => append(broker, { channel })));
    const tokens = sent.map(({ timetoken }) => timetoken);
    expect(tokens.every((token, at) => at === 0 || token > (tokens[at - 1] ?? 0n))).toBe(true);
    expect(new Set(tokens).size).toBe(4);
  });

  test(`${adapter} [BRK2] timetokens rise whatever the wall clock does`, async () => {
    const clock = new ManualClock();
    await using broker = await open({ clock });
    let last = 0n;
    for (const step of [0, 1, -3_600_000, 0, 7_200_000, -1, 5]) {
      clock.setWall(clock.wallMs() + step);
      const { timetoken } = await append(broker);
      expect(timetoken).toBeGreaterThan(last);
      last = timetoken;
    }
  });

  test(`${adapter} [BRK2 WIRE6] a timetoken is the wall clock's instant`, async () => {
    const clock = new ManualClock();
    await using broker = await open({ clock });
    await append(broker);
    clock.advance(2_000);
    expect((await append(broker)).timetoken).toBe(BigInt(clock.wallMs()) * 10_000n);
  });

  test(`${adapter} [BRK4] a read answers the oldest after the cursor, across channels, in order`, async () => {
    await using broker = await opened();
    const position = await broker.position(KEYSET);
    const sent: Message[] = [];
    for (const channel of ["a", "b", "a", "c", "b", "a"]) sent.push(await append(broker, { channel }));
    const wanted = sent.filter(({ channel }) => channel !== "c");
    expect((await read(broker, position, "a", "b")).messages).toEqual(wanted);
    const request = { keyset: KEYSET, after: wanted[0]?.timetoken ?? 0n, names: names("a", "b"), messagesMax: 2 };
    expect((await broker.read(request)).messages).toEqual(wanted.slice(1, 3));
  });

  test(`${adapter} [BRK4] a wildcard reads every channel under it, and no other keyset's`, async () => {
    await using broker = await opened();
    const position = await broker.position(KEYSET);
    await append(broker, { channel: "a" });
    const one = await append(broker, { channel: "a.b" });
    const two = await append(broker, { channel: "a.b.c" });
    await append(broker, { channel: "a.b" }, OTHER_KEYSET);
    expect((await read(broker, position, "a.*", "a.b")).messages).toEqual([one, two]);
    expect((await read(broker, position, "a.b.*")).messages).toEqual([two]);
  });

  test(`${adapter} [BRK5 BRK8] a queue keeps its newest messages and says what it forgot`, async () => {
    await using broker = await opened({ messagesMax: 3 });
    const position = await broker.position(KEYSET);
    const sent: Message[] = [];
    for (let count = 0; count < 5; count++) sent.push(await append(broker));
    const answer = await read(broker, position, "room");
    expect(answer.messages).toEqual(sent.slice(2));
    expect(answer.shortfalls).toEqual([
      { name: { kind: "channel", name: "room" }, through: sent[1]?.timetoken ?? 0n, lost: 0n },
    ]);
    expect((await read(broker, sent[1]?.timetoken ?? 0n, "room")).shortfalls).toEqual([]);
  });

  test(`${adapter} [BRK9] of what it forgot it says what no store can give back`, async () => {
    await using broker = await opened({ messagesMax: 2 });
    const position = await broker.position(KEYSET);
    const lostOf = async (name: string): Promise<bigint> =>
      (await read(broker, position, name)).shortfalls[0]?.lost ?? -1n;
    for (let count = 0; count < 4; count++) await append(broker, { channel: "a.kept", stored: true });
    const unstored: Message[] = [];
    for (let count = 0; count < 4; count++) unstored.push(await append(broker, { channel: "a.brief", stored: false }));
    const newest = unstored[1]?.timetoken ?? 0n;
    expect([await lostOf("a.kept"), await lostOf("a.brief"), await lostOf("a.*")]).toEqual([0n, newest, newest]);
  });

  test(`${adapter} [BRK9] what left with age is lost, and channels without a queue answer for all that are gone`, async () => {
    const clock = new ManualClock();
    await using broker = await open({ clock, queue: { ageMsMax: 60_000 } });
    const position = await broker.position(KEYSET);
    const old = await append(broker, { channel: "a", stored: true });
    clock.advance(70_000);
    const { shortfalls } = await read(broker, position, "a", "never");
    expect(shortfalls.map(({ lost }) => lost)).toEqual([old.timetoken, old.timetoken]);
  });

  test(`${adapter} [BRK10] a control reaches every follower in its place among the messages`, async () => {
    await using broker = await opened();
    const received: LogEntry[] = [];
    broker.follow((entries) => received.push(...entries));
    await settle();
    await append(broker, { payload: "1" });
    expect(await broker.announce(KEYSET, { kind: "groupChanged", group: "g" })).toBe("announced");
    await append(broker, { payload: "2" });
    await settle();
    const order = received.map((entry) => ("control" in entry ? entry.control.kind : entry.payload));
    expect(order).toEqual(["1", "groupChanged", "2"]);
    const tokens = received.map(({ timetoken }) => timetoken);
    expect(tokens.every((token, at) => at === 0 || token > (tokens[at - 1] ?? 0n))).toBe(true);
  });

  test(`${adapter} [BRK5 BRK8] messages leave with age, and a channel that ran empty is a shortfall of the past`, async () => {
    const clock = new ManualClock();
    await using broker = await open({ clock, queue: { ageMsMax: 60_000 } });
    const position = await broker.position(KEYSET);
    const old = await append(broker, { channel: "a.b" });
    clock.advance(70_000);
    const answer = await read(broker, position, "a.b", "a.*");
    expect(answer.messages).toEqual([]);
    expect(answer.shortfalls.map(({ through }) => through)).toEqual([old.timetoken, old.timetoken]);
    const young = await append(broker, { channel: "a.b" });
    expect((await read(broker, old.timetoken, "a.b")).messages).toEqual([young]);
  });

  test(`${adapter} [BRK8] all queues together are bounded in bytes, the oldest message leaves first`, async () => {
    await using broker = await opened({ bytesMax: 5_000 });
    const position = await broker.position(KEYSET);
    const sent: Message[] = [];
    for (const channel of ["a", "b", "a", "b"])
      sent.push(await append(broker, { channel, payload: `"${"x".repeat(2_000)}"` }));
    expect((await read(broker, position, "a", "b")).messages).toEqual(sent.slice(2));
  });

  test(`${adapter} [BRK6] a position is after what is visible and before what comes`, async () => {
    await using broker = await opened();
    for (let round = 0; round < 20; round++) {
      const before = await append(broker);
      const position = await broker.position(KEYSET);
      const after = await append(broker);
      expect(position).toBeGreaterThanOrEqual(before.timetoken);
      expect(after.timetoken).toBeGreaterThan(position);
    }
  });

  test(`${adapter} [BRK7] a follower gets everything appended since it began, in order, once`, async () => {
    await using broker = await opened();
    await append(broker);
    await settle(); // what came before has been announced, to nobody
    const received: LogEntry[] = [];
    const unfollow = broker.follow((entries) => received.push(...entries));
    await settle();
    const sent = await Promise.all([1, 2, 3].map((payload) => append(broker, { payload: String(payload) })));
    await append(broker, {}, OTHER_KEYSET);
    await settle();
    expect(received.filter(({ keyset }) => keyset === KEYSET)).toEqual(sent);
    expect(received).toHaveLength(4);
    unfollow();
    await settle();
    await append(broker);
    await settle();
    expect(received).toHaveLength(4);
  });

  test(`${adapter} [BRK4 BRK5] reads agree with a plain list, whatever was appended and forgotten`, async () => {
    const channels = fc.constantFrom("a", "b", "a.x", "a.y", "a.x.z");
    const steps = fc.array(channels, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.nat(60),
        fc.subarray(["a", "b", "a.*", "a.x.*", "a.y"], { minLength: 1 }),
        async (appended, at, wanted) => {
          await using broker = await opened({ messagesMax: 8 });
          const sent: Message[] = [];
          for (const channel of appended) sent.push(await append(broker, { channel }));
          const after = sent[Math.min(at, sent.length - 1)]?.timetoken ?? 0n;
          const { messages, shortfalls } = await read(broker, after, ...wanted);
          const matching = sent.filter(
            (one) => one.timetoken > after && wanted.some((text) => isUnder(text, one.channel)),
          );
          const forgotten = matching.filter((one) => !messages.some(({ timetoken }) => timetoken === one.timetoken));
          expect(messages.length + forgotten.length).toBe(matching.length);
          for (const one of forgotten) {
            expect(
              shortfalls.some(({ name, through }) => isUnder(name.name, one.channel) && through >= one.timetoken),
            ).toBe(true);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
}

function isUnder(text: string, channel: string): boolean {
  return text.endsWith("*") ? channel.startsWith(text.slice(0, -1)) : channel === text;
}

// Announcements come with a later turn of the event loop; over a port, with a few more.
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
