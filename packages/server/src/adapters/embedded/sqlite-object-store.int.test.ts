import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEYSET } from "../../conformance/fixtures.ts";
import { objectStoreOverPort } from "../../conformance/object-store-over-port.ts";
import { type ObjectStorePlace, objectStoreConformance } from "../../conformance/object-store.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { MoodyWriter } from "./moody-writer.ts";
import { LISTING_BOUNDS, type ListingBounds } from "./object-listings.ts";
import { OBJECT_BOUNDS, SqliteObjectStore } from "./sqlite-object-store.ts";

interface PlaceParts {
  readonly openStorage: () => EmbeddedStorage;
  readonly isDurable: boolean;
  readonly remove?: () => void;
  readonly listings?: ListingBounds;
}

// The storage is opened anew for every store; the writer is closed by the message store elsewhere, and here by the place.
function placeOf({ openStorage, isDurable, remove, listings = LISTING_BOUNDS }: PlaceParts): ObjectStorePlace {
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
      return new SqliteObjectStore(storage.reading, moody, () => {}, { ...OBJECT_BOUNDS, ...settings, listings });
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      remove?.();
    },
  };
}

async function directoryPlace(): Promise<ObjectStorePlace> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-objects-"));
  return placeOf({
    openStorage: () => openDataDirectory(directory, "normal"),
    isDurable: true,
    remove: () => rmSync(directory, { recursive: true }),
  });
}

const memoryPlace = async (): Promise<ObjectStorePlace> => placeOf({ openStorage: openInMemory, isDurable: false });

// No range is small, so that every page is walked to where an index has its order.
const walkingPlace = async (): Promise<ObjectStorePlace> => ({
  ...placeOf({ openStorage: openInMemory, isDurable: false, listings: { ...LISTING_BOUNDS, smallRows: -1 } }),
  isWalking: true,
});

async function placeOverPort(): Promise<ObjectStorePlace> {
  const near = await memoryPlace();
  const opened: Disposable[] = [];
  return {
    ...near,
    open: async (settings) => {
      const store = objectStoreOverPort(await near.open(settings));
      opened.push(store);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) store[Symbol.dispose]();
      await near[Symbol.asyncDispose]();
    },
  };
}

objectStoreConformance("SQLite objects in a directory", directoryPlace);
objectStoreConformance("SQLite objects in memory", memoryPlace);
objectStoreConformance("SQLite objects that are walked", walkingPlace);
objectStoreConformance("SQLite objects over a port", placeOverPort);

test("SQLite objects [OBJ43] tell the database's own word for the log", async () => {
  const storage = openInMemory();
  const reasons: string[] = [];
  const store = new SqliteObjectStore(storage.reading, storage.writer, (reason) => reasons.push(reason));
  storage.reading.run("CREATE TRIGGER no BEFORE INSERT ON object_relation BEGIN SELECT RAISE(FAIL, 'no'); END");
  const set = [{ id: "c", patch: { texts: {} } }];
  const change = { keyset: KEYSET, kind: "uuid", id: "u", set, remove: [], requiresMetadata: false, nowUs: 1 } as const;
  expect(await store.changeRelations(change)).toEqual({ kind: "unavailable" });
  expect(reasons).toEqual(["no"]);
  storage.close();
});
