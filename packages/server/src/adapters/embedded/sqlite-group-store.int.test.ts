import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@longwave/protocol";
import { KEYSET } from "../../conformance/fixtures.ts";
import { type GroupStorePlace, groupStoreConformance } from "../../conformance/group-store.ts";
import { groupStoreOverPort } from "../../conformance/over-message-port.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { MoodyWriter } from "./moody-writer.ts";
import { SqliteGroupStore } from "./sqlite-group-store.ts";

// The storage is opened anew for every store; the writer is closed by the message store elsewhere, and here by the place.
function place(openStorage: () => EmbeddedStorage, isDurable: boolean, remove: () => void): GroupStorePlace {
  let storage: EmbeddedStorage | undefined;
  let moody: MoodyWriter | undefined;
  const close = async (): Promise<void> => {
    await storage?.writer.close();
    storage?.close();
    storage = undefined;
  };
  return {
    isDurable,
    setDisk: (disk) => moody?.setDisk(disk),
    open: async (settings = {}) => {
      await close();
      storage = openStorage();
      moody = new MoodyWriter(storage.writer);
      return new SqliteGroupStore(storage.reading, moody, { refused: () => {} }, { ...LIMITS, ...settings });
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      remove();
    },
  };
}

async function directoryPlace(): Promise<GroupStorePlace> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-groups-"));
  return place(
    () => openDataDirectory(directory, "normal"),
    true,
    () => rmSync(directory, { recursive: true }),
  );
}

const memoryPlace = async (): Promise<GroupStorePlace> => place(openInMemory, false, () => {});

async function placeOverPort(): Promise<GroupStorePlace> {
  const near = await memoryPlace();
  const opened: Disposable[] = [];
  return {
    ...near,
    open: async (settings) => {
      const store = groupStoreOverPort(await near.open(settings));
      opened.push(store);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) store[Symbol.dispose]();
      await near[Symbol.asyncDispose]();
    },
  };
}

groupStoreConformance("SQLite groups in a directory", directoryPlace);
groupStoreConformance("SQLite groups in memory", memoryPlace);
groupStoreConformance("SQLite groups over a port", placeOverPort);

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
