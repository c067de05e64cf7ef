import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { KEYSET } from "../../conformance/fixtures.ts";
import { type GroupStoreSettings, groupStoreConformance } from "../../conformance/group-store.ts";
import { groupStoreOverPort } from "../../conformance/over-message-port.ts";
import type { GroupStore } from "../../ports/group-store.ts";
import { openInMemory } from "./data-directory.ts";
import { SqliteGroupStore } from "./sqlite-group-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import { directoryPlace, memoryPlace, placeOverPort } from "./storage-place.ts";

const make = (reading: Database, writer: Writer, settings: Partial<GroupStoreSettings> = {}): GroupStore =>
  new SqliteGroupStore(reading, writer, { refused: () => {} }, { ...LIMITS, ...settings });

groupStoreConformance("SQLite groups in a directory", directoryPlace(make));
groupStoreConformance("SQLite groups in memory", memoryPlace(make));
groupStoreConformance("SQLite groups over a port", placeOverPort(memoryPlace(make), groupStoreOverPort));

test("SQLite groups [GRP26] tell the database's own word for the log", async () => {
  const storage = openInMemory();
  const reasons: string[] = [];
  const store = new SqliteGroupStore(storage.reading, storage.writer, { refused: (reason) => reasons.push(reason) });
  storage.reading.run("CREATE TRIGGER no BEFORE INSERT ON channel_group_member BEGIN SELECT RAISE(FAIL, 'no'); END");
  const change = { kind: "edit", group: "g", add: ["a"], remove: [] } as const;
  expect(await store.change(KEYSET, change)).toEqual({ kind: "unavailable" });
  expect(reasons).toEqual(["no"]);
  expect(await store.groups(KEYSET, "")).toEqual([]); // the group's own row is undone with the member's
  storage.close();
});
