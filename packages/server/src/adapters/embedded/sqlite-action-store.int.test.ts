import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actionStoreOverPort } from "../../conformance/over-message-port.ts";
import { type ActionStorePlace, actionStoreConformance } from "../../conformance/action-store.ts";
import type { ActionStore } from "../../ports/action-store.ts";
import { removalWithMessages } from "./action-statements.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { SqliteActionStore } from "./sqlite-action-store.ts";
import type { Writer } from "./sqlite-writer.ts";

interface PlaceParts {
  readonly isDurable: boolean;
  readonly openStorage: () => EmbeddedStorage;
  readonly clear: () => void;
}

// One storage, opened anew for every store. A store that was not stopped is abandoned as a crash would leave it.
function placeOf({ isDurable, openStorage, clear }: PlaceParts): ActionStorePlace {
  let storage: EmbeddedStorage | undefined;
  let isRefusing = false;
  const close = async (): Promise<void> => {
    await storage?.writer.close();
    storage?.close();
    storage = undefined;
  };
  return {
    isDurable,
    async open() {
      await close();
      const opened = openStorage();
      storage = opened;
      const writer: Writer = {
        ...opened.writer,
        write: async (write) => (isRefusing ? { kind: "refused", reason: "a test" } : opened.writer.write(write)),
      };
      return new SqliteActionStore(opened.reading, writer, () => {});
    },
    async deleteMessages(range) {
      await storage?.writer.write({ statements: [removalWithMessages(range)] });
    },
    setRefusing: (refusing) => {
      isRefusing = refusing;
    },
    async [Symbol.asyncDispose]() {
      await close();
      clear();
    },
  };
}

async function directoryPlace(): Promise<ActionStorePlace> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-actions-"));
  return placeOf({
    isDurable: true,
    openStorage: () => openDataDirectory(directory, "normal"),
    clear: () => rmSync(directory, { recursive: true }),
  });
}

const memoryPlace = async (): Promise<ActionStorePlace> =>
  placeOf({ isDurable: false, openStorage: openInMemory, clear: () => {} });

async function behindPort(): Promise<ActionStorePlace> {
  const place = await memoryPlace();
  const opened: ActionStore[] = [];
  return {
    ...place,
    async open() {
      const store = actionStoreOverPort(await place.open());
      opened.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      for (const store of opened) await store.stop();
      await place[Symbol.asyncDispose]();
    },
  };
}

actionStoreConformance("SQLite in a directory", directoryPlace);
actionStoreConformance("SQLite in memory", memoryPlace);
actionStoreConformance("SQLite over a MessagePort", behindPort);

test("[ACT11] changes whose outcome is unknown when the store stops are made; later ones are refused", async () => {
  const storage = openInMemory();
  const store = new SqliteActionStore(storage.reading, storage.writer, () => {});
  const draft = { messageTimetoken: 1n, type: "t", value: "v", uuid: "u" };
  const request = { keyset: "k", channel: "c", draft, notBefore: 5n };
  const adding = store.add(request);
  await Promise.all([store.stop(), store.stop()]);
  expect(await adding).toMatchObject({ kind: "added" });
  expect(await store.add({ ...request, draft: { ...draft, value: "late" } })).toEqual({ kind: "unavailable" });
  storage.close();
});
