/**
 * The one writer of the embedded database: in a thread of its own, so that a slow disk stops nobody's delivery.
 *
 * Every room writes through it. The message store has one write in flight and gathers the next meanwhile (group commit).
 * For a database in memory there is no disk to wait for, and the writer shares the main thread's connection.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { type Write, WriteSession } from "./sqlite-writes.ts";

/** What became of a write. */
export type WriteOutcome =
  /** `changes` counts the rows that each statement changed; it is empty for messages. */
  | { readonly kind: "written"; readonly changes: readonly number[] }
  /** `reason` is the database's own word, for the log. */
  | { readonly kind: "refused"; readonly reason: string };

/** Applies writes, each a transaction, in the order of the calls. */
export interface Writer {
  write(write: Write): Promise<WriteOutcome>;
  /** Ends the writer; nothing may be in flight. */
  close(): Promise<void>;
}

/** How a writer's thread is started. */
export interface WriterSettings {
  readonly path: string;
  /** Whether a commit waits for the disk itself ("full") or may be lost with the power ("normal"). */
  readonly synchronous: "full" | "normal";
}

/** Pages of the write-ahead log after which they go into the database: 64 MB of the usual 4 KiB. */
const CHECKPOINT_PAGES = 16_000;
/** Pages that the writer keeps in memory: those that appends to many channels come back to. */
const CACHE_KIB = 65_536;

/** Opens the writing connection with the settings that every database of ours has. */
export function openWriting({ path, synchronous }: WriterSettings): Database {
  const database = new Database(path, { create: true, safeIntegers: true });
  database.run("PRAGMA busy_timeout = 5000"); // first: a connection that is closing locks for a moment
  database.run("PRAGMA journal_mode = WAL");
  database.run(`PRAGMA synchronous = ${synchronous}`);
  database.run("PRAGMA journal_size_limit = 67108864");
  // A channel's page that is written again and again reaches the database once for all of them: with SQLite's 1,000 pages
  // an append among 10,000 channels costs twice as much (docs/adr/0007-history-layout.md).
  database.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.run(`PRAGMA cache_size = -${CACHE_KIB}`);
  return database;
}

/** Applies a write and turns the database's error into an outcome. */
export function applyWrite(session: WriteSession, write: Write): WriteOutcome {
  try {
    return { kind: "written", changes: session.apply(write) };
  } catch (refusal) {
    return { kind: "refused", reason: refusal instanceof Error ? refusal.message : String(refusal) };
  }
}

/** Writes on the caller's thread; for databases in memory. */
export function directWriter(database: Database): Writer {
  const session = new WriteSession(database);
  return {
    write: async (write) => applyWrite(session, write),
    close: async () => {},
  };
}

/** Asks a writer's thread to close its connection; it answers when it has. */
export const CLOSE = "close";

/** Writes in a thread of its own. A thread that dies refuses what it had, and the next write starts another. */
export function threadWriter(settings: WriterSettings): Writer {
  let worker: Worker | undefined;
  const settles: ((outcome: WriteOutcome) => void)[] = []; // of the writes in flight, in their order
  const finish = (outcome: WriteOutcome): void => settles.shift()?.(outcome);
  const start = (): Worker => {
    const started = new Worker(new URL("sqlite-writer-thread.ts", import.meta.url).href);
    started.addEventListener("message", (event: MessageEvent<WriteOutcome>) => finish(event.data));
    started.addEventListener("error", (event) => {
      worker = undefined;
      for (let left = settles.length; left > 0; left--) {
        finish({ kind: "refused", reason: `the writer's thread failed: ${event.message}` });
      }
    });
    started.postMessage(settings);
    return started;
  };
  worker = start();
  const ask = (question: Write | typeof CLOSE, asked: Worker): Promise<WriteOutcome> =>
    new Promise((resolve) => {
      settles.push(resolve);
      asked.postMessage(question);
    });
  return {
    write: (write) => ask(write, (worker ??= start())),
    close: async () => {
      const ending = worker;
      worker = undefined;
      if (!ending) return;
      await ask(CLOSE, ending); // a thread that is ended with its database open closes it some time later
      ending.terminate();
    },
  };
}
