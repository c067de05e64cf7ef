import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { KEYSET } from "../../conformance/fixtures.ts";
import { pushStoreOverPort } from "../../conformance/over-message-port.ts";
import { type PushStoreSettings, pushStoreConformance } from "../../conformance/push-store.ts";
import type { PushStore } from "../../ports/push-store.ts";
import { openInMemory } from "./data-directory.ts";
import { SqlitePushStore } from "./sqlite-push-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import { directoryPlace, memoryPlace, placeOverPort } from "./storage-place.ts";

const make = (reading: Database, writer: Writer, settings: Partial<PushStoreSettings> = {}): PushStore =>
  new SqlitePushStore(reading, writer, () => {}, { ...LIMITS, ...settings });

pushStoreConformance("SQLite push in a directory", directoryPlace(make));
pushStoreConformance("SQLite push in memory", memoryPlace(make));
pushStoreConformance("SQLite push over a port", placeOverPort(memoryPlace(make), pushStoreOverPort));

test("SQLite push [PSH22] a device takes as many channels as the bound says, in changes as large as they may be", async () => {
  const storage = openInMemory();
  const store = new SqlitePushStore(storage.reading, storage.writer, () => {});
  const device = { keyset: KEYSET, app: { gateway: "fcm" }, token: "phone" } as const;
  const names = Array.from({ length: LIMITS.pushDeviceChannelsMax }, (_, at) => `channel-${at}`);
  for (let from = 0; from < names.length; from += LIMITS.pushChangeChannelsMax) {
    const add = names.slice(from, from + LIMITS.pushChangeChannelsMax);
    expect(await store.change(device, { add, remove: [], nowMs: 0 })).toEqual({ kind: "kept" });
  }
  expect(await store.change(device, { add: ["one-more"], remove: [], nowMs: 0 })).toEqual({ kind: "tooMany" });
  expect(await store.channels(device, { after: "", channelsMax: 20_000 })).toEqual(names.toSorted());
  await store.stop();
  storage.close();
});

test("SQLite push [PSH23] devices are found through the index by channel", () => {
  const storage = openInMemory();
  const plan = storage.reading
    .query<{ detail: string }, [string, string, string, number]>(
      `EXPLAIN QUERY PLAN SELECT d.id, d.token FROM push_registration r CROSS JOIN push_device d ON d.id = r.device_id
       WHERE r.keyset = ? AND r.channel = ? AND r.gateway = ? AND r.device_id > ? ORDER BY r.device_id`,
    )
    .all(KEYSET, "room", "fcm", 0);
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringContaining("push_registration_by_channel (keyset=? AND channel=? AND gateway=? AND device_id>?)"),
    expect.stringContaining("INTEGER PRIMARY KEY"),
  ]);
  storage.close();
});

test("SQLite push [PSH26] tells the database's own word for the log", async () => {
  const storage = openInMemory();
  const reasons: string[] = [];
  const store = new SqlitePushStore(storage.reading, storage.writer, (reason) => reasons.push(reason));
  storage.reading.run("CREATE TRIGGER no BEFORE INSERT ON push_registration BEGIN SELECT RAISE(FAIL, 'no'); END");
  const device = { keyset: KEYSET, app: { gateway: "fcm" }, token: "phone" } as const;
  expect(await store.change(device, { add: ["a"], remove: [], nowMs: 0 })).toEqual({ kind: "unavailable" });
  expect(reasons).toEqual(["no"]);
  expect(storage.reading.query("SELECT count(*) AS devices FROM push_device").get()).toEqual({ devices: 0n });
  await store.stop();
  storage.close();
});
