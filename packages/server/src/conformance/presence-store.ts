/**
 * The suite that every presence store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { count, seed } from "../../../../tools/counts.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import type { PresenceChange, PresenceStore, TouchRequest } from "../ports/presence-store.ts";
import { KEYSET, OTHER_KEYSET } from "./fixtures.ts";
import { PresenceModel } from "./presence-model.ts";

/** How a presence store is opened for one case. */
export interface PresenceStoreSettings {
  readonly clock: ManualClock;
  /** Occupants up to which changes are not noted. */
  readonly announceMax: number;
  /** Bounds, where a case needs small ones. */
  readonly bounds?: {
    readonly membersPerKeysetMax?: number;
    readonly membersMax?: number;
    readonly stateLengthMax?: number;
  };
}

/** Opens an empty presence store, and closes it. */
export type OpenPresenceStore = (settings: PresenceStoreSettings) => Promise<PresenceStore & AsyncDisposable>;

const TIMEOUT_MS = 300_000;
const ALL = { occupantsMax: 1_000, offset: 0, hasState: true, lengthMax: 1_000_000 };

type Touch = Partial<TouchRequest> & Pick<TouchRequest, "uuid" | "channels">;

/** A touch with what does not matter to a case filled in. */
export function touchOf(given: Touch): TouchRequest {
  return { keyset: KEYSET, timeoutMs: undefined, timeoutMsDefault: TIMEOUT_MS, states: undefined, ...given };
}

const brief = ({ action, channel, uuid, occupancy, state }: PresenceChange): string =>
  `${action} ${channel} ${uuid} ${occupancy}${state === undefined ? "" : ` ${state}`}`;

