import type { Database } from "bun:sqlite";
import { keysetStoreConformance } from "../../conformance/keyset-store.ts";
import { SqliteKeysetStore } from "./sqlite-keyset-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import { directoryPlace, memoryPlace } from "./storage-place.ts";

const make = (reading: Database, writer: Writer): SqliteKeysetStore => new SqliteKeysetStore(reading, writer);

keysetStoreConformance("SQLite in a directory", directoryPlace(make));
keysetStoreConformance("SQLite in memory", memoryPlace(make));
