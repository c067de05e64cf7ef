/**
 * The data directory: where an embedded network keeps everything, used by one server at a time.
 *
 * `longwave.db` is the database (with its `-wal` and `-shm`), `longwave.lock` a second, empty one whose exclusive lock the
 * running server holds: the operating system lets go of it however the process ends.
 *
 * A directory whose log is damaged is opened as far as the log goes, if what is there then is sound: the log is kept
 * aside and the person is told. Any other damage is refused. Rules: spec/STORE.md STO8-STO11, STO21-STO23.
 *
 * @module
 */
import { Database, SQLiteError } from "bun:sqlite";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { StartupError } from "../../startup-error.ts";
import { SCHEMA_VERSION, migrate } from "./schema.ts";
import { checkDatabase } from "./upkeep/check-database.ts";
import { describeDamage, describeLack, lossOf } from "./upkeep/damage.ts";
import { type Writer, type WriterSettings, directWriter, openWriting, threadWriter } from "./sqlite-writer.ts";
import { readLog } from "./write-ahead-log.ts";

/** An open database: a connection to read from, and the only writer. */
export interface EmbeddedStorage {
  readonly reading: Database;
  readonly writer: Writer;
  /** What the person who starts the server should know about the directory: sentences. */
  readonly warnings: readonly string[];
  /** Closes the connections and gives the directory free. The writer is closed by its store. */
  close(): void;
}

/** The database's name in a data directory. */
export const DATABASE = "longwave.db";
/** Its name in a copy that is being made: nothing opens that by mistake. */
export const UNFINISHED_DATABASE = `${DATABASE}.partial`;
const LOCK = "longwave.lock";
/** Memory for pages that were read; SQLite's own 2 MiB are too few for listings of a million users. */
const READING_CACHE_KIB = 65_536;

/**
 * Opens a data directory, making it where it does not exist.
 *
 * @param directory its path.
 * @param synchronous what a commit waits for.
 * @throws {StartupError} when it cannot be made, read or written, is in use, damaged, or was written by a newer Longwave.
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
    const file = join(path, DATABASE);
    refuseUnfinished(path);
    const warnings = inspectFiles(file, path);
    prepare(file, synchronous, path);
    const reading = new Database(file, { readonly: true, safeIntegers: true });
    reading.run("PRAGMA busy_timeout = 5000"); // a connection that is closing locks for a moment
    reading.run(`PRAGMA cache_size = -${READING_CACHE_KIB}`);
    return {
      reading,
      writer: threadWriter({ path: file, synchronous }),
      warnings,
      close: () => {
        reading.close(true);
        lock.close(true);
      },
    };
  } catch (refusal) {
    lock.close(true);
    throw refusal;
  }
}

/** Opens a database that is gone with the process. */
export function openInMemory(): EmbeddedStorage {
  const database = openWriting({ path: ":memory:", synchronous: "normal" });
  migrate(database);
  return { reading: database, writer: directWriter(database), warnings: [], close: () => database.close(true) };
}

/**
 * Builds what stands on an opened directory, and refuses in a sentence where the database turns out to be damaged.
 *
 * @throws {StartupError} in place of the database's own error; the directory is given free.
 */
export function onStorage<Built>({ close }: EmbeddedStorage, directory: string, build: () => Built): Built {
  try {
    return build();
  } catch (refusal) {
    close();
    throw refusal instanceof SQLiteError ? unusable(resolve(directory), refusal) : refusal;
  }
}

/** Takes a directory for this process. @returns nothing when another one has it. */
export function tryLock(path: string): Database | undefined {
  let lock: Database | undefined;
  try {
    lock = new Database(join(path, LOCK), { create: true });
    lock.run("PRAGMA busy_timeout = 200"); // whoever only looks (isInUse) is gone by then
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("BEGIN EXCLUSIVE");
    return lock;
  } catch (refusal) {
    lock?.close(true);
    if (refusal instanceof SQLiteError && refusal.code === "SQLITE_BUSY") return undefined;
    throw unusable(path, refusal);
  }
}

/** Whether a server uses a directory now. Changes nothing. */
export function isInUse(path: string): boolean {
  if (!existsSync(join(path, LOCK))) return false;
  const lock = new Database(join(path, LOCK), { readonly: true });
  try {
    lock.query("SELECT name FROM sqlite_schema").all();
    return false;
  } catch (refusal) {
    return refusal instanceof SQLiteError && refusal.code === "SQLITE_BUSY";
  } finally {
    lock.close(true);
  }
}

function lockDirectory(path: string): Database {
  const lock = tryLock(path);
  if (lock) return lock;
  throw new StartupError(
    `Another Longwave server is using the data directory ${path}. Stop it, or give this one its own with --data-dir.`,
  );
}

function refuseUnfinished(path: string): void {
  if (!existsSync(join(path, UNFINISHED_DATABASE))) return;
  throw new StartupError(
    `${path} is a backup that was not finished, so it is not whole. Delete it and run \`longwave backup\` again, or name ` +
      "another directory with --data-dir.",
  );
}

// The rest of a damaged log is lost to SQLite, which writes over it: a copy stays for those who can read more of it.
function inspectFiles(file: string, path: string): readonly string[] {
  const log = readLog(file);
  const lack = describeLack(file, log);
  if (lack !== undefined) throw damaged(path, lack);
  if (log.kind !== "damaged") return [];
  const { problems } = checkDatabase(file);
  const told = `The log of the data directory ${path} is damaged: ${log.what}. ${lossOf(log)}`;
  if (problems.length > 0) {
    throw new StartupError(
      `${told} What precedes them does not fit together: ${problems[0] ?? ""} Start from a backup, or name another ` +
        "directory with --data-dir; nothing here was changed.",
    );
  }
  const aside = `${file}-wal.damaged-${log.id}`;
  copyFileSync(`${file}-wal`, aside);
  return [`${told} Everything before is here and sound. The damaged log is kept as ${aside}.`];
}

function prepare(file: string, synchronous: WriterSettings["synchronous"], path: string): void {
  try {
    const database = openWriting({ path: file, synchronous });
    const outcome = migrate(database);
    database.close(true);
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

const DAMAGE = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CORRUPT_INDEX", "SQLITE_CORRUPT_SEQUENCE"]);

function unusable(path: string, refusal: unknown): StartupError {
  if (refusal instanceof SQLiteError && DAMAGE.has(refusal.code ?? "")) {
    return damaged(path, describeDamage(join(path, DATABASE), refusal.message));
  }
  return new StartupError(
    `The data directory ${path} cannot be used: ${textOf(refusal)}. Check its permissions and free space, or name ` +
      "another with --data-dir.",
  );
}

function damaged(path: string, what: string): StartupError {
  return new StartupError(
    `The database of the data directory ${path} is damaged: ${what}. Run \`longwave check\` to see what is lost, and start ` +
      "from a backup, or name another directory with --data-dir.",
  );
}

function textOf(refusal: unknown): string {
  return refusal instanceof Error ? refusal.message : String(refusal);
}
