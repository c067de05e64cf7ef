import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEYSET, message, name } from "../../conformance/fixtures.ts";
import { openDataDirectory } from "./data-directory.ts";
import { ManualClock } from "./manual-clock.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { SqliteActionStore } from "./sqlite-action-store.ts";
import { SqliteFileStore } from "./sqlite-file-store.ts";
import { SqliteGroupStore } from "./sqlite-group-store.ts";
import { SqliteMessageStore } from "./sqlite-message-store.ts";
import { SqliteObjectStore } from "./sqlite-object-store.ts";
import { SqlitePushStore } from "./sqlite-push-store.ts";

// Directories as earlier versions wrote them, with a message in each. Frozen: never changed with schema.ts.
const EARLIER: Readonly<Record<number, string>> = {
  1: `
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
  INSERT INTO setting VALUES ('timetoken_reserved_through', 17326051234567999);
  INSERT INTO channel VALUES (1, '${KEYSET}', 'room');
  INSERT INTO message (channel_id, timetoken, payload) VALUES (1, 17326051234567890, '"kept"');
  PRAGMA user_version = 1;
  `,
};

test("[STO11] there is a directory of every earlier schema to try", () => {
  expect(Object.keys(EARLIER)).toHaveLength(SCHEMA_VERSION - 1);
});

for (const [version, statements] of Object.entries(EARLIER)) {
  test(`a data directory [STO11] of schema ${version} keeps what it holds and takes what is new`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "longwave-earlier-"));
    const before = new Database(join(directory, "longwave.db"), { create: true });
    before.run(statements);
    before.close();
    const { reading, writer, close } = openDataDirectory(directory, "normal");
    expect(reading.query("PRAGMA user_version").get()).toEqual({ user_version: BigInt(SCHEMA_VERSION) });
    const messages = new SqliteMessageStore(new ManualClock(), reading, writer, { committed: () => {} });
    expect(messages.reservedThrough).toBe(17_326_051_234_567_999n);
    const range = { keyset: KEYSET, after: 0n, through: 17_326_051_234_567_999n, messagesMax: 10 };
    const [kept] = await messages.read({ ...range, name: name("room") });
    expect(kept).toMatchObject({ payload: '"kept"', timetoken: 17_326_051_234_567_890n });
    const groups = new SqliteGroupStore(reading, writer, { refused: () => {} });
    const change = { kind: "edit", group: "g", add: ["room"], remove: [] } as const;
    expect(await groups.change(KEYSET, change)).toEqual({ kind: "kept", changed: ["g"] });
    expect(await groups.members(KEYSET, "g")).toEqual(["room"]);
    const actions = new SqliteActionStore(reading, writer, () => {});
    expect(
      await actions.page({
        keyset: KEYSET,
        channel: "room",
        start: undefined,
        end: undefined,
        actionsMax: 1,
        bytesMax: 1,
      }),
    ).toMatchObject({ actions: [] });
    await actions.stop();
    expect(reading.query("SELECT count(*) AS members FROM presence").get()).toEqual({ members: 0n });
    const objects = new SqliteObjectStore(reading, writer, () => {});
    const user = { keyset: KEYSET, kind: "uuid", id: "u" } as const;
    const patch = { texts: { name: "Ann" } };
    const made = await objects.setMetadata({ ...user, patch, ifMatch: undefined, nowUs: 1 });
    expect(made).toMatchObject({ kind: "set", metadata: { texts: { name: "Ann" } } });
    const set = [{ id: "room", patch: { texts: {} } }];
    expect(
      await objects.changeRelations({ ...user, set, remove: [], requiresMetadata: false, nowUs: 1 }),
    ).toMatchObject({ kind: "kept", set: [{ uuid: "u", channel: "room" }] });
    await objects.stop();
    const files = new SqliteFileStore(reading, writer, () => {});
    const anywhere = { keyset: KEYSET, channel: "room", after: "", filesMax: 1, nowMs: 0 };
    expect(await files.page(anywhere)).toEqual([]);
    await files.stop();
    const push = new SqlitePushStore(reading, writer, () => {});
    const device = { keyset: KEYSET, app: { gateway: "fcm" }, token: "phone" } as const;
    expect(await push.change(device, { add: ["room"], remove: [], nowMs: 1 })).toEqual({ kind: "kept" });
    expect(await push.channels(device, { after: "", channelsMax: 10 })).toEqual(["room"]);
    await push.stop();
    await groups.stop();
    const id = { id: "once", digest: "d" };
    const one = message({ timetoken: 17_326_051_234_568_000n });
    expect(await messages.commit(one, id)).toBe("committed");
    expect(await messages.findId({ ...one, id: "once" })).toEqual({ timetoken: one.timetoken, digest: "d" });
    await messages.stop();
    close();
    rmSync(directory, { recursive: true });
  });
}
