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

  test(`${adapter} [STO5] what waits is bounded, and nothing that was refused is kept`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    const over = 100;
    const commits = Array.from({ length: LIMITS.commitBacklogMessagesMax + over }, (_, at) =>
      store.commit(message({ timetoken: NOW + BigInt(at) })),
    );
    expect(store.isOverloaded).toBe(true);
    const outcomes = await Promise.all(commits);
    expect(outcomes.filter((outcome) => outcome === "overloaded")).toHaveLength(over);
    expect(store.isOverloaded).toBe(false);
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
