import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { DATABASE, openDataDirectory } from "../adapters/embedded/data-directory.ts";
import { startBackup } from "../adapters/embedded/upkeep/backup.ts";
import { checkDataDirectory } from "../adapters/embedded/upkeep/check-directory.ts";
import { FIRST, alter, fill, numbered, openStores } from "../adapters/embedded/upkeep/directories.ts";
import { KEYSET } from "../conformance/fixtures.ts";
import type { Job, Word } from "./doomed-process.ts";
import { temporaryDirectory } from "./server-process.ts";

const ROUNDS = count({ quick: 2, full: 100 });
const SEED = seed();
const PROGRAM = fileURLToPath(new URL("doomed-process.ts", import.meta.url));
const MESSAGES = 6_000; // two deletions' worth of transactions in each of three channels
const OLD_MESSAGES = 20_000;
/** How long each job takes about, so that kills fall all over it; those that come later find it done. */
const LONG_MS: Readonly<Record<Job, number>> = { append: 300, delete: 60, sweep: 150, migrate: 250, backup: 60 };

let home: ReturnType<typeof temporaryDirectory>;
let random: () => number;
beforeAll(async () => {
  home = temporaryDirectory();
  random = randomFrom(SEED);
  const kept = join(home.path, "kept");
  {
    await using stores = openStores(kept);
    await fill(stores, 0, MESSAGES);
  }
  const expiring = join(home.path, "expiring");
  {
    await using stores = openStores(expiring);
    await fill(stores, 0, MESSAGES);
  }
  // What room-2 has will have expired when the sweep comes; the others stay.
  alter(
    expiring,
    `UPDATE message SET expires_at = timetoken + 36000000000 WHERE channel_id = (SELECT id FROM channel WHERE name = 'room-2')`,
    "UPDATE body SET checksum = NULL",
  );
  writeSchema1(join(home.path, "old"));
});
afterAll(() => home[Symbol.dispose]());

function writeSchema1(directory: string): void {
  openDataDirectory(directory, "normal").close(); // makes the directory
  const path = join(directory, DATABASE);
  for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) Bun.spawnSync(["rm", path + end]);
  const database = new Database(path, { create: true });
  database.run("CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID");
  database.run(
    "CREATE TABLE channel (id INTEGER PRIMARY KEY, keyset TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (keyset, name)) STRICT",
  );
  database.run(`CREATE TABLE message (id INTEGER PRIMARY KEY, channel_id INTEGER NOT NULL, timetoken INTEGER NOT NULL,
    payload TEXT NOT NULL, event_type INTEGER, publisher TEXT, sequence INTEGER, meta TEXT, custom_message_type TEXT,
    origination TEXT, ttl_hours REAL) STRICT`);
  database.run("CREATE UNIQUE INDEX message_by_channel ON message (channel_id, timetoken)");
  database.run(
    "CREATE TABLE journal (id INTEGER PRIMARY KEY, last_timetoken INTEGER NOT NULL, messages TEXT NOT NULL) STRICT",
  );
  database.run("INSERT INTO setting VALUES ('timetoken_reserved_through', ?)", [FIRST + 1_000_000n]);
  for (const room of [0, 1, 2])
    database.run("INSERT INTO channel VALUES (?, ?, ?)", [room + 1, KEYSET, `room-${room}`]);
  database.run(`WITH RECURSIVE n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < ${OLD_MESSAGES - 1})
    INSERT INTO message (channel_id, timetoken, payload, publisher)
    SELECT at % 3 + 1, ${FIRST} + at, '{"at":' || at || '.0}', 'anna' FROM n`);
  database.run("PRAGMA user_version = 1");
  database.run("PRAGMA journal_mode = WAL");
  database.close();
}

/** Runs a job on a copy of a directory and kills it at some moment. @returns what it said, and where. */
async function killedAmid(
  job: Job,
  source: string,
  round: number,
  rest: string,
): Promise<{ path: string; words: readonly Word[] }> {
  const path = join(home.path, `${job}-${round}`);
  cpSync(join(home.path, source), path, { recursive: true });
  const words: Word[] = [];
  const begun = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, PROGRAM, job, path, rest], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (word: Word) => {
      words.push(word);
      if (word === "begun") begun.resolve();
    },
    onExit: () => begun.resolve(),
  });
  await begun.promise;
  await Bun.sleep(random() * LONG_MS[job]);
  child.kill("SIGKILL");
  await child.exited;
  await new Promise((resolve) => setImmediate(resolve)); // what it said last
  expect(words[0]).toBe("begun");
  expect(checkDataDirectory(path).problems).toEqual([]); // before anything has opened it, and after
  const { warnings, close, writer } = openDataDirectory(path, "normal");
  await writer.close();
  close();
  expect(warnings).toEqual([]);
  expect(checkDataDirectory(path).problems).toEqual([]);
  return { path, words };
}

