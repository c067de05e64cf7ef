/**
 * Exports the stored messages of a keyset or a channel, in the order of channels and timetokens, page by page.
 *
 * Reads only, so it may run beside the server: each page is of one instant, all of them are not. What has expired or is
 * damaged is left out. Called by `longwave export`. Rules: spec/OPERATIONS.md OPS26, OPS27.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { Clock } from "../../../ports/clock.ts";
import type { Action } from "../../../ports/action-store.ts";
import type { Page } from "../../../ports/message-store.ts";
import { StartupError } from "../../../startup-error.ts";
import { ActionReads } from "../action-reads.ts";
import { DATABASE, isInUse } from "../data-directory.ts";
import { SCHEMA_VERSION } from "../schema.ts";
import { type DamageListener, ReadSession } from "../sqlite-reads.ts";
import { type LogState, readLog } from "../write-ahead-log.ts";
import { requireDataDirectory } from "./check-directory.ts";
import { lossOf } from "./damage.ts";
import { printExportLine } from "./export-line.ts";

/** What is exported. */
export interface ExportRequest {
  /** The subscribe key of the keyset. */
  readonly keyset: string;
  /** Nothing for all of them. */
  readonly channel: string | undefined;
  /** The message that an earlier export ended with: this one begins after it. */
  readonly after: ExportPosition | undefined;
}

/** A place in the order of an export. */
export interface ExportPosition {
  readonly channel: string;
  readonly timetoken: Timetoken;
}

/** A page of an export. */
export interface ExportedPage {
  /** Lines, each with its line break. */
  readonly text: string;
  readonly messages: number;
}

/** A directory that is exported from. */
export interface Exporter extends Disposable {
  /** What an export is without because of a damaged log, in sentences. */
  readonly warnings: readonly string[];
  /**
   * How many messages the request would find, were nothing expired and nothing exported yet.
   *
   * @throws {StartupError} when the database cannot be read there, in a sentence.
   */
  count(request: ExportRequest): number;
  /** The pages in their order. @throws {StartupError} at a page of the database that cannot be read, in a sentence. */
  pages(request: ExportRequest): Generator<ExportedPage>;
}

const PAGE_MESSAGES = 500;
const PAGE_BYTES = 4_194_304;
const PAGE_ACTIONS = 20_000;

/**
 * Opens a data directory for exports.
 *
 * @param damaged told of each message that is left out because it is not as it was written.
 * @throws {StartupError} when there is none, or it is of another schema, in a sentence.
 */
export function openExporter(directory: string, clock: Clock, damaged: DamageListener): Exporter {
  const path = requireDataDirectory(directory);
  const file = join(path, DATABASE);
  const log: LogState = isInUse(path) ? { kind: "none" } : readLog(file); // before SQLite, which may begin it anew
  const database = openCurrent(file);
  const [reads, actions] = [new ReadSession(database, damaged), new ActionReads(database)];
  const nextChannel = database.prepare<{ name: string }, [string, string]>(
    "SELECT name FROM channel WHERE keyset = ? AND name >= ? ORDER BY name LIMIT 1",
  );
  function* pagesOfChannel(keyset: string, channel: string, after: Timetoken): Generator<ExportedPage> {
    for (let from = after + 1n; ;) {
      const range = { keyset, channel, from, through: FOREVER };
      const bounds = { take: "oldest", messagesMax: PAGE_MESSAGES, bytesMax: PAGE_BYTES } as const;
      const page = reads.page({ ...range, ...bounds }, timetokenFromMs(clock.wallMs()));
      const exported = exportPage(page, (through) =>
        actions.actionsOf({ ...range, through, first: "oldest", actionsMax: PAGE_ACTIONS, bytesMax: PAGE_BYTES }),
      );
      if (exported.messages === 0) return;
      yield exported;
      from = exported.last + 1n;
    }
  }
  function* pagesOf({ keyset, channel, after }: ExportRequest): Generator<ExportedPage> {
    if (channel !== undefined) {
      yield* pagesOfChannel(keyset, channel, after?.timetoken ?? 0n);
      return;
    }
    for (let name = after?.channel ?? ""; ;) {
      const found = nextChannel.get(keyset, name)?.name;
      if (found === undefined) return;
      yield* pagesOfChannel(keyset, found, found === after?.channel ? after.timetoken : 0n);
      name = `${found}\0`; // the first name behind it
    }
  }
  return {
    warnings: log.kind === "damaged" ? [`The log of ${path} is damaged: ${log.what}. ${lossOf(log)}`] : [],
    count: ({ keyset, channel }) => {
      try {
        return countOf(database, keyset, channel);
      } catch (refusal) {
        throw unreadable(file, refusal);
      }
    },
    *pages(request) {
      try {
        yield* pagesOf(request);
      } catch (refusal) {
        throw unreadable(file, refusal);
      }
    },
    [Symbol.dispose]: () => database.close(true),
  };
}

/** Beyond every timetoken, and within SQLite's integers. */
const FOREVER = 2n ** 63n - 1n;

interface PageActions {
  readonly actions: readonly Action[];
  readonly completeTo: Timetoken | undefined;
}

// A message goes with all its actions, so a page ends before the first one whose actions had no room.
function exportPage(
  { messages }: Page,
  actionsTo: (through: Timetoken) => PageActions,
): ExportedPage & { readonly last: Timetoken } {
  const newest = messages.at(-1)?.timetoken;
  if (newest === undefined) return { text: "", messages: 0, last: 0n };
  const { actions, completeTo } = actionsTo(newest);
  const last = completeTo ?? newest;
  const byMessage = Map.groupBy(actions, ({ messageTimetoken }) => messageTimetoken);
  const complete = messages.filter(({ timetoken }) => timetoken <= last);
  const lines = complete.map((message) => {
    return `${printExportLine({ message, actions: byMessage.get(message.timetoken) ?? [] })}\n`;
  });
  return { text: lines.join(""), messages: complete.length, last };
}

function openCurrent(file: string): Database {
  const database = new Database(file, { readonly: true, safeIntegers: true });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    const row = database.query<{ user_version: bigint }, []>("PRAGMA user_version").get();
    const version = Number(row?.user_version ?? 0n);
    if (version === SCHEMA_VERSION) return database;
    const remedy =
      version < SCHEMA_VERSION ? "Start a server on it once, which brings it up to date" : "Use the newer Longwave";
    throw new StartupError(`${file} is of schema ${version}, and this Longwave reads ${SCHEMA_VERSION}. ${remedy}.`);
  } catch (refusal) {
    database.close(true);
    throw refusal instanceof StartupError ? refusal : unreadable(file, refusal);
  }
}

function unreadable(file: string, refusal: unknown): StartupError {
  const reason = refusal instanceof Error ? refusal.message : String(refusal);
  return new StartupError(`${file} cannot be read: ${reason}. Run \`longwave check\` to see what is wrong.`);
}

function countOf(database: Database, keyset: string, channel: string | undefined): number {
  const row = database
    .query<{ messages: bigint }, [string, string | null]>(
      `SELECT count(*) AS messages FROM channel c CROSS JOIN message m ON m.channel_id = c.id
       WHERE c.keyset = ?1 AND (?2 IS NULL OR c.name = ?2)`,
    )
    .get(keyset, channel ?? null);
  return Number(row?.messages ?? 0n);
}
