import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEYSET } from "../../conformance/fixtures.ts";
import { touchOf } from "../../conformance/presence-store.ts";
import type { Occupant } from "../../ports/presence-store.ts";
import { type EmbeddedStorage, openDataDirectory } from "./data-directory.ts";
import { ManualClock } from "./manual-clock.ts";
import { MemoryPresenceStore } from "./memory-presence-store.ts";
import { PRESENCE_WRITE_INTERVAL_MS, PresenceJournal } from "./presence-journal.ts";
import type { Writer } from "./sqlite-writer.ts";

/** A directory that one process after the other keeps its members in, each with a clock of its own. */
class Place implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "longwave-presence-"));
  #storage: EmbeddedStorage | undefined;
  clock = new ManualClock();
  store = new MemoryPresenceStore({ clock: this.clock, announceMaxOf: () => 20 });
  /** What the disk answers instead of writing, while there is something here. */
  refusal: string | undefined;
  readonly refused: string[] = [];

  /** Ends whatever runs as a kill would, and starts anew. */
  async start(): Promise<string> {
    await this.stop();
    const storage = openDataDirectory(this.#directory, "normal");
    this.#storage = storage;
    this.clock = new ManualClock();
    this.clock.advance(123_456); // nothing may lean on where a monotonic clock begins
    const writer: Writer = {
      write: async (write) =>
        this.refusal === undefined ? storage.writer.write(write) : { kind: "refused", reason: this.refusal },
      close: () => storage.writer.close(),
    };
    const journal = new PresenceJournal(this.clock, storage.reading, writer, (reason) => this.refused.push(reason));
    this.store = new MemoryPresenceStore({ clock: this.clock, announceMaxOf: () => 20, journal });
    return this.#directory;
  }

  /** Lets what waits for the disk reach it. */
  async write(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.clock.advance(PRESENCE_WRITE_INTERVAL_MS);
      for (let turn = 0; turn < 3; turn++) await this.#storage?.writer.write({ statements: [] }); // in order behind it
    }
  }

  touch(uuid: string, given: { seconds?: number; state?: string } = {}): readonly unknown[] {
    const timeoutMs = given.seconds === undefined ? undefined : given.seconds * 1_000;
    const states = given.state === undefined ? undefined : new Map([["room", given.state]]);
    return this.store.touch(touchOf({ uuid, channels: ["room"], timeoutMs, states })).changes;
  }

  async occupants(): Promise<readonly Occupant[]> {
    const all = { occupantsMax: 1_000, offset: 0, hasState: true, lengthMax: 1_000_000 };
    const [page] = await this.store.page({ keyset: KEYSET, channels: ["room"], ...all });
    return page?.occupants.toSorted((one, other) => one.uuid.localeCompare(other.uuid)) ?? [];
  }

  expire(): readonly string[] {
    return this.store.expire(100).map(({ uuid }) => uuid);
  }

  /** Ends whatever runs as a kill would. */
  async stop(): Promise<void> {
    await this.#storage?.writer.close();
    this.#storage?.close();
    this.#storage = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true });
  }
}

const ALICE = { uuid: "alice", state: '{"n":12345678901234567890}' };
const BOB = { uuid: "bob", state: undefined };

test("[PRE40 PRE42] after a stop members and states are there, with the time that each had left", async () => {
  await using place = new Place();
  await place.start();
  place.touch("alice", { state: ALICE.state });
  place.touch("bob", { seconds: 2_000 });
  place.touch("carol", { seconds: 30 });
  const waiting = { keyset: KEYSET, uuid: "dave", channels: ["room"], state: '{"d":1}', absentMs: 300_000 };
  place.store.setState(waiting);
  place.clock.advance(20_000);
  await place.store.stop();
  await place.start();
  expect(await place.occupants()).toEqual([ALICE, BOB, { uuid: "carol", state: undefined }]);
  const states = await place.store.states({ keyset: KEYSET, uuid: "dave", channels: ["room"] });
  expect(states.get("room")).toBe('{"d":1}');
  expect(place.touch("bob")).toEqual([]); // keeps its 2,000 seconds
  place.clock.advance(59_999);
  expect(place.expire()).toEqual([]); // carol had 10 seconds and has a minute
  place.clock.advance(1);
  expect(place.expire()).toEqual(["carol"]);
  place.clock.advance(219_999);
  expect(place.expire()).toEqual([]);
  place.clock.advance(1);
  expect(place.expire()).toEqual(["alice"]);
  expect(await place.store.channelsOf(KEYSET, "bob", 9)).toEqual(["room"]);
});

test("[PRE41 PRE42] after a kill what was written behind is there, with the whole timeout", async () => {
  await using place = new Place();
  await place.start();
  place.touch("alice");
  place.touch("gone");
  await place.write();
  place.touch("alice", { state: ALICE.state });
  place.store.leave({ keyset: KEYSET, uuid: "gone", channels: ["room"] });
  place.touch("bob");
  await place.write();
  place.clock.advance(290_000);
  place.touch("too late to be written");
  await place.start();
  expect(await place.occupants()).toEqual([ALICE, BOB]);
  place.clock.advance(299_999);
  expect(place.expire()).toEqual([]);
  place.clock.advance(1);
  expect(place.expire().toSorted()).toEqual(["alice", "bob"]);
  await place.write();
  await place.start();
  expect(await place.occupants()).toEqual([]);
});

test("[PRE41] how long somebody had left at a stop is not found again by a kill that follows", async () => {
  await using place = new Place();
  await place.start();
  place.touch("alice");
  place.clock.advance(200_000);
  await place.store.stop();
  await place.start();
  await place.write();
  place.touch("alice"); // 300 seconds again, which nobody writes
  await place.start();
  place.clock.advance(299_999);
  expect(place.expire()).toEqual([]);
});

test("[PRE44] a disk that refuses gets everything when it is back, ends after beginnings", async () => {
  await using place = new Place();
  await place.start();
  place.touch("alice", { state: '{"first":1}' });
  await place.write();
  place.refusal = "disk full";
  place.store.leave({ keyset: KEYSET, uuid: "alice", channels: ["room"] });
  await place.write();
  place.touch("alice", { state: ALICE.state });
  place.touch("bob");
  place.touch("gone");
  await place.write();
  place.store.leave({ keyset: KEYSET, uuid: "gone", channels: ["room"] });
  expect(new Set(place.refused)).toEqual(new Set(["disk full"]));
  place.refusal = undefined;
  await place.write();
  await place.start();
  expect(await place.occupants()).toEqual([ALICE, BOB]);
});

test("[PRE41] what happens while the disk is busy is written when it has ended", async () => {
  await using place = new Place();
  await place.start();
  place.touch("alice", { state: ALICE.state });
  place.clock.advance(PRESENCE_WRITE_INTERVAL_MS);
  place.touch("bob"); // the first write is under way
  await place.write();
  await place.start();
  expect(await place.occupants()).toEqual([ALICE, BOB]);
});

test("[PRE40] who left just before a stop is not there after it", async () => {
  await using place = new Place();
  await place.start();
  place.touch("alice");
  await place.write();
  place.store.leave({ keyset: KEYSET, uuid: "alice", channels: ["room"] });
  await place.store.stop();
  await place.start();
  expect(await place.occupants()).toEqual([]);
});

test("[PRE40] many thousands are written at a stop and read at a start", async () => {
  await using place = new Place();
  await place.start();
  for (let at = 0; at < 5_001; at++) place.touch(`u${at}`);
  await place.store.stop();
  await place.store.stop();
  await place.start();
  expect(place.store.size).toBe(5_001);
});
