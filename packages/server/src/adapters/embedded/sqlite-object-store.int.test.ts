import type { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { KEYSET } from "../../conformance/fixtures.ts";
import { objectStoreOverPort } from "../../conformance/object-store-over-port.ts";
import type { ObjectStorePlace, ObjectStoreSettings } from "../../conformance/object-cases.ts";
import { objectStoreConformance } from "../../conformance/object-store.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { openInMemory } from "./data-directory.ts";
import { LISTING_BOUNDS, type ListingBounds } from "./object-listings.ts";
import { OBJECT_BOUNDS, SqliteObjectStore } from "./sqlite-object-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import { directoryPlace, memoryPlace, placeOverPort } from "./storage-place.ts";

const makeWith =
  (listings: ListingBounds) =>
  (reading: Database, writer: Writer, settings: Partial<ObjectStoreSettings> = {}): ObjectStore =>
    new SqliteObjectStore(reading, writer, () => {}, { ...OBJECT_BOUNDS, ...settings, listings });
const make = makeWith(LISTING_BOUNDS);

// No range is small, so that every page is walked to where an index has its order.
const walkingPlace = async (): Promise<ObjectStorePlace> => ({
  ...(await memoryPlace(makeWith({ ...LISTING_BOUNDS, smallRows: -1 }))()),
  isWalking: true,
});

objectStoreConformance("SQLite objects in a directory", directoryPlace(make));
objectStoreConformance("SQLite objects in memory", memoryPlace(make));
objectStoreConformance("SQLite objects that are walked", walkingPlace);
objectStoreConformance("SQLite objects over a port", placeOverPort(memoryPlace(make), objectStoreOverPort));

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
