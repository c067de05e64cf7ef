import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { messageStoreConformance, type StorePlace } from "../../conformance/message-store.ts";
import { message } from "../../conformance/fixtures.ts";
import { StartupError } from "../../startup-error.ts";
import { openDataDirectory, openInMemory } from "./data-directory.ts";
import { ManualClock } from "./manual-clock.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { SqliteMessageStore } from "./sqlite-message-store.ts";
import type { Writer } from "./sqlite-writer.ts";

const UNWATCHED = { committed: () => {} };

// One directory, opened anew for every store. A store that was not stopped is abandoned as a crash would leave it.
async function directoryPlace(): Promise<StorePlace> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-store-"));
  let close: (() => void) | undefined;
  return {
    isDurable: true,
    open: async (clock) => {
      close?.();
      const storage = openDataDirectory(directory, "normal");
      ({ close } = storage);
      return new SqliteMessageStore(clock, storage.reading, storage.writer, UNWATCHED);
    },
    [Symbol.asyncDispose]: async () => {
      close?.();
      rmSync(directory, { recursive: true });
    },
  };
}

async function memoryPlace(): Promise<StorePlace> {
  let close: (() => void) | undefined;
  return {
    isDurable: false,
    open: async (clock) => {
      close?.();
      const storage = openInMemory();
      ({ close } = storage);
      return new SqliteMessageStore(clock, storage.reading, storage.writer, UNWATCHED);
    },
    [Symbol.asyncDispose]: async () => close?.(),
  };
}

messageStoreConformance("SQLite in a directory", directoryPlace);
messageStoreConformance("SQLite in memory", memoryPlace);

test("a message [STO12 STO13] that is committed while its outcome is on its way is shown and counted once", async () => {
  const storage = openInMemory();
  const told = Promise.withResolvers<void>();
  const slowlyTold: Writer = {
    ...storage.writer,
    write: async (write) => {
      const outcome = await storage.writer.write(write);
      await told.promise;
      return outcome;
    },
  };
  const store = new SqliteMessageStore(new ManualClock(), storage.reading, slowlyTold, UNWATCHED);
  const [first, second] = [message({ timetoken: 1n }), message({ timetoken: 2n })];
  const commits = [store.commit(first), store.commit(second)];
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(storage.reading.query("SELECT count(*) AS count FROM message").get()).toEqual({ count: 2n });
  const place = { keyset: first.keyset, channel: first.channel };
  const range = { from: 0n, through: 9n, take: "newest", messagesMax: 9, bytesMax: 9_000 } as const;
  expect((await store.readPage({ ...place, ...range })).messages).toEqual([first, second]);
  expect(await store.countAfter({ ...place, after: 0n, countMax: 9 })).toBe(2);
  told.resolve();
  await Promise.all(commits);
  await store.stop();
  storage.close();
});

test("a deletion [STO14] that the disk refuses is told so, and the next one is tried on its own merits", async () => {
  const storage = openInMemory();
  let isFull = false;
  const fillable: Writer = {
    ...storage.writer,
    write: async (write) => (isFull ? { kind: "refused", reason: "full" } : storage.writer.write(write)),
  };
  const store = new SqliteMessageStore(new ManualClock(), storage.reading, fillable, UNWATCHED);
  const one = message({ timetoken: 1n });
  await store.commit(one);
  const range = { keyset: one.keyset, channel: one.channel, from: 0n, through: 9n };
  isFull = true;
  expect(await Promise.all([store.deleteRange(range), store.commit({ ...one, timetoken: 2n })])).toEqual([
    "unavailable",
    "unavailable",
  ]);
  isFull = false;
  expect(await store.countAfter({ ...range, after: 0n, countMax: 9 })).toBe(1);
  expect(await store.deleteRange(range)).toBe("deleted");
  expect(await store.countAfter({ ...range, after: 0n, countMax: 9 })).toBe(0);
  await store.stop();
  storage.close();
});

test("a data directory [STO8] is used by one server at a time", () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-lock-"));
  const first = openDataDirectory(directory, "normal");
  expect(() => openDataDirectory(directory, "normal")).toThrow(/Another Longwave server is using the data directory/);
  first.close();
  openDataDirectory(directory, "normal").close();
  rmSync(directory, { recursive: true });
});

test("a data directory [STO9] of a newer schema is refused and left as it was", () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-newer-"));
  openDataDirectory(directory, "normal").close();
  const file = join(directory, "longwave.db");
  const database = new Database(file);
  database.run(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  database.close();
  expect(() => openDataDirectory(directory, "normal")).toThrow(/was written by a newer Longwave/);
  const after = new Database(file, { readonly: true });
  expect(after.query("PRAGMA user_version").get()).toEqual({ user_version: SCHEMA_VERSION + 1 });
  after.close();
  rmSync(directory, { recursive: true });
});

test("a data directory [OPS9] that cannot be made or used is refused in a sentence", () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-unusable-"));
  const file = join(directory, "file");
  new Database(file, { create: true }).close();
  expect(() => openDataDirectory(join(file, "below"), "normal")).toThrow(StartupError);
  expect(() => openDataDirectory("/proc/longwave", "normal")).toThrow(/cannot be made: .*--data-dir/);
  rmSync(directory, { recursive: true });
});
