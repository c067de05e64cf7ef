/**
 * Makes a consistent copy of a data directory while a server uses it.
 *
 * The database is copied by SQLite (`VACUUM INTO`) on a reading connection of this process: one transaction sees one
 * instant, and the server goes on writing. Meanwhile its log cannot begin anew, so it grows by what is written. Then
 * follows whatever else lies in the directory: after the database, so that all it speaks of is there, but for what was
 * deleted meanwhile. The copy is made under another name and renamed when everything is on disk; what a killed backup
 * leaves is recognised and made anew by the next one. The master key lies elsewhere and is not copied.
 *
 * Called by `longwave backup`. Rules: spec/OPERATIONS.md OPS23-OPS25.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { StartupError } from "../../../startup-error.ts";
import { DATABASE, UNFINISHED_DATABASE, isInUse, tryLock } from "../data-directory.ts";
import { readLog } from "../write-ahead-log.ts";
import type { CopyOrder, CopyOutcome } from "./backup-thread.ts";
import { requireDataDirectory } from "./check-directory.ts";
import { describeLack } from "./damage.ts";

/** What was copied. */
export interface BackupReport {
  /** The copy's whole path. */
  readonly path: string;
  /** Bytes of the copy. */
  readonly bytes: number;
}

/** A backup under way. */
export interface Backup {
  /** Bytes that the database has, all of which the copy has at most. */
  readonly bytesMax: number;
  /** Bytes of the copy so far. */
  bytesWritten(): number;
  /**
   * The end of it.
   *
   * @throws {StartupError} why it could not be made; nothing is left of it then.
   */
  readonly done: Promise<BackupReport>;
  /** Takes away what is there so far. For a process that ends next, since the copying goes on as long as it does. */
  abandon(): void;
}

/**
 * Begins a backup.
 *
 * @param directory the data directory, in use or not.
 * @param target where the copy goes; nothing may be there yet.
 * @throws {StartupError} when it cannot begin, in a sentence.
 */
export function startBackup(directory: string, target: string): Backup {
  const path = requireDataDirectory(directory);
  const copy = resolve(target);
  const partial = `${copy}.partial`;
  refuse(path, copy);
  const bytesMax = databaseBytes(join(path, DATABASE));
  const lock = takePartial(partial);
  const abandon = (): void => {
    lock.close(true);
    rmSync(partial, { recursive: true, force: true });
  };
  const copyAll = async (): Promise<BackupReport> => {
    try {
      const unfinished = join(partial, UNFINISHED_DATABASE);
      await copyDatabase({ from: join(path, DATABASE), to: unfinished });
      await copyRest(path, partial);
      flush(unfinished);
      renameSync(unfinished, join(partial, DATABASE));
      flush(partial);
      lock.close(true);
      renameSync(partial, copy);
      flush(dirname(copy));
      return { path: copy, bytes: bytesOf(copy) };
    } catch (refusal) {
      abandon();
      const reason = refusal instanceof Error ? refusal.message : String(refusal);
      throw new StartupError(`The backup ${copy} could not be made: ${reason}. Nothing of it is left.`);
    }
  };
  return { bytesMax, bytesWritten: () => bytesOf(partial), done: copyAll(), abandon };
}

function refuse(path: string, copy: string): void {
  if (existsSync(copy))
    throw new StartupError(`${copy} exists already, and a backup overwrites nothing. Name another place.`);
  if (`${copy}${sep}`.startsWith(`${path}${sep}`)) {
    throw new StartupError(`${copy} lies in the data directory, so the next backup would copy it. Name another place.`);
  }
  if (isInUse(path)) return; // the server has looked at its files itself
  const log = readLog(join(path, DATABASE));
  const lack = describeLack(join(path, DATABASE), log);
  if (log.kind !== "damaged" && lack === undefined) return;
  throw new StartupError(
    `${path} is damaged: ${log.kind === "damaged" ? `in its log ${log.what}` : (lack ?? "")}. A backup would be without what is ` +
      "lost. Run `longwave check` to see what that is.",
  );
}

// The lock tells a backup that runs from what a killed one has left.
function takePartial(partial: string): Database {
  try {
    mkdirSync(partial, { recursive: true, mode: 0o700 });
  } catch (refusal) {
    const reason = refusal instanceof Error ? refusal.message : String(refusal);
    throw new StartupError(`${partial} cannot be made: ${reason}. Name another place for the backup.`);
  }
  const lock = tryLock(partial);
  if (!lock) throw new StartupError(`Another backup is writing ${partial}. Wait for it, or name another place.`);
  for (const name of readdirSync(partial)) {
    if (!name.startsWith(LOCK_PREFIX)) rmSync(join(partial, name), { recursive: true });
  }
  return lock;
}

const LOCK_PREFIX = "longwave.lock";

function databaseBytes(file: string): number {
  const database = new Database(file, { readonly: true });
  try {
    const number = (sql: string): number => Number(Object.values(database.query(sql).get() ?? {})[0] ?? 0);
    return (number("PRAGMA page_count") - number("PRAGMA freelist_count")) * number("PRAGMA page_size");
  } catch (refusal) {
    const reason = refusal instanceof Error ? refusal.message : String(refusal);
    throw new StartupError(`${file} cannot be read: ${reason}. Run \`longwave check\` to see what is wrong.`);
  } finally {
    database.close(true);
  }
}

/** Copies in a thread of its own, so that progress can be shown meanwhile. */
async function copyDatabase(order: CopyOrder): Promise<void> {
  const worker = new Worker(new URL("backup-thread.ts", import.meta.url).href);
  try {
    const refusal = await new Promise<CopyOutcome>((settle) => {
      worker.addEventListener("message", ({ data }: MessageEvent<CopyOutcome>) => settle(data));
      worker.addEventListener("error", (event) => settle({ refusal: event.message }));
      worker.postMessage(order);
    });
    if (refusal.refusal !== undefined) throw new Error(refusal.refusal);
  } finally {
    worker.terminate();
  }
}

/** What belongs to the database and its server, not to the data beside it. */
const OF_THE_DATABASE = /^longwave\.(?:db|lock)/;

async function copyRest(from: string, to: string): Promise<void> {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!OF_THE_DATABASE.test(entry.name)) await copyEntry(join(from, entry.name), join(to, entry.name));
  }
}

async function copyEntry(from: string, to: string): Promise<void> {
  const found = statSync(from, { throwIfNoEntry: false }); // a file may be deleted meanwhile
  if (found?.isDirectory()) {
    await mkdir(to, { mode: 0o700 });
    for (const name of readdirSync(from)) await copyEntry(join(from, name), join(to, name));
  } else if (found?.isFile()) {
    await copyFile(from, to).catch((refusal: unknown) => {
      if (existsSync(from)) throw refusal;
    });
  } else {
    return;
  }
  if (existsSync(to)) flush(to);
}

/** Waits until a file, or a directory's list of names, is on the disk: `VACUUM INTO` does not. */
function flush(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}

function bytesOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.size ?? 0;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