interface Row {
  readonly payload: string;
  readonly timetoken: bigint;
}

function rowsOf(path: string, sql: string): readonly Partial<Row>[] {
  const database = new Database(join(path, DATABASE), { readonly: true, safeIntegers: true });
  database.run("PRAGMA busy_timeout = 5000");
  const rows = database.prepare<Partial<Row>, []>(sql).all();
  database.close(true);
  return rows;
}

function payloadsOf(path: string): readonly string[] {
  return rowsOf(path, "SELECT payload FROM message JOIN body ON id = body_id").map(({ payload = "" }) => payload);
}

const ACTIONS = "SELECT message_timetoken AS timetoken FROM action";
const STRAY = `${ACTIONS} WHERE (channel_id, message_timetoken) NOT IN (SELECT channel_id, timetoken FROM message)`;

for (const job of ["append", "delete", "sweep", "migrate"] as const) {
  test(`[OPS31 STO21] killed amid ${job}, ${ROUNDS} times: nothing acknowledged is lost or doubled (seed ${SEED})`, async () => {
    for (let round = 0; round < ROUNDS; round++) await ROUND[job](round);
  }, 900_000);
}

const ROUND: Readonly<Record<Exclude<Job, "backup">, (round: number) => Promise<void>>> = {
  append: async (round) => {
    const { path, words } = await killedAmid("append", "kept", round, String(MESSAGES));
    const payloads = payloadsOf(path);
    const there = new Set(payloads);
    expect(there.size).toBe(payloads.length);
    const numbers = words.filter((word) => typeof word === "number");
    const acknowledged = [...Array(MESSAGES).keys(), ...numbers.filter((at) => at > 0)];
    expect(acknowledged.filter((at) => !there.has(numbered(at).payload))).toEqual([]);
    const acted = rowsOf(path, ACTIONS).map(({ timetoken = 0n }) => timetoken);
    expect(new Set(acted).size).toBe(acted.length);
    expect(numbers.filter((at) => at < 0 && !acted.includes(numbered(-at).timetoken))).toEqual([]);
    expect(rowsOf(path, STRAY)).toEqual([]);
  },
  delete: async (round) => {
    const { path, words } = await killedAmid("delete", "kept", round, "");
    const left = payloadsOf(path).length;
    const others = (MESSAGES / 3) * 2;
    expect(left).toBeWithin(others, (words.includes("done") ? others : MESSAGES) + 1);
    expect(rowsOf(path, STRAY)).toEqual([]);
  },
  sweep: async (round) => {
    const { path } = await killedAmid("sweep", "expiring", round, "");
    const there = new Set(payloadsOf(path));
    const kept = [...Array(MESSAGES).keys()].filter((at) => at % 3 !== 2);
    expect(kept.filter((at) => !there.has(numbered(at).payload))).toEqual([]);
    expect(rowsOf(path, STRAY)).toEqual([]);
  },
  migrate: async (round) => {
    const { path } = await killedAmid("migrate", "old", round, "");
    const expected = [...Array(OLD_MESSAGES).keys()].map((at) => numbered(at).payload);
    expect(payloadsOf(path).toSorted()).toEqual(expected.toSorted());
  },
};

test(`[OPS25] killed amid a backup, ${ROUNDS} times: the directory is as it was, the rest of the copy is known (seed ${SEED})`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const copy = join(home.path, `copy-${round}`);
    const { path } = await killedAmid("backup", "kept", round, copy);
    expect(payloadsOf(path)).toHaveLength(MESSAGES);
    if (!existsSync(copy)) {
      // What is there has no database under its name yet, or is whole and only not renamed.
      if (existsSync(join(`${copy}.partial`, `${DATABASE}.partial`))) {
        expect(() => checkDataDirectory(`${copy}.partial`)).toThrow(/is a backup that was not finished/);
      }
      await startBackup(path, copy).done;
    }
    expect(checkDataDirectory(copy).problems).toEqual([]);
    expect(payloadsOf(copy)).toHaveLength(MESSAGES);
  }
}, 900_000);
