/**
 * Compares ways to lay stored messages out in SQLite: what an append, a newest page, a count and a sweep cost as the
 * database grows. Its figures are those of docs/adr/0007-history-layout.md.
 *
 * Run by hand: `bun bench/src/store-layouts.ts [MESSAGES] [LAYOUT …]`; writes to a temporary directory and removes it.
 *
 * @module
 */
import { Database, type Statement } from "bun:sqlite";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomFrom } from "../../tools/counts.ts";

const CHANNELS = 10_000;
const BATCH_MESSAGES = 500;
const SAMPLE_MESSAGES = 50_000; // appended at each size and timed
const READS = 2_000;
const FIRST_TIMETOKEN = 17_326_051_234_567_890n;
const RETENTION_TICKS = 7n * 24n * 36_000_000_000n;
// Pages of the log after which they are written into the database; the default of SQLite is 1000.
const CHECKPOINT = `wal_autocheckpoint = ${process.env["CHECKPOINT_PAGES"] ?? "16000"}`;
const PAYLOAD = JSON.stringify({ text: "x".repeat(120), at: 1_760_000_000 });

interface Layout {
  readonly tables: string;
  readonly inserts: readonly string[];
  readonly newest: string;
  readonly count: string;
}

const BODY = "payload TEXT NOT NULL, event_type INTEGER, publisher TEXT, meta TEXT";
const LAYOUTS: Readonly<Record<string, Layout>> = {
  // A table in order of arrival, and a unique index by channel.
  rowid: {
    tables: `CREATE TABLE message (id INTEGER PRIMARY KEY, channel_id INTEGER NOT NULL, timetoken INTEGER NOT NULL,
        expires_at INTEGER, ${BODY}) STRICT;
      CREATE UNIQUE INDEX message_by_channel ON message (channel_id, timetoken);
      CREATE INDEX message_by_expiry ON message (expires_at) WHERE expires_at IS NOT NULL;`,
    inserts: [
      "INSERT INTO message (channel_id, timetoken, expires_at, payload, publisher) VALUES (?1, ?2, ?3, ?4, 'me')",
    ],
    newest: `SELECT timetoken, payload, event_type, publisher, meta FROM message WHERE channel_id = ?1 AND
      timetoken <= ?2 AND (expires_at IS NULL OR expires_at > ?3) ORDER BY timetoken DESC LIMIT 100`,
    count: `SELECT count(*) AS n FROM (SELECT 1 FROM message WHERE channel_id = ?1 AND timetoken > ?2 AND
      (expires_at IS NULL OR expires_at > ?3) LIMIT 10000)`,
  },
  // One table, clustered by channel.
  clustered: {
    tables: `CREATE TABLE message (channel_id INTEGER NOT NULL, timetoken INTEGER NOT NULL, expires_at INTEGER, ${BODY},
        PRIMARY KEY (channel_id, timetoken)) STRICT, WITHOUT ROWID;
      CREATE INDEX message_by_expiry ON message (expires_at) WHERE expires_at IS NOT NULL;`,
    inserts: [
      "INSERT INTO message (channel_id, timetoken, expires_at, payload, publisher) VALUES (?1, ?2, ?3, ?4, 'me')",
    ],
    newest: `SELECT timetoken, payload, event_type, publisher, meta FROM message WHERE channel_id = ?1 AND
      timetoken <= ?2 AND (expires_at IS NULL OR expires_at > ?3) ORDER BY timetoken DESC LIMIT 100`,
    count: `SELECT count(*) AS n FROM (SELECT 1 FROM message WHERE channel_id = ?1 AND timetoken > ?2 AND
      (expires_at IS NULL OR expires_at > ?3) LIMIT 10000)`,
  },
  // Bodies in order of arrival; a narrow table, clustered by channel, that says which are whose and until when.
  split: {
    tables: `CREATE TABLE body (id INTEGER PRIMARY KEY, ${BODY}) STRICT;
      CREATE TABLE message (channel_id INTEGER NOT NULL, timetoken INTEGER NOT NULL, expires_at INTEGER,
        body_id INTEGER NOT NULL, PRIMARY KEY (channel_id, timetoken)) STRICT, WITHOUT ROWID;
      CREATE INDEX message_by_expiry ON message (expires_at) WHERE expires_at IS NOT NULL;`,
    inserts: [
      "INSERT INTO body (payload, publisher) VALUES (?1, 'me')",
      "INSERT INTO message (channel_id, timetoken, expires_at, body_id) VALUES (?1, ?2, ?3, last_insert_rowid())",
    ],
    newest: `SELECT timetoken, payload, event_type, publisher, meta FROM message JOIN body ON body.id = body_id
      WHERE channel_id = ?1 AND timetoken <= ?2 AND (expires_at IS NULL OR expires_at > ?3)
      ORDER BY timetoken DESC LIMIT 100`,
    count: `SELECT count(*) AS n FROM (SELECT 1 FROM message WHERE channel_id = ?1 AND timetoken > ?2 AND
      (expires_at IS NULL OR expires_at > ?3) LIMIT 10000)`,
  },
};

