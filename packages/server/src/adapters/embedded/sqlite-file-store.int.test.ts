import type { Database } from "bun:sqlite";
import { fileStoreConformance } from "../../conformance/file-store.ts";
import { fileStoreOverPort } from "../../conformance/over-message-port.ts";
import type { FileStore } from "../../ports/file-store.ts";
import { SqliteFileStore } from "./sqlite-file-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import { directoryPlace, memoryPlace, placeOverPort } from "./storage-place.ts";

const make = (reading: Database, writer: Writer): FileStore => new SqliteFileStore(reading, writer, () => {});

fileStoreConformance("SQLite files in a directory", directoryPlace(make));
fileStoreConformance("SQLite files in memory", memoryPlace(make));
fileStoreConformance("SQLite files over a port", placeOverPort(memoryPlace(make), fileStoreOverPort));
