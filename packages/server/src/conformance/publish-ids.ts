/**
 * What brokers and message stores must do with publishers' ids: a part of their suites.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import type { AppendOutcome, Broker, LogEntry } from "../ports/broker.ts";
import type { Message, MessageDraft, PublishId } from "../ports/message.ts";
import type { OpenBroker } from "./broker.ts";
import { KEYSET, OTHER_KEYSET, draft, message, names } from "./fixtures.ts";
import type { StorePlace } from "./message-store.ts";

const ID: PublishId = { id: "once", digest: "digest" };
const OTHER: PublishId = { id: "once", digest: "another" };
const UNSTORED: Partial<MessageDraft> = { stored: false };
const AGE = BigInt(LIMITS.idempotencyIdAgeMsMax) * 10_000n;

/** Registers the cases of a broker. */
export function brokerIdCases(adapter: string, open: OpenBroker): void {
  const append = async (
    broker: Broker,
    given: Partial<MessageDraft>,
    id = ID,
    keyset = KEYSET,
  ): Promise<AppendOutcome> => broker.append(keyset, draft(given), id);
  const accept = async (broker: Broker, given: Partial<MessageDraft> = UNSTORED, id = ID): Promise<Message> =>
    messageOf(await append(broker, given, id));
  const visible = async (broker: Broker): Promise<number> =>
    (await broker.read({ keyset: KEYSET, after: 0n, names: names("room"), messagesMax: 100 })).messages.length;

  test(`${adapter} [IDM2 IDM3] a repeat is a duplicate, another message under its id is not taken`, async () => {
    await using broker = await open({ clock: new ManualClock() });
    const { timetoken } = await accept(broker);
    expect(await append(broker, UNSTORED)).toEqual({ kind: "duplicate", timetoken });
    expect(await append(broker, UNSTORED, OTHER)).toEqual({ kind: "taken" });
    expect(await append(broker, { stored: true })).toEqual({ kind: "duplicate", timetoken });
    expect(await visible(broker)).toBe(1);
    expect((await append(broker, { ...UNSTORED, channel: "other" }, OTHER)).kind).toBe("appended");
    expect((await append(broker, UNSTORED, OTHER, OTHER_KEYSET)).kind).toBe("appended");
    expect((await append(broker, UNSTORED, { ...OTHER, id: "twice" })).kind).toBe("appended");
  });

  test(`${adapter} [IDM4] of many at once one is appended and announced`, async () => {
    await using broker = await open({ clock: new ManualClock() });
    const received: LogEntry[] = [];
    broker.follow((entries) => received.push(...entries));
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => append(broker, UNSTORED)));
    const kinds = outcomes.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(["appended", ...Array<AppendOutcome["kind"]>(19).fill("duplicate")]);
    expect(new Set(outcomes.map(timetokenOf)).size).toBe(1);
    await settle();
    expect([received.length, await visible(broker)]).toEqual([1, 1]);
  });

  test(`${adapter} [IDM5] repeats of a stored message wait until it is settled`, async () => {
    await using broker = await open({ clock: new ManualClock() });
    const first = await accept(broker, {});
    const answered: string[] = [];
    const repeats = [append(broker, {}), append(broker, {}, OTHER), append(broker, UNSTORED)];
    for (const repeat of repeats) void repeat.then(({ kind }) => answered.push(kind));
    await settle();
    expect(answered).toEqual([]);
    await broker.settle(first, ID, true);
    const duplicate = { kind: "duplicate", timetoken: first.timetoken } as const;
    expect(await Promise.all(repeats)).toEqual([duplicate, { kind: "taken" }, duplicate]);
    expect(await append(broker, {})).toEqual(duplicate);
  });

  test(`${adapter} [IDM5 IDM6] what was not kept is told to those who waited, and tried again by the next`, async () => {
    await using broker = await open({ clock: new ManualClock() });
    const received: LogEntry[] = [];
    broker.follow((entries) => received.push(...entries));
    await settle();
    const first = await accept(broker, {});
    const waited = append(broker, {});
    await settle();
    await broker.settle(first, ID, false);
    expect(await waited).toEqual({ kind: "unavailable" });
    expect(await append(broker, {}, OTHER)).toEqual({ kind: "taken" });
    expect(await accept(broker, {})).toEqual(first);
    await broker.settle(first, ID, true);
    expect(await append(broker, {})).toEqual({ kind: "duplicate", timetoken: first.timetoken });
    await settle();
    expect([received.length, await visible(broker)]).toEqual([1, 1]);
  });

  test(`${adapter} [IDM6] what was not kept and need not be any more is a duplicate`, async () => {
    await using broker = await open({ clock: new ManualClock() });
    const first = await accept(broker, {});
    await broker.settle(first, ID, false);
    for (const given of [UNSTORED, {}]) {
      expect(await append(broker, given)).toEqual({ kind: "duplicate", timetoken: first.timetoken });
    }
  });

  test(`${adapter} [IDM8] an id is free when its message is 24 hours old, not before`, async () => {
    const clock = new ManualClock();
    await using broker = await open({ clock });
    const { timetoken } = await accept(broker);
    clock.advance(LIMITS.idempotencyIdAgeMsMax - 1);
    expect(await append(broker, UNSTORED)).toEqual({ kind: "duplicate", timetoken });
    clock.advance(1);
    const second = await accept(broker, UNSTORED, OTHER);
    expect(second.timetoken).toBeGreaterThan(timetoken);
    expect(await append(broker, UNSTORED)).toEqual({ kind: "taken" });
  });
}