/** Fills one database and prints a line at each size. */
function measure(name: string, layout: Layout, sizes: readonly number[]): void {
  const directory = mkdtempSync(join(tmpdir(), "longwave-layouts-"));
  const file = join(directory, "db");
  const database = new Database(file, { create: true, safeIntegers: true });
  for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536", CHECKPOINT]) {
    database.run(`PRAGMA ${pragma}`);
  }
  for (const text of layout.tables.split(";").filter((statement) => statement.trim() !== "")) database.run(text);
  const appender = new Appender(database, layout);
  const reading = new Database(file, { readonly: true, safeIntegers: true });
  for (const size of sizes) {
    appender.fill(size - SAMPLE_MESSAGES);
    const { appendUs, slowestMs } = appender.fill(size);
    const { readMs, countMs } = readTimes(reading, layout, appender.last);
    database.run("PRAGMA wal_checkpoint(PASSIVE)");
    const bytes = statSync(file).size / size;
    console.log(
      `${name}\t${size}\tappend ${appendUs.toFixed(1)} us, slowest transaction ${slowestMs.toFixed(0)} ms\tnewest 100: p50 ${at(readMs, 0.5)} p99 ${at(readMs, 0.99)} ms\t` +
        `count of 100 channels: p50 ${at(countMs, 0.5)} p99 ${at(countMs, 0.99)} ms\t${bytes.toFixed(0)} bytes a message`,
    );
  }
  reading.close();
  database.close();
  rmSync(directory, { recursive: true });
}

class Appender {
  last = FIRST_TIMETOKEN;
  readonly #database: Database;
  readonly #inserts: readonly Statement[];
  readonly #random = randomFrom(1);
  #messages = 0;

  constructor(database: Database, layout: Layout) {
    this.#database = database;
    this.#inserts = layout.inserts.map((sql) => database.prepare(sql));
  }

  /** Appends up to a number of messages, in transactions. */
  fill(size: number): { readonly appendUs: number; readonly slowestMs: number } {
    const startedMs = performance.now();
    const before = this.#messages;
    let slowestMs = 0;
    while (this.#messages < size) {
      const beganMs = performance.now();
      this.#database.run("BEGIN IMMEDIATE");
      for (let left = Math.min(BATCH_MESSAGES, size - this.#messages); left > 0; left--) this.#append();
      this.#database.run("COMMIT");
      slowestMs = Math.max(slowestMs, performance.now() - beganMs);
    }
    const appendUs = ((performance.now() - startedMs) * 1_000) / (this.#messages - before);
    return { appendUs, slowestMs };
  }

  #append(): void {
    this.last += 1_000n;
    this.#messages += 1;
    const key = [Math.trunc(this.#random() * CHANNELS), this.last, this.last + RETENTION_TICKS] as const;
    const [first, second] = this.#inserts;
    if (second === undefined) {
      first?.run(...key, PAYLOAD);
      return;
    }
    first?.run(PAYLOAD);
    second.run(...key);
  }
}

function readTimes(reading: Database, layout: Layout, now: bigint): { readMs: number[]; countMs: number[] } {
  const random = randomFrom(2);
  const newest = reading.prepare(layout.newest);
  const count = reading.prepare(layout.count);
  const channel = (): number => Math.trunc(random() * CHANNELS);
  const readMs = times(READS, () => newest.all(channel(), now, now));
  const countMs = times(50, () => {
    for (let left = 100; left > 0; left--) count.get(channel(), 0n, now);
  });
  return { readMs, countMs };
}

function times(runs: number, run: () => void): number[] {
  return Array.from({ length: runs }, () => {
    const startedMs = performance.now();
    run();
    return performance.now() - startedMs;
  }).toSorted((one, other) => one - other);
}

const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.trunc((sorted.length - 1) * part)] ?? Number.NaN).toFixed(2);

const [messagesMax = "1000000", ...wanted] = process.argv.slice(2);
const sizes = [60_000, 100_000, 1_000_000, 10_000_000].filter((size) => size <= Number(messagesMax));
for (const [name, layout] of Object.entries(LAYOUTS)) {
  if (wanted.length === 0 || wanted.includes(name)) measure(name, layout, sizes);
}
