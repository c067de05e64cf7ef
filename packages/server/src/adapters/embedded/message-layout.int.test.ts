import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEYSET, message, name } from "../../conformance/fixtures.ts";
import { openDataDirectory } from "./data-directory.ts";
import { ManualClock } from "./manual-clock.ts";
import { SqliteMessageStore } from "./sqlite-message-store.ts";

// The statements of schema 1, word for word: what the first version of this program wrote.
const SCHEMA_1 = `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE channel (id INTEGER PRIMARY KEY, keyset TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (keyset, name)) STRICT;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    timetoken INTEGER NOT NULL,
    payload TEXT NOT NULL,
    event_type INTEGER,
    publisher TEXT,
    sequence INTEGER,
    meta TEXT,
    custom_message_type TEXT,
    origination TEXT,
    ttl_hours REAL
  ) STRICT;
  CREATE UNIQUE INDEX message_by_channel ON message (channel_id, timetoken);
  CREATE TABLE journal (id INTEGER PRIMARY KEY, last_timetoken INTEGER NOT NULL, messages TEXT NOT NULL) STRICT;
  PRAGMA user_version = 1;
`;
const NOW = BigInt(new ManualClock().wallMs()) * 10_000n;

function writeSchema1(directory: string): void {
  const database = new Database(join(directory, "longwave.db"), { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run(SCHEMA_1);
  database.run("INSERT INTO setting VALUES ('timetoken_reserved_through', ?)", [NOW + 50n]);
  database.run("INSERT INTO channel VALUES (7, ?, 'room'), (9, ?, 'other')", [KEYSET, KEYSET]);
  const insert = database.prepare("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const full = ['{"big":12345678901234567890}', 4, "alice", 7, '{"a":1}', "chat", '{"t":"17326051234567000"}', 0.5];
  insert.run(3, 7, NOW + 2n, ...full);
  insert.run(5, 9, NOW + 2n, "5", null, null, null, null, null, null, 0);
  insert.run(8, 7, NOW + 1n, "8", null, null, null, null, null, null, null);
  database.close();
}

test("a data directory [STO17] of schema 1 is brought up to date with every message in it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-schema-"));
  writeSchema1(directory);
  const clock = new ManualClock();
  for (const start of ["the first", "the next"]) {
    const storage = openDataDirectory(directory, "normal");
    const store = new SqliteMessageStore(clock, storage.reading, storage.writer, { committed: () => {} });
    const read = (text: string) =>
      store.read({ keyset: KEYSET, name: name(text), after: 0n, through: NOW * 2n, messagesMax: 10 });
    if (start === "the first") {
      expect(await read("room")).toEqual([
        message({ timetoken: NOW + 1n, payload: "8" }),
        message({
          timetoken: NOW + 2n,
          payload: '{"big":12345678901234567890}',
          eventType: 4,
          publisher: "alice",
          sequence: 7,
          meta: '{"a":1}',
          customMessageType: "chat",
          origination: '{"t":"17326051234567000"}',
          ttlHours: 0.5,
        }),
      ]);
      expect(store.reservedThrough).toBe(NOW + 50n);
      expect(await store.commit(message({ timetoken: NOW + 60n, payload: "60" }))).toBe("committed");
      clock.setWall(clock.wallMs() + 3_600_000);
    }
    expect((await read("room")).map(({ payload }) => payload)).toEqual(["8", "60"]);
    expect((await read("other")).map(({ payload }) => payload)).toEqual(["5"]);
    await store.stop();
    storage.close();
  }
  rmSync(directory, { recursive: true });
});