/** Registers the cases of a message store. */
export function messageStoreIdCases(adapter: string, makePlace: () => Promise<StorePlace>): void {
  const now = BigInt(new ManualClock().wallMs()) * 10_000n;
  const asked = { keyset: KEYSET, channel: "room", id: ID.id };

  test(`${adapter} [IDM7] an id is kept with its message, for the next store too, also without the message`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    expect([store.idsThrough, await store.findId(asked)]).toEqual([0n, undefined]);
    await Promise.all([store.commit(message({ timetoken: now })), store.commit(message({ timetoken: now + 1n }), ID)]);
    const kept = { timetoken: now + 1n, digest: ID.digest };
    expect(await store.findId(asked)).toEqual(kept);
    for (const given of [{ keyset: OTHER_KEYSET }, { channel: "other" }, { id: "Once" }]) {
      expect(await store.findId({ ...asked, ...given })).toBeUndefined();
    }
    await store.deleteRange({ ...asked, from: 0n, through: now + 1n });
    const later = await place.open(new ManualClock()); // the first one was not stopped: as after a crash
    expect(later.idsThrough).toBe(place.isDurable ? now + 1n : 0n);
    expect(await later.findId(asked)).toEqual(place.isDurable ? kept : undefined);
    await later.stop();
  });

  test(`${adapter} [IDM7] a transaction that is refused keeps neither message nor id`, async () => {
    await using place = await makePlace();
    const store = await place.open(new ManualClock());
    await store.commit(message({ timetoken: now }));
    // The same channel and timetoken again: the one thing that a store itself refuses.
    const both = [store.commit(message({ timetoken: now + 1n }), ID), store.commit(message({ timetoken: now }))];
    expect(await Promise.all(both)).toEqual(["unavailable", "unavailable"]);
    expect(await store.findId(asked)).toBeUndefined();
    expect(await store.commit(message({ timetoken: now + 1n }), ID)).toBe("committed");
    expect(await store.findId(asked)).toMatchObject({ timetoken: now + 1n });
    await store.stop();
  });

  test(`${adapter} [IDM8] an id is not found once its message is 24 hours old, and may be kept anew`, async () => {
    await using place = await makePlace();
    const clock = new ManualClock();
    const store = await place.open(clock);
    await store.commit(message({ timetoken: now }), ID);
    clock.setWall(clock.wallMs() + LIMITS.idempotencyIdAgeMsMax - 1);
    expect(await store.findId(asked)).toMatchObject({ timetoken: now });
    clock.setWall(clock.wallMs() + 1);
    expect(await store.findId(asked)).toBeUndefined();
    expect(await store.commit(message({ timetoken: now + AGE }), OTHER)).toBe("committed");
    expect(await store.findId(asked)).toEqual({ timetoken: now + AGE, digest: OTHER.digest });
    await store.stop();
  });
}

function messageOf(outcome: AppendOutcome): Message {
  if (outcome.kind !== "appended") throw new Error(outcome.kind);
  return outcome.message;
}

function timetokenOf(outcome: AppendOutcome): bigint | undefined {
  if (outcome.kind === "appended") return outcome.message.timetoken;
  return outcome.kind === "duplicate" ? outcome.timetoken : undefined;
}

// Announcements and calls over a port come with a later turn of the event loop.
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
