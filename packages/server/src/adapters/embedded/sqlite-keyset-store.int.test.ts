import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KeysetStorePlace, keysetStoreConformance } from "../../conformance/keyset-store.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { SqliteKeysetStore } from "./sqlite-keyset-store.ts";

function placeOn(isDurable: boolean, openStorage: () => EmbeddedStorage, remove: () => void): KeysetStorePlace {
  let storage: EmbeddedStorage | undefined;
  const close = async (): Promise<void> => {
    await storage?.writer.close();
    storage?.close();
  };
  return {
    isDurable,
    open: async () => {
      await close();
      storage = openStorage();
      return new SqliteKeysetStore(storage.reading, storage.writer);
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      remove();
    },
  };
}

keysetStoreConformance("SQLite in a directory", async () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-keysets-"));
  return placeOn(
    true,
    () => openDataDirectory(directory, "normal"),
    () => rmSync(directory, { recursive: true }),
  );
});
keysetStoreConformance("SQLite in memory", async () => placeOn(false, openInMemory, () => {}));
