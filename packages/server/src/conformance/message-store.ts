/**
 * The suite that every message store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { LIMITS, type Timetoken } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import type { Message } from "../ports/message.ts";
import type { MessageStore } from "../ports/message-store.ts";
import { KEYSET, OTHER_KEYSET, message, name } from "./fixtures.ts";
import { messageStoreIdCases } from "./publish-ids.ts";

/** A place that stores are opened on, one after the other; what one kept, the next finds. */
export interface StorePlace extends AsyncDisposable {
  open(clock: ManualClock): Promise<MessageStore>;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
}

const NOW = BigInt(new ManualClock().wallMs()) * 10_000n;
const ALL = { after: 0n, through: NOW * 2n, messagesMax: 1_000 };

/** Registers the suite for an adapter. */
export function messageStoreConformance(adapter: string, makePlace: () => Promise<StorePlace>): void {
  messageStoreIdCases(adapter, makePlace);
  const readAll = (store: MessageStore, text = "room", keyset = KEYSET): Promise<readonly Message[]> =>
    store.read({ ...ALL, keyset, name: name(text) });

  test(`${adapter} [STO1] what was committed is read back, every member of it`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const full = message({
      timetoken: NOW + 1n,
      payload: '{"big":12345678901234567890,"text":"\\u0000🦊"}',
      eventType: 4,
      publisher: "alice",
      sequence: 7,
      meta: '{"a":1}',
      customMessageType: "chat",
      origination: '{"t":"17326051234567000"}',
      ttlHours: 0.5,
    });
    const bare = message({ timetoken: NOW + 2n });
    expect(await Promise.all([store.commit(full), store.commit(bare)])).toEqual(["committed", "committed"]);
    expect(await readAll(store)).toEqual([full, bare]);
    await store.stop();
  });

  test(`${adapter} [STO1 STO6] a later store finds what an earlier one kept`, async () => {
    await using place = await makePlace();
    const first = await place.open(new ManualClock());
    await first.commit(message({ timetoken: NOW + 1n }));
    await first.stop(NOW + 5n);
    const second = await place.open(new ManualClock());
    expect(await readAll(second)).toHaveLength(place.isDurable ? 1 : 0);
    expect(second.reservedThrough).toBe(place.isDurable ? NOW + 5n : 0n);
    await second.stop();
  });

  test(`${adapter} [STO2] commits in flight all succeed, in order`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const messages = Array.from({ length: 7_000 }, (_, at) =>
      message({ timetoken: NOW + BigInt(at), payload: String(at) }),
    );
    const outcomes = await Promise.all(messages.map((one) => store.commit(one)));
    expect(outcomes.every((outcome) => outcome === "committed")).toBe(true);
    const read = await store.read({ ...ALL, keyset: KEYSET, name: name("room"), messagesMax: 10_000 });
    expect(read.map(({ payload }) => payload)).toEqual(messages.map(({ payload }) => payload));
    await store.stop();
  });

  test(`${adapter} [STO3] a refused transaction keeps nothing, and the next one succeeds`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    await store.commit(message({ timetoken: NOW }));
    // The same channel and timetoken again: the one thing that a store itself refuses.
    const twice = [message({ timetoken: NOW + 1n }), message({ timetoken: NOW })];
    expect(await Promise.all(twice.map((one) => store.commit(one)))).toEqual(["unavailable", "unavailable"]);
    expect(await readAll(store)).toHaveLength(1);
    expect(await store.commit(message({ timetoken: NOW + 2n }))).toBe("committed");
    expect(await readAll(store)).toHaveLength(2);
    await store.stop();
  });

  test(`${adapter} [STO4] a read shows commits that are under way`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const committing = store.commit(message({ timetoken: NOW }));
    expect(await readAll(store)).toHaveLength(1);
    await committing;
    expect(await readAll(store)).toHaveLength(1);
    await store.stop();
  });

  test(`${adapter} [STO4] a read is bounded by its range, its name, its keyset and its number`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const at = (offset: bigint, channel: string, keyset = KEYSET): Message =>
      message({ timetoken: NOW + offset, channel, keyset });
    const kept = [at(1n, "a"), at(2n, "a.b"), at(3n, "a.c"), at(4n, "a-b"), at(5n, "a.b", OTHER_KEYSET), at(6n, "a.b")];
    await Promise.all(kept.map((one) => store.commit(one)));
    const offsets = async (
      text: string,
      after: Timetoken,
      through: Timetoken,
      messagesMax = 10,
    ): Promise<readonly bigint[]> => {
      const request = { keyset: KEYSET, name: name(text), after: NOW + after, through: NOW + through, messagesMax };
      return (await store.read(request)).map(({ timetoken }) => timetoken - NOW);
    };
    expect(await offsets("a", 0n, 9n)).toEqual([1n]);
    expect(await offsets("a.*", 0n, 9n)).toEqual([2n, 3n, 6n]);
    expect(await offsets("a.*", 2n, 6n)).toEqual([3n, 6n]);
    expect(await offsets("a.*", 2n, 5n)).toEqual([3n]);
    expect(await offsets("a.*", 0n, 9n, 2)).toEqual([2n, 3n]);
    expect(await readAll(store, "a.b", OTHER_KEYSET)).toHaveLength(1);
    await store.stop();
  });

  test(`${adapter} [STO5 LMT11] what waits is bounded, nothing that was refused is kept, and others find room`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const over = 100;
    const commits = Array.from({ length: LIMITS.commitBacklogMessagesMax / 2 + over }, (_, at) =>
      store.commit(message({ timetoken: NOW + BigInt(at) })),
    );
    expect([store.isOverloaded(KEYSET), store.isOverloaded(OTHER_KEYSET)]).toEqual([true, false]);
    const other = store.commit(message({ timetoken: NOW, keyset: OTHER_KEYSET }));
    const outcomes = await Promise.all(commits);
    expect(outcomes.filter((outcome) => outcome === "overloaded")).toHaveLength(over);
    expect(await other).toBe("committed");
    expect(store.isOverloaded(KEYSET)).toBe(false);
    await store.stop();
  });

  test(`${adapter} [STO6] a reservation is there at the next start, also without an orderly end`, async () => {
    await using place = await makePlace();
    const first = await place.open(new ManualClock());
    expect(await first.reserve(NOW + 100n)).toBe(true);
    const second = await place.open(new ManualClock());
    expect(second.reservedThrough).toBe(place.isDurable ? NOW + 100n : 0n);
    await second.stop();
  });

  test(`${adapter} [STO7] journalled messages are found by the next store, while they are young`, async () => {
    await using place = await makePlace();
    const clock = new ManualClock();
    const first = await place.open(clock);
    const journalled = message({ timetoken: NOW + 1n, stored: false, eventType: 1 });
    first.journal(journalled);
    first.journal(message({ timetoken: NOW + 2n, stored: false, channel: "other" }));
    await first.stop(NOW + 2n);
    const second = await place.open(clock);
    expect(await readAll(second)).toEqual(place.isDurable ? [journalled] : []);
    second.journal(message({ timetoken: NOW + BigInt(LIMITS.queueAgeMsMax) * 10_000n, stored: false }));
    clock.advance(LIMITS.queueAgeMsMax + 60_000);
    await second.stop();
    const third = await place.open(clock);
    expect(await readAll(third, "other")).toEqual([]); // too old by now, and given back
    await third.stop();
  });

  test(`${adapter} [STO10] the next store knows whether messages in memory may have been lost`, async () => {
    await using place = await makePlace();
    const clock = new ManualClock();
    const first = await place.open(clock);
    expect(first.lostThrough).toBe(0n);
    await first.reserve(NOW + 100n);
    const afterCrash = await place.open(clock);
    expect(afterCrash.lostThrough).toBe(place.isDurable ? NOW + 100n : 0n);
    await afterCrash.reserve(NOW + 200n);
    await afterCrash.stop(NOW + 150n);
    const afterStop = await place.open(clock);
    expect(afterStop.lostThrough).toBe(0n);
    await afterStop.reserve(NOW + 300n);
    const afterSecondCrash = await place.open(clock);
    expect(afterSecondCrash.lostThrough).toBe(place.isDurable ? NOW + 300n : 0n);
    await afterSecondCrash.stop();
  });

  const CHANNEL = { keyset: KEYSET, channel: "room" };
  const EVERYTHING = { ...CHANNEL, from: 0n, through: NOW * 2n };
  const PAGE = { ...EVERYTHING, take: "newest", messagesMax: 100, bytesMax: 1_000_000 } as const;
  const offsetsOf = (messages: readonly Message[]): readonly bigint[] =>
    messages.map(({ timetoken }) => timetoken - NOW);
  const countAll = (store: MessageStore, after = 0n): Promise<number> =>
    store.countAfter({ ...CHANNEL, after, countMax: 1_000 });
  async function keepTen(store: MessageStore): Promise<void> {
    const ten = Array.from({ length: 10 }, (_, at) => message({ timetoken: NOW + BigInt(at + 1) }));
    const others = [
      message({ timetoken: NOW + 5n, keyset: OTHER_KEYSET }),
      message({ timetoken: NOW + 5n, channel: "room.a" }),
    ];
    await Promise.all([...ten, ...others].map((one) => store.commit(one)));
  }

  test(`${adapter} [STO12] a page is the oldest or the newest of a range, ascending, ends inclusive`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    await keepTen(store);
    const page = async (from: bigint, through: bigint, take: "oldest" | "newest", messagesMax: number) =>
      offsetsOf(
        (await store.readPage({ ...PAGE, from: NOW + from, through: NOW + through, take, messagesMax })).messages,
      );
    expect(await page(0n, 99n, "newest", 3)).toEqual([8n, 9n, 10n]);
    expect(await page(0n, 99n, "oldest", 3)).toEqual([1n, 2n, 3n]);
    expect(await page(4n, 6n, "newest", 100)).toEqual([4n, 5n, 6n]);
    expect(await page(4n, 6n, "oldest", 2)).toEqual([4n, 5n]);
    expect(await page(6n, 4n, "oldest", 100)).toEqual([]);
    expect((await store.readPage({ ...PAGE, channel: "nowhere" })).messages).toEqual([]);
    await store.stop();
  });

  test(`${adapter} [STO12] a page ends where its bytes do, and says so; one message is always there`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const large = Array.from({ length: 5 }, (_, at) =>
      message({ timetoken: NOW + BigInt(at + 1), payload: JSON.stringify("x".repeat(1_000)) }),
    );
    const committing = large.map((one) => store.commit(one));
    for (const state of ["committing", "committed"]) {
      const cut = await store.readPage({ ...PAGE, bytesMax: 2_500 });
      expect([state, offsetsOf(cut.messages), cut.isCut]).toEqual([state, [4n, 5n], true]);
      const first = await store.readPage({ ...PAGE, take: "oldest", bytesMax: 1 });
      expect([state, offsetsOf(first.messages), first.isCut]).toEqual([state, [1n], true]);
      const whole = await store.readPage({ ...PAGE, messagesMax: 2 });
      expect([state, offsetsOf(whole.messages), whole.isCut]).toEqual([state, [4n, 5n], false]);
      await Promise.all(committing);
    }
    const joined = store.commit(message({ timetoken: NOW + 9n, payload: JSON.stringify("x".repeat(1_000)) }));
    expect(offsetsOf((await store.readPage({ ...PAGE, bytesMax: 2_500 })).messages)).toEqual([5n, 9n]);
    expect(offsetsOf((await store.readPage({ ...PAGE, take: "oldest", bytesMax: 2_500 })).messages)).toEqual([1n, 2n]);
    await joined;
    await store.stop();
  });

  test(`${adapter} [STO12 STO13] pages and counts show commits under way, each once, and nothing journalled`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    await keepTen(store);
    const committing = [11n, 12n].map((at) => store.commit(message({ timetoken: NOW + at })));
    store.journal(message({ timetoken: NOW + 13n, stored: false }));
    for (let turn = 0; turn < 20; turn++) {
      expect(offsetsOf((await store.readPage({ ...PAGE, messagesMax: 3 })).messages)).toEqual([10n, 11n, 12n]);
      expect(await countAll(store)).toBe(12);
      expect(await countAll(store, NOW + 11n)).toBe(1);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await Promise.all(committing);
    expect(await store.countAfter({ ...CHANNEL, after: NOW, countMax: 4 })).toBe(4);
    expect(await store.countAfter({ ...CHANNEL, keyset: OTHER_KEYSET, after: 0n, countMax: 9 })).toBe(1);
    await store.stop();
  });

  test(`${adapter} [STO14] a deletion removes its range and nothing else, also for the next store`, async () => {
    await using place = await makePlace();
    const first = await place.open(new ManualClock());
    await keepTen(first);
    expect(await first.deleteRange({ ...CHANNEL, from: NOW + 3n, through: NOW + 5n })).toBe("deleted");
    expect(await first.deleteRange({ ...CHANNEL, from: NOW + 9n, through: NOW + 8n })).toBe("deleted");
    const left = [1n, 2n, 6n, 7n, 8n, 9n, 10n];
    expect(offsetsOf((await first.readPage(PAGE)).messages)).toEqual(left);
    expect(await countAll(first)).toBe(7);
    expect(await readAll(first, "room.a")).toHaveLength(1);
    expect(await readAll(first, "room", OTHER_KEYSET)).toHaveLength(1);
    const second = await place.open(new ManualClock()); // the first one was not stopped: as after a crash
    expect(offsetsOf((await second.readPage(PAGE)).messages)).toEqual(place.isDurable ? left : []);
    await second.stop();
    expect(await second.deleteRange(EVERYTHING)).toBe("unavailable");
  });

  test(`${adapter} [STO14] a deletion covers what is committing, in many transactions, with commits between`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const messages = Array.from({ length: 6_500 }, (_, at) => message({ timetoken: NOW + BigInt(at) }));
    const committing = messages.map((one) => store.commit(one));
    const deleting = store.deleteRange({ ...CHANNEL, from: 0n, through: NOW + 6_000n });
    const later = store.commit(message({ timetoken: NOW + 7_000n }));
    const ended: string[] = [];
    void deleting.then(() => ended.push("deletion"));
    void later.then(() => ended.push("commit"));
    expect(await deleting).toBe("deleted");
    expect([...new Set(await Promise.all(committing))]).toEqual(["committed"]);
    expect(await countAll(store)).toBe(500);
    await later;
    expect(ended).toEqual(["commit", "deletion"]);
    await store.stop();
  });

  test(`${adapter} [STO15] what has expired is in no read, page or count, from its instant on`, async () => {
    await using place = await makePlace();
    const clock = new ManualClock();
    const store = await place.open(clock);
    const hours = [undefined, 0, 1, 0.5, 1 / 3_600_000];
    const messages = hours.map((ttlHours, at) => message({ timetoken: NOW + BigInt(at), ttlHours }));
    const show = async (): Promise<readonly bigint[]> => {
      const page = offsetsOf((await store.readPage(PAGE)).messages);
      expect(offsetsOf(await readAll(store))).toEqual(page);
      expect(await countAll(store)).toBe(page.length);
      return page;
    };
    const committing = messages.map((one) => store.commit(one));
    expect(await show()).toEqual([0n, 1n, 2n, 3n, 4n]);
    clock.advance(1);
    expect(await show()).toEqual([0n, 1n, 2n, 3n, 4n]); // expires 0.4 µs later
    clock.advance(1);
    expect(await show()).toEqual([0n, 1n, 2n, 3n]);
    await Promise.all(committing);
    expect(await show()).toEqual([0n, 1n, 2n, 3n]);
    clock.setWall(clock.wallMs() + 1_799_998);
    expect(await show()).toEqual([0n, 1n, 2n, 3n]);
    clock.setWall(clock.wallMs() + 1);
    expect(await show()).toEqual([0n, 1n, 2n]);
    clock.setWall(clock.wallMs() + 100 * 365 * 86_400_000);
    expect(await show()).toEqual([0n, 1n]);
    await store.stop();
  });

  test(`${adapter} [STO1 STO4] reads agree with a plain list`, async () => {
    const channels = fc.constantFrom("a", "b", "a.x", "a.y", "b.x");
    await fc.assert(
      fc.asyncProperty(
        fc.array(channels, { maxLength: 40 }),
        fc.constantFrom("a", "a.*", "b.*", "b"),
        fc.nat(40),
        async (sent, wanted, from) => {
          await using place = await makePlace();
          const store = await place.open(new ManualClock());
          const messages = sent.map((channel, at) => message({ timetoken: NOW + BigInt(at), channel }));
          await Promise.all(messages.map((one) => store.commit(one)));
          const request = { ...ALL, after: NOW + BigInt(from), keyset: KEYSET, name: name(wanted) };
          const prefix = wanted.replace("*", "");
          const isWanted = ({ channel }: Message): boolean =>
            wanted.endsWith("*") ? channel.startsWith(prefix) : channel === wanted;
          expect(await store.read(request)).toEqual(messages.filter((one, at) => at > from && isWanted(one)));
          await store.stop();
        },
      ),
      { numRuns: 15 },
    );
  });
}
