import { expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import type { KeysetSettings } from "../access/keyset-settings.ts";
import { DEMO_KEYSET, type Keyset } from "../access/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryPresenceStore, type PresenceBounds } from "../adapters/embedded/memory-presence-store.ts";
import { presenceStoreOverPort } from "../conformance/over-message-port.ts";
import type { MessageDraft } from "../ports/message.ts";
import type { PresenceStore } from "../ports/presence-store.ts";
import { type AttendOutcome, type Attendance, Presence } from "./presence.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface WorldSettings {
  readonly presence?: Partial<KeysetSettings>;
  readonly bounds?: PresenceBounds;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

/** Presence without sockets, under a clock that stands still, and what it announced. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly keyset: Keyset;
  readonly presence: Presence;
  readonly store: MemoryPresenceStore;
  readonly drafts: MessageDraft[] = [];
  readonly failures: unknown[] = [];
  emit = async (draft: MessageDraft): Promise<void> => void this.drafts.push(draft);

  constructor({ presence, bounds, groups = {} }: WorldSettings = {}) {
    this.keyset = { ...DEMO_KEYSET, ...presence };
    const { clock, keyset } = this;
    this.store = new MemoryPresenceStore({ clock, announceMaxOf: () => keyset.presenceAnnounceMax, bounds });
    this.presence = new Presence({
      store: this.store,
      clock,
      emit: (_, draft) => this.emit(draft),
      settingsOf: () => keyset,
      failed: (failure) => this.failures.push(failure),
      membersOf: async (_, group) => new Set(groups[group] ?? []),
    });
  }

  async attend(uuid: string, channels: readonly string[], given: Partial<Attendance> = {}): Promise<AttendOutcome> {
    return this.presence.attend({ keyset: this.keyset, uuid, channels, groups: [], ...given });
  }

  leave(uuid: string, channels: readonly string[], groups: readonly string[] = []): Promise<void> {
    return this.presence.leave({ keyset: this.keyset, uuid, channels, groups });
  }

  setState(uuid: string, channels: readonly string[], state: string): Promise<AttendOutcome> {
    return this.presence.setState({ keyset: this.keyset, uuid, channels, groups: [] }, state);
  }

  async states(uuid: string, ...channels: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(await this.presence.states({ keyset: this.keyset, uuid, channels, groups: [] }));
  }

  async occupancy(channel: string): Promise<number | undefined> {
    const names = { isGlobal: false, channels: [channel], groups: [] };
    const [page] = await this.presence.hereNow({ keyset: this.keyset, ...names, limit: 0, offset: 0, hasState: false });
    return page?.occupancy;
  }

  async pass(seconds: number): Promise<void> {
    this.clock.advance(seconds * 1_000);
    await settled();
  }

  /** What was announced since the last time, each as `channel action uuid occupancy data`. */
  announced(): readonly string[] {
    return this.drafts.splice(0).map(({ channel, payload }) => {
      const event = JSON.parse(payload) as Record<string, unknown>;
      const { action, uuid = "", occupancy, data, join, leave, timeout } = event;
      const rest = [data, join && { join }, leave && { leave }, timeout && { timeout }].filter(Boolean);
      return [channel, action, uuid, occupancy, ...rest.map((part) => JSON.stringify(part))].join(" ");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.presence.stop();
    expect([this.failures, this.clock.pendingTimers]).toEqual([[], 0]);
  }
}

test("[PRE1 PRE2] the first sign of life joins, the second one and other devices announce nothing", async () => {
  await using world = new World();
  expect(await world.attend("alice", ["room"])).toBe("attended");
  await world.attend("bob", ["room", "lobby"]);
  expect(world.announced()).toEqual(["room-pnpres join alice 1", "room-pnpres join bob 2", "lobby-pnpres join bob 1"]);
  await world.attend("alice", ["room"]);
  await world.attend("alice", ["room", "lobby"]);
  expect(world.announced()).toEqual(["lobby-pnpres join alice 2"]);
});

test("[PRE2 PRE12] a sign of life that changes nothing is done in the turn of its call", async () => {
  await using world = new World();
  const attendance = { keyset: world.keyset, uuid: "alice", channels: ["room"], groups: [] };
  await world.presence.attend(attendance);
  expect(world.presence.attend(attendance)).toBe("attended");
});

test("[PRE3 PRE4] presence names make nobody present, and a wildcard does by its own name alone", async () => {
  await using world = new World({ groups: { g: ["a"] } });
  await world.attend("alice", ["room-pnpres", "a.*-pnpres"], { groups: ["g-pnpres"] });
  expect([world.announced(), world.store.size]).toEqual([[], 0]);
  await world.attend("alice", ["a.*", "a.*-pnpres"]);
  expect(world.announced()).toEqual(["a.*-pnpres join alice 1"]);
  expect([await world.occupancy("a.*"), await world.occupancy("a.b")]).toEqual([1, 0]);
});

test("[PRE5] a group stands for its channels, and its state for theirs", async () => {
  await using world = new World({ groups: { g: ["a", "b", "c-pnpres"], empty: [] } });
  const states = new Map([
    ["g", '{"of":"g"}'],
    ["b", '{"of":"b"}'],
  ]);
  await world.attend("alice", ["b", "x"], { groups: ["g", "empty", "unknown"], states });
  expect(world.announced().toSorted()).toEqual([
    'a-pnpres join alice 1 {"of":"g"}',
    'b-pnpres join alice 1 {"of":"b"}',
    "x-pnpres join alice 1",
  ]);
  await world.leave("alice", [], ["g"]);
  expect(world.announced()).toHaveLength(2);
  expect(await world.presence.whereNow(world.keyset, "alice")).toEqual(["x"]);
});

const SILENCES: Readonly<Record<string, readonly [Partial<KeysetSettings>, Partial<Attendance>, seconds: number]>> = {
  "300 seconds where nobody says": [{}, {}, 300],
  "what the keyset says": [{ presenceTimeoutSeconds: 60 }, {}, 60],
  "what the client says": [{ presenceTimeoutSeconds: 60 }, { timeoutSeconds: 20 }, 20],
};
for (const [what, [presence, given, seconds]] of Object.entries(SILENCES)) {
  test(`[PRE6 PRE7] a silent member times out after ${what}`, async () => {
    await using world = new World({ presence });
    await world.attend("alice", ["room"], given);
    world.announced();
    await world.pass(seconds - 1);
    expect(world.announced()).toEqual([]);
    await world.pass(1);
    expect(world.announced()).toEqual(["room-pnpres timeout alice 0"]);
    await world.pass(1_000);
    expect(world.announced()).toEqual([]);
  });
}

test("[PRE6] a sign of life without a time of its own keeps what the member had", async () => {
  await using world = new World();
  await world.attend("alice", ["room"], { timeoutSeconds: 20 });
  await world.pass(15);
  await world.attend("alice", ["room"]);
  await world.pass(15);
  expect(world.announced()).toEqual(["room-pnpres join alice 1"]);
  await world.pass(5);
  expect(world.announced()).toEqual(["room-pnpres timeout alice 0"]);
});

test("[PRE7] a deadline between two seconds is met within one", async () => {
  await using world = new World();
  await world.pass(0.4);
  await world.attend("alice", ["room"], { timeoutSeconds: 5 });
  await world.pass(4.9);
  expect(world.announced()).toEqual(["room-pnpres join alice 1"]);
  await world.pass(1.1);
  expect(world.announced()).toEqual(["room-pnpres timeout alice 0"]);
});

test("[PRE7 PRE8] thousands who fall silent together are all told of, once", async () => {
  await using world = new World({ presence: { presenceAnnounceMax: 5_000 } });
  for (let at = 0; at < 2_500; at++) await world.attend(`u${at}`, [`c${at % 7}`]);
  world.announced();
  await world.pass(300);
  await settled();
  expect(world.announced()).toHaveLength(2_500);
  expect(world.store.size).toBe(0);
});

test("[PRE8] a sign of life at the deadline either comes first or joins anew", async () => {
  await using world = new World();
  await world.attend("alice", ["room"]);
  await world.pass(299);
  world.announced();
  await world.attend("alice", ["room"]); // first
  await world.pass(1);
  expect(world.announced()).toEqual([]);
  await world.pass(299);
  await world.attend("alice", ["room"]); // after
  expect(world.announced()).toEqual(["room-pnpres timeout alice 0", "room-pnpres join alice 1"]);
});

test("[PRE9] a leave ends the membership once, and another device's sign of life begins it again", async () => {
  await using world = new World();
  await world.attend("alice", ["room", "lobby"]);
  await world.attend("alice", ["room"]);
  world.announced();
  await world.leave("alice", ["room", "never"]);
  await world.leave("alice", ["room", "room-pnpres"]);
  await world.leave("nobody", ["room"]);
  expect(world.announced()).toEqual(["room-pnpres leave alice 0"]);
  await world.attend("alice", ["room"]);
  expect(world.announced()).toEqual(["room-pnpres join alice 1"]);
});

test("[PRE10] what does not fit is said to be too much, and who is there stays", async () => {
  await using world = new World({ bounds: { membersPerKeysetMax: 2 } });
  await world.attend("alice", ["room"]);
  expect(await world.attend("bob", ["room", "lobby"])).toBe("full");
  expect(await world.attend("alice", ["room"])).toBe("attended");
  expect(await world.setState("carol", ["room"], '{"a":1}')).toBe("full");
  expect(world.announced()).toEqual(["room-pnpres join alice 1", "room-pnpres join bob 2"]);
});

test("[PRE11] a keyset without presence has no members", async () => {
  await using world = new World({ presence: { hasPresence: false } });
  expect(await world.attend("alice", ["room"])).toBe("disabled");
  expect(world.store.size).toBe(0);
});

test("[PRE13 PRE21 PRE24] state is replaced as a whole, cleared by {}, and told of where it changes", async () => {
  await using world = new World();
  await world.attend("alice", ["room", "lobby"]);
  world.announced();
  await world.setState("alice", ["room", "lobby"], '{"a":1,"b":2}');
  await world.setState("alice", ["room"], '{"b":3}');
  await world.setState("alice", ["room"], '{"b":3}');
  expect(world.announced()).toEqual([
    'room-pnpres state-change alice 1 {"a":1,"b":2}',
    'lobby-pnpres state-change alice 1 {"a":1,"b":2}',
    'room-pnpres state-change alice 1 {"b":3}',
  ]);
  expect(await world.states("alice", "room", "lobby")).toEqual({ room: '{"b":3}', lobby: '{"a":1,"b":2}' });
  await world.setState("alice", ["room"], "{}");
  await world.setState("alice", ["room"], "{}");
  expect(world.announced()).toEqual(["room-pnpres state-change alice 1 {}"]);
  expect(await world.states("alice", "room")).toEqual({});
});

test("[PRE14 PRE21] state of a sign of life is in the join, and later a state-change where it differs", async () => {
  await using world = new World();
  const withState = (state: string): Promise<AttendOutcome> =>
    world.attend("alice", ["room", "lobby"], { states: new Map([["room", state]]) });
  await withState('{"a":1}');
  await withState('{"a":1}');
  await withState('{"a":2}');
  await world.attend("alice", ["room"]);
  expect(world.announced()).toEqual([
    'room-pnpres join alice 1 {"a":1}',
    "lobby-pnpres join alice 1",
    'room-pnpres state-change alice 1 {"a":2}',
  ]);
});

test("[PRE15 PRE16] state that was set before is not announced, waits 300 seconds and goes with the membership", async () => {
  await using world = new World();
  await world.setState("alice", ["room"], '{"a":1}');
  await world.setState("bob", ["room"], '{"b":1}');
  expect(await world.states("alice", "room")).toEqual({ room: '{"a":1}' });
  await world.pass(299);
  await world.attend("alice", ["room"]);
  expect(world.announced()).toEqual(["room-pnpres join alice 1"]);
  await world.pass(1);
  expect([await world.states("alice", "room"), await world.states("bob", "room")]).toEqual([{ room: '{"a":1}' }, {}]);
  await world.leave("alice", ["room"]);
  expect(world.announced()).toEqual(['room-pnpres leave alice 0 {"a":1}']);
  expect(await world.states("alice", "room")).toEqual({});
  await world.setState("carol", ["room"], '{"c":1}');
  await world.attend("carol", ["room"]);
  await world.pass(300);
  expect(world.announced()).toEqual(["room-pnpres join carol 1", 'room-pnpres timeout carol 0 {"c":1}']);
});

const uuids = (count: number, first = 1): readonly string[] =>
  Array.from({ length: count }, (_, at) => `u${first + at}`);

test("[PRE25 PRE26 PRE24] above the bound changes are told together, when the interval has passed and if there are any", async () => {
  await using world = new World();
  for (const uuid of uuids(20)) await world.attend(uuid, ["room"]);
  expect(world.announced()).toHaveLength(20);
  for (const uuid of ["u21", "u22", "u23"]) await world.attend(uuid, ["room"]);
  await world.leave("u1", ["room"]);
  await world.leave("u23", ["room"]);
  await world.setState("u2", ["room"], '{"a":1}');
  expect(world.announced()).toEqual(['room-pnpres state-change u2 21 {"a":1}']);
  expect(world.clock.pendingTimers).toBe(2); // the search for the silent, and one interval
  await world.pass(9);
  expect(world.announced()).toEqual([]);
  await world.pass(1);
  expect(world.announced()).toEqual(['room-pnpres interval  21 {"join":["u21","u22"]} {"leave":["u1"]}']);
  await world.pass(100);
  expect(world.announced()).toEqual([]);
  await world.attend("u30", ["room"]);
  await world.pass(3);
  await world.leave("u30", ["room"]);
  await world.pass(30);
  expect(world.announced()).toEqual([]);
});

test("[PRE26] timeouts are in the lists too, and without deltas there are none", async () => {
  for (const deltas of [true, false]) {
    await using world = new World({
      presence: { presenceDeltas: deltas, presenceAnnounceMax: 1, presenceIntervalSeconds: 2 },
    });
    await world.attend("short", ["room"], { timeoutSeconds: 5 });
    for (const uuid of ["a", "b"]) await world.attend(uuid, ["room"]);
    await world.pass(2);
    world.announced();
    await world.pass(3); // silent for five seconds
    await world.pass(2);
    expect(world.announced()).toEqual([`room-pnpres interval  2${deltas ? ' {"timeout":["short"]}' : ""}`]);
  }
});

test("[PRE27] too much for the lists is a hint to ask here-now", async () => {
  await using world = new World({ presence: { presenceAnnounceMax: 0 } });
  for (const uuid of uuids(400)) await world.attend(uuid.padEnd(90, "x"), ["room"]);
  await world.pass(10);
  const [draft, ...more] = world.drafts.splice(0);
  expect(more).toEqual([]);
  expect(JSON.parse(draft?.payload ?? "")).toEqual({
    action: "interval",
    timestamp: Math.floor(world.clock.wallMs() / 1_000),
    occupancy: 400,
    here_now_refresh: true,
  });
});

test("[PRE28] a channel that shrinks to the bound tells its interval first, and a stop tells every open one", async () => {
  await using world = new World({ presence: { presenceAnnounceMax: 2 } });
  for (const uuid of uuids(3)) await world.attend(uuid, ["room"]);
  world.announced();
  await world.leave("u1", ["room"]);
  expect(world.announced()).toEqual(['room-pnpres interval  3 {"join":["u3"]}', "room-pnpres leave u1 2"]);
  await world.pass(20);
  expect(world.announced()).toEqual([]);
  await world.attend("u4", ["room"]);
  await world.presence.stop();
  expect(world.announced()).toEqual(['room-pnpres interval  3 {"join":["u4"]}']);
});

test("[PRE23] a keyset without events has none, and members all the same", async () => {
  await using world = new World({ presence: { presenceEvents: false, presenceAnnounceMax: 1 } });
  for (const uuid of uuids(3)) await world.attend(uuid, ["room"]);
  await world.pass(300);
  expect([world.announced(), world.store.size]).toEqual([[], 0]);
});

test("[PRE23] an event that cannot be published fails nobody's request", async () => {
  const world = new World();
  world.emit = () => Promise.reject(new Error("no broker"));
  expect(await world.attend("alice", ["room"])).toBe("attended");
  expect(world.failures).toHaveLength(1);
  await world.presence.stop();
});

const SEED = seed();
const ROUNDS = count({ quick: 20, full: 500 });
test(`[PRE8 PRE23 PRE30 PRE32] two nodes whose heartbeats race their deadlines (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
  for (let round = 0; round < ROUNDS; round++) await race(randomFrom(SEED + round));
});

interface Told {
  joins: number;
  ends: number;
}

// Clients beat about when they are due, at either node, some leave and some fall silent; each node tells what it changed.
async function race(random: () => number): Promise<void> {
  const clock = new ManualClock();
  const keyset = { ...DEMO_KEYSET, presenceAnnounceMax: 1_000 };
  const shared = new MemoryPresenceStore({ clock, announceMaxOf: () => 1_000 });
  const told = new Map<string, Told>();
  const nodes = [presenceStoreOverPort(disposable(shared)), presenceStoreOverPort(disposable(shared))].map((store) => ({
    store,
    presence: new Presence({
      store,
      clock,
      emit: async (_, { payload }) => note(told, payload),
      settingsOf: () => keyset,
      failed: (failure) => expect(failure).toBeUndefined(),
      membersOf: async () => new Set<string>(),
    }),
  }));
  const pick = <Item>(items: readonly Item[]): Item => items[Math.trunc(random() * items.length)] as Item;
  for (let step = 0; step < 60; step++) {
    const pending: unknown[] = [];
    for (let count = Math.trunc(random() * 4); count > 0; count--) {
      const membership = { keyset, uuid: pick(["u1", "u2", "u3"]), channels: ["room"], groups: [] };
      const { presence } = pick(nodes);
      if (random() < 0.1) pending.push(presence.leave(membership));
      else pending.push(presence.attend({ ...membership, timeoutSeconds: 5 }));
    }
    if (random() < 0.5) await settled();
    clock.advance(pick([400, 1_000, 4_000, 5_000, 6_000]));
    await Promise.all(pending);
  }
  await nodes[0]?.store.occupied(keyset.subscribeKey, 1); // what was asked before has been answered
  for (let turn = 0; turn < 10; turn++) await settled();
  for (const [uuid, { joins, ends }] of told) {
    const { length: isThere } = await shared.channelsOf(keyset.subscribeKey, uuid, 1);
    expect([uuid, joins - ends]).toEqual([uuid, isThere]);
  }
  for (const { presence } of nodes) await presence.stop();
}

function note(told: Map<string, Told>, payload: string): void {
  const { action, uuid } = JSON.parse(payload) as { action: string; uuid: string };
  const counts = told.get(uuid) ?? { joins: 0, ends: 0 };
  if (action === "join") counts.joins += 1;
  else counts.ends += 1;
  told.set(uuid, counts);
}

function disposable(store: MemoryPresenceStore): PresenceStore & AsyncDisposable {
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.stop() });
}

test(`[PRE8 PRE23] at one node joins and ends of a uuid alternate (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
  for (let round = 0; round < ROUNDS; round++) await alternate(randomFrom(SEED + round));
});

async function alternate(random: () => number): Promise<void> {
  await using world = new World({ presence: { presenceAnnounceMax: 1_000 } });
  for (let step = 0; step < 80; step++) {
    const uuid = `u${Math.trunc(random() * 3)}`;
    const beat = world.attend(uuid, ["room"], { timeoutSeconds: 5 });
    world.clock.advance(Math.trunc(random() * 3_000));
    if (random() < 0.2) void world.leave(uuid, ["room"]);
    await beat;
  }
  await world.pass(10);
  let occupancy = 0;
  const here = new Set<string>();
  for (const { payload } of world.drafts) {
    const event = JSON.parse(payload) as { action: string; uuid: string; occupancy: number };
    expect(here.has(event.uuid)).toBe(event.action !== "join");
    if (event.action === "join") here.add(event.uuid);
    else here.delete(event.uuid);
    occupancy += event.action === "join" ? 1 : -1;
    expect(event.occupancy).toBe(occupancy);
  }
  expect([occupancy, world.store.size]).toEqual([0, 0]);
}
