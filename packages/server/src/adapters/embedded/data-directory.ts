/**
 * The data directory: where an embedded network keeps everything, used by one server at a time.
 *
 * `longwave.db` is the database (with its `-wal` and `-shm`), `longwave.lock` a second, empty one whose exclusive lock the
 * running server holds: the operating system lets go of it however the process ends.
 *
 * @module
 */
import { Database, SQLiteError } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { StartupError } from "../../startup-error.ts";
import { SCHEMA_VERSION, migrate } from "./schema.ts";
import { type Writer, type WriterSettings, directWriter, openWriting, threadWriter } from "./sqlite-writer.ts";

/** An open database: a connection to read from, and the only writer. */
export interface EmbeddedStorage {
  readonly reading: Database;
  readonly writer: Writer;
  /** Closes the connections and gives the directory free. The writer is closed by its store. */
  close(): void;
}

/** Memory for pages that were read; SQLite's own 2 MiB are too few for listings of a million users. */
const READING_CACHE_KIB = 65_536;

/**
 * Opens a data directory, making it where it does not exist.
 *
 * @param directory its path.
 * @param synchronous what a commit waits for.
 * @throws {StartupError} when it cannot be made, read or written, is in use, or was written by a newer Longwave.
 */
export function openDataDirectory(directory: string, synchronous: WriterSettings["synchronous"]): EmbeddedStorage {
  const path = resolve(directory);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (refusal) {
    throw new StartupError(
      `The data directory ${path} cannot be made: ${textOf(refusal)}. Name another with --data-dir.`,
    );
  }
  const lock = lockDirectory(path);
  try {
    const file = join(path, "longwave.db");
    prepare(file, synchronous, path);
    const reading = new Database(file, { readonly: true, safeIntegers: true });
    reading.run("PRAGMA busy_timeout = 5000"); // a connection that is closing locks for a moment
    reading.run(`PRAGMA cache_size = -${READING_CACHE_KIB}`);
    return {
      reading,
      writer: threadWriter({ path: file, synchronous }),
      close: () => {
        reading.close(false);
        lock.close(false);
      },
    };
  } catch (refusal) {
    lock.close(false);
    throw refusal;
  }
}

/** Opens a database that is gone with the process. */
export function openInMemory(): EmbeddedStorage {
  const database = openWriting({ path: ":memory:", synchronous: "normal" });
  migrate(database);
  return { reading: database, writer: directWriter(database), close: () => database.close(false) };
}

function lockDirectory(path: string): Database {
  try {
    const lock = new Database(join(path, "longwave.lock"), { create: true });
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("BEGIN EXCLUSIVE");
    return lock;
  } catch (refusal) {
    if (refusal instanceof SQLiteError && refusal.code === "SQLITE_BUSY") {
      throw new StartupError(
        `Another Longwave server is using the data directory ${path}. Stop it, or give this one its own with --data-dir.`,
      );
    }
    throw unusable(path, refusal);
  }
}

function prepare(file: string, synchronous: WriterSettings["synchronous"], path: string): void {
  try {
    const database = openWriting({ path: file, synchronous });
    const outcome = migrate(database);
    database.close(false);
    if (outcome.kind === "current") return;
    throw new StartupError(
      `The data directory ${path} was written by a newer Longwave (schema ${outcome.version}; this one knows ` +
        `${SCHEMA_VERSION}). Start that version, or name another directory with --data-dir.`,
    );
  } catch (refusal) {
    if (refusal instanceof StartupError) throw refusal;
    throw unusable(path, refusal);
  }
}

function unusable(path: string, refusal: unknown): StartupError {
  return new StartupError(
    `The data directory ${path} cannot be used: ${textOf(refusal)}. Check its permissions and free space, or name ` +
      "another with --data-dir.",
  );
}

function textOf(refusal: unknown): string {
  return refusal instanceof Error ? refusal.message : String(refusal);
}