/** Registers the suite for an adapter. */
export function presenceStoreConformance(adapter: string, open: OpenPresenceStore): void {
  const opened = async (
    given: Partial<PresenceStoreSettings> = {},
  ): Promise<{ readonly clock: ManualClock; readonly store: PresenceStore & AsyncDisposable }> => {
    const clock = given.clock ?? new ManualClock();
    return { clock, store: await open({ announceMax: 20, ...given, clock }) };
  };
  const touch = async (store: PresenceStore, given: Touch): Promise<readonly string[]> =>
    (await store.touch(touchOf(given))).changes.map(brief);
  const leave = async (
    store: PresenceStore,
    uuid: string,
    ...channels: readonly string[]
  ): Promise<readonly string[]> => (await store.leave({ keyset: KEYSET, uuid, channels })).map(brief);
  const setState = async (
    store: PresenceStore,
    uuid: string,
    state: string | undefined,
  ): Promise<readonly string[]> => {
    const request = { keyset: KEYSET, uuid, channels: ["room"], state, absentMs: TIMEOUT_MS };
    return (await store.setState(request)).changes.map(brief);
  };
  const expire = async (store: PresenceStore, membersMax = 100): Promise<readonly string[]> =>
    (await store.expire(membersMax)).map(brief);
  const stateOf = async (store: PresenceStore, uuid: string): Promise<string | undefined> =>
    (await store.states({ keyset: KEYSET, uuid, channels: ["room"] })).get("room");

  test(`${adapter} [PRE30] a touch joins where the uuid is absent, once, and says the occupancy`, async () => {
    await using store = (await opened()).store;
    expect(await touch(store, { uuid: "alice", channels: ["a", "b"] })).toEqual(["join a alice 1", "join b alice 1"]);
    expect(await touch(store, { uuid: "bob", channels: ["b"] })).toEqual(["join b bob 2"]);
    expect(await touch(store, { uuid: "alice", channels: ["b", "c"] })).toEqual(["join c alice 1"]);
    expect(await touch(store, { uuid: "alice", channels: ["a", "b", "c"] })).toEqual([]);
    expect(await touch(store, { keyset: OTHER_KEYSET, uuid: "alice", channels: ["a"] })).toEqual(["join a alice 1"]);
  });

  test(`${adapter} [PRE30 PRE31] of concurrent callers exactly one is told of a change`, async () => {
    await using store = (await opened()).store;
    const joins = await Promise.all(Array.from({ length: 10 }, () => touch(store, { uuid: "alice", channels: ["a"] })));
    expect(joins.flat()).toEqual(["join a alice 1"]);
    const leaves = await Promise.all(Array.from({ length: 10 }, () => leave(store, "alice", "a", "b")));
    expect(leaves.flat()).toEqual(["leave a alice 0"]);
  });

  test(`${adapter} [PRE32] a member whose deadline has passed is taken once, never early`, async () => {
    const { clock, store } = await opened();
    await using closing = store;
    clock.advance(777);
    await touch(closing, { uuid: "alice", channels: ["a"] });
    clock.advance(TIMEOUT_MS - 1);
    expect(await expire(store)).toEqual([]);
    clock.advance(1);
    const taken = await Promise.all([expire(store), expire(store), expire(store)]);
    expect(taken.flat()).toEqual(["timeout a alice 0"]);
    expect(await touch(store, { uuid: "alice", channels: ["a"] })).toEqual(["join a alice 1"]);
  });

  test(`${adapter} [PRE32] at most as many are taken as asked for, and nobody is forgotten`, async () => {
    const { clock, store } = await opened();
    await using closing = store;
    for (let at = 0; at < 25; at++) await touch(closing, { uuid: `u${at}`, channels: ["a"] });
    await touch(store, { uuid: "late", channels: ["a"], timeoutMs: 2 * TIMEOUT_MS });
    clock.advance(TIMEOUT_MS);
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) counts.push((await expire(store, 10)).length);
    expect(counts).toEqual([10, 10, 5, 0]);
    clock.advance(100 * TIMEOUT_MS); // far beyond any wheel
    expect(await expire(store)).toEqual(["timeout a late 0"]);
  });

  test(`${adapter} [PRE33] a deadline moves later and earlier, and a touch without a time keeps the member's own`, async () => {
    const { clock, store } = await opened();
    await using closing = store;
    await touch(closing, { uuid: "alice", channels: ["a"], timeoutMs: 20_000 });
    await touch(store, { uuid: "bob", channels: ["a"] });
    clock.advance(15_000);
    await touch(store, { uuid: "alice", channels: ["a"] });
    clock.advance(15_000);
    expect(await expire(store)).toEqual([]);
    clock.advance(5_000);
    expect(await expire(store)).toEqual(["timeout a alice 1"]);
    await touch(store, { uuid: "bob", channels: ["a"], timeoutMs: 5_000 });
    clock.advance(5_000);
    expect(await expire(store)).toEqual(["timeout a bob 0"]);
    await touch(store, { uuid: "carol", channels: ["a"], timeoutMs: 3_600_000 });
    clock.advance(3_599_000);
    expect(await expire(store)).toEqual([]);
    clock.advance(1_000);
    expect(await expire(store)).toEqual(["timeout a carol 0"]);
  });

  test(`${adapter} [PRE34] state is told of where it changes and the uuid is present, and goes with it`, async () => {
    const { clock, store } = await opened();
    await using closing = store;
    const states = new Map([["room", '{"a":1}']]);
    expect(await touch(closing, { uuid: "alice", channels: ["room"], states })).toEqual(['join room alice 1 {"a":1}']);
    expect(await touch(store, { uuid: "alice", channels: ["room"], states })).toEqual([]);
    const other = new Map([["room", '{"a":12345678901234567890}']]);
    expect(await touch(store, { uuid: "alice", channels: ["room"], states: other })).toEqual([
      'state-change room alice 1 {"a":12345678901234567890}',
    ]);
    expect(await setState(store, "alice", '{"a":12345678901234567890}')).toEqual([]);
    expect(await setState(store, "alice", undefined)).toEqual(["state-change room alice 1"]);
    expect(await setState(store, "alice", '{"b":2}')).toEqual(['state-change room alice 1 {"b":2}']);
    expect(await stateOf(store, "alice")).toBe('{"b":2}');
    expect(await leave(store, "alice", "room")).toEqual(['leave room alice 0 {"b":2}']);
    expect(await stateOf(store, "alice")).toBeUndefined();
    await touch(store, { uuid: "alice", channels: ["room"], states });
    clock.advance(TIMEOUT_MS);
    expect(await expire(store)).toEqual(['timeout room alice 0 {"a":1}']);
  });

  test(`${adapter} [PRE34] state waits for an absent uuid, for its time, and is told of to nobody`, async () => {
    const { clock, store } = await opened();
    await using closing = store;
    expect(await setState(closing, "alice", '{"a":1}')).toEqual([]);
    expect(await stateOf(store, "alice")).toBe('{"a":1}');
    clock.advance(TIMEOUT_MS - 1);
    expect(await expire(store)).toEqual([]);
    expect(await touch(store, { uuid: "alice", channels: ["room"] })).toEqual(["join room alice 1"]);
    expect(await stateOf(store, "alice")).toBe('{"a":1}');
    expect(await leave(store, "alice", "room")).toEqual(['leave room alice 0 {"a":1}']);
    await setState(store, "bob", '{"b":1}');
    clock.advance(TIMEOUT_MS);
    expect(await expire(store)).toEqual([]);
    expect(await stateOf(store, "bob")).toBeUndefined();
    await setState(store, "bob", '{"b":1}');
    expect(await leave(store, "bob", "room")).toEqual([]); // a waiting state is no member
    await setState(store, "bob", undefined);
    expect(await stateOf(store, "bob")).toBeUndefined();
  });

  test(`${adapter} [PRE35] pages hold occupants in the order in which they joined`, async () => {
    await using store = (await opened()).store;
    const uuids = Array.from({ length: 30 }, (_, at) => `u${at}`);
    for (const uuid of uuids)
      await touch(store, { uuid, channels: ["a"], states: new Map([["a", `{"of":"${uuid}"}`]]) });
    await touch(store, { uuid: "u0", channels: ["b"] });
    await leave(store, "u3", "a");
    const left = uuids.filter((uuid) => uuid !== "u3");
    const [all] = await store.page({ keyset: KEYSET, channels: ["a"], ...ALL });
    expect(all).toEqual({
      channel: "a",
      occupancy: 29,
      occupants: left.map((uuid) => ({ uuid, state: `{"of":"${uuid}"}` })),
    });
    const names = { keyset: KEYSET, channels: ["a", "none", "b"] };
    const part = { ...names, occupantsMax: 5, offset: 10, hasState: false, lengthMax: 100 };
    const pages = await store.page(part);
    expect(pages.map(({ channel, occupancy }) => `${channel} ${occupancy}`)).toEqual(["a 29", "none 0", "b 1"]);
    expect(pages.map(({ occupants }) => occupants.map(({ uuid }) => uuid))).toEqual([left.slice(10, 15), [], []]);
    expect(pages[0]?.occupants.every(({ state }) => state === undefined)).toBe(true);
    const few = await store.page({ ...part, offset: 0, channels: ["a", "b"], lengthMax: 11 });
    expect(few.map(({ occupancy, occupants }) => [occupancy, occupants.length])).toEqual([
      [29, 5],
      [1, 0],
    ]);
    const none = await store.page({ ...part, occupantsMax: 0 });
    expect(none.map(({ occupants }) => occupants.length)).toEqual([0, 0, 0]);
  });

  test(`${adapter} [PRE36] channels are found by uuid, and all occupied ones by keyset`, async () => {
    await using store = (await opened()).store;
    await touch(store, { uuid: "alice", channels: ["a", "b", "c"] });
    await touch(store, { uuid: "bob", channels: ["b"] });
    await touch(store, { keyset: OTHER_KEYSET, uuid: "alice", channels: ["z"] });
    await leave(store, "alice", "b");
    await touch(store, { uuid: "alice", channels: ["d"] });
    expect(await store.channelsOf(KEYSET, "alice", 10)).toEqual(["a", "c", "d"]);
    expect(await store.channelsOf(KEYSET, "alice", 2)).toEqual(["a", "c"]);
    expect(await store.channelsOf(KEYSET, "nobody", 10)).toEqual([]);
    await leave(store, "alice", "a", "d", "c");
    expect(await store.channelsOf(KEYSET, "alice", 10)).toEqual([]);
    expect(await store.occupied(KEYSET, 10)).toEqual(["b"]);
    await touch(store, { uuid: "alice", channels: ["a", "d"] });
    expect((await store.occupied(KEYSET, 10)).toSorted()).toEqual(["a", "b", "d"]);
    expect(await store.occupied(KEYSET, 2)).toHaveLength(2);
    expect(await store.occupied("unknown", 10)).toEqual([]);
  });

  test(`${adapter} [PRE37] changes above the bound are noted, net, for one caller and when it is time`, async () => {
    const { clock, store } = await opened({ announceMax: 2 });
    await using closing = store;
    const join = async (uuid: string): Promise<boolean | undefined> =>
      (await closing.touch(touchOf({ uuid, channels: ["a"] }))).changes[0]?.isNoted;
    const lease = { keyset: KEYSET, channel: "a", intervalMs: 10_000 };
    expect([await join("u1"), await join("u2"), await join("u3"), await join("u4")]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    clock.advance(4_000);
    expect(await store.lease(lease)).toEqual({ kind: "early", waitMs: 6_000 });
    expect(await leave(store, "u3", "a")).toEqual(["leave a u3 3"]); // came and went: in no list
    await join("u5");
    expect(await leave(store, "u1", "a")).toEqual(["leave a u1 3"]);
    clock.advance(6_000);
    const answers = await Promise.all([store.lease(lease), store.lease(lease)]);
    const digest = { occupancy: 3, join: ["u4", "u5"], leave: ["u1"], timeout: [], isTooLong: false };
    expect(answers.filter(({ kind }) => kind !== "nothing")).toEqual([{ kind: "granted", digest }]);
    expect(await join("u6")).toBe(true);
    clock.advance(5_000);
    expect(await leave(store, "u6", "a")).toHaveLength(1); // all is as it was
    clock.advance(5_000);
    expect(await store.lease(lease)).toEqual({ kind: "nothing" });
  });

  test(`${adapter} [PRE37] what was noted comes before the first single change`, async () => {
    await using store = (await opened({ announceMax: 2 })).store;
    for (const uuid of ["u1", "u2", "u3"]) await touch(store, { uuid, channels: ["a"] });
    const [change] = await store.leave({ keyset: KEYSET, uuid: "u3", channels: ["a"] });
    // u3 was noted but never announced: its leave cancels nothing that has been handed out
    expect(change).toMatchObject({ occupancy: 2, isNoted: false });
    expect(change?.noted).toEqual({ occupancy: 3, join: ["u3"], leave: [], timeout: [], isTooLong: false });
    expect(await store.lease({ keyset: KEYSET, channel: "a", intervalMs: 0 })).toEqual({ kind: "nothing" });
  });

  test(`${adapter} [PRE37] more than the lists may hold is told of as too long`, async () => {
    await using store = (await opened({ announceMax: 0 })).store;
    for (let at = 0; at < 400; at++) await touch(store, { uuid: `${at}`.padStart(90, "x"), channels: ["a"] });
    const digest = { occupancy: 400, join: [], leave: [], timeout: [], isTooLong: true };
    expect(await store.lease({ keyset: KEYSET, channel: "a", intervalMs: 0 })).toEqual({ kind: "granted", digest });
  });

  test(`${adapter} [PRE38] what does not fit is refused, and what ends makes room`, async () => {
    const { clock, store } = await opened({ bounds: { membersPerKeysetMax: 3, membersMax: 4, stateLengthMax: 20 } });
    await using closing = store;
    await touch(closing, { uuid: "alice", channels: ["a", "b"] });
    const third = await store.touch(touchOf({ uuid: "bob", channels: ["a", "b"] }));
    expect([third.changes.map(brief), third.isFull]).toEqual([["join a bob 2"], true]);
    expect(await store.touch(touchOf({ uuid: "alice", channels: ["a", "b"] }))).toEqual({ changes: [], isFull: false });
    const state = { keyset: KEYSET, uuid: "carol", channels: ["a"], state: "{}", absentMs: 1_000 };
    expect(await store.setState(state)).toEqual({ changes: [], isFull: true });
    const long = { ...state, uuid: "bob", state: '{"long":"xxxxxxxxxxxx"}' };
    expect(await store.setState(long)).toEqual({ changes: [], isFull: true });
    const apart = await store.touch(touchOf({ keyset: OTHER_KEYSET, uuid: "a", channels: ["a", "b"] }));
    expect([apart.changes.length, apart.isFull]).toEqual([1, true]);
    await leave(store, "alice", "b");
    expect(await touch(store, { uuid: "bob", channels: ["b"] })).toEqual(["join b bob 1"]);
    clock.advance(TIMEOUT_MS);
    expect(await expire(store)).toHaveLength(4);
    expect(await touch(store, { uuid: "bob", channels: ["a", "b", "c"] })).toHaveLength(3);
  });

  const SEED = seed();
  const ROUNDS = count({ quick: 60, full: 2_000 });
  test(`${adapter} [PRE39] agrees with a plain list, whatever happens (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
    const uuids = fc.constantFrom("u1", "u2", "u3", "u4");
    const channels = fc.subarray(["a", "b", "c"], { minLength: 1 });
    const states = fc.constantFrom('{"a":1}', '{"b":[2]}');
    const steps = fc.oneof(
      fc.record({
        kind: fc.constant("touch" as const),
        uuid: uuids,
        channels,
        seconds: fc.integer({ min: 5, max: 700 }),
      }),
      fc.record({ kind: fc.constant("touch" as const), uuid: uuids, channels, state: states }),
      fc.record({ kind: fc.constant("leave" as const), uuid: uuids, channels }),
      fc.record({
        kind: fc.constant("state" as const),
        uuid: uuids,
        channels,
        state: fc.option(states, { nil: undefined }),
      }),
      fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 60 }), async (all) => {
        const { clock, store } = await opened();
        await using closing = store;
        const model = new PresenceModel(TIMEOUT_MS);
        for (const step of all) {
          if (step.kind === "advance") {
            clock.advance(step.ms);
            model.advance(step.ms);
          }
          const given = await perform(closing, step);
          expect(apart(given.map(brief))).toEqual(apart(model.perform(step)));
          for (const channel of ["a", "b", "c"]) {
            const [page] = await store.page({ keyset: KEYSET, channels: [channel], ...ALL });
            expect(page?.occupants.map(({ uuid, state }) => `${uuid} ${state}`)).toEqual([...model.occupants(channel)]);
          }
          expect((await store.channelsOf(KEYSET, "u1", 9)).toSorted()).toEqual(model.channelsOf("u1").toSorted());
        }
      }),
      { numRuns: ROUNDS, seed: SEED },
    );
  });
}

// Members that are due together may be taken in any order, and so have each other's occupancies.
function apart(changes: readonly string[]): readonly string[] {
  const parts = changes.flatMap((change) => {
    const [action, channel, uuid, occupancy, ...state] = change.split(" ");
    return [`${action} ${channel} ${uuid} ${state.join(" ")}`, `${channel} ${occupancy}`];
  });
  return parts.toSorted();
}

/** One step of a random history. */
export type PresenceStep =
  | {
      readonly kind: "touch";
      readonly uuid: string;
      readonly channels: readonly string[];
      readonly seconds?: number;
      readonly state?: string;
    }
  | { readonly kind: "leave"; readonly uuid: string; readonly channels: readonly string[] }
  | {
      readonly kind: "state";
      readonly uuid: string;
      readonly channels: readonly string[];
      readonly state: string | undefined;
    }
  | { readonly kind: "advance"; readonly ms: number };

async function perform(store: PresenceStore, step: PresenceStep): Promise<readonly PresenceChange[]> {
  switch (step.kind) {
    case "touch": {
      const { uuid, channels, seconds, state } = step;
      const timeoutMs = seconds === undefined ? undefined : seconds * 1_000;
      const states = state === undefined ? undefined : new Map(channels.map((channel) => [channel, state]));
      return (await store.touch(touchOf({ uuid, channels, timeoutMs, states }))).changes;
    }
    case "leave":
      return store.leave({ keyset: KEYSET, uuid: step.uuid, channels: step.channels });
    case "state": {
      const { uuid, channels, state } = step;
      return (await store.setState({ keyset: KEYSET, uuid, channels, state, absentMs: TIMEOUT_MS })).changes;
    }
    case "advance":
      return store.expire(1_000);
  }
}
