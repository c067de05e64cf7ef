/**
 * Imports messages into a data directory that no server uses, through the store's own writer.
 *
 * Each keeps its timetoken, which a running server could not promise: it gives timetokens out itself. A message that is
 * there already is skipped, so an import that was interrupted is simply run again. Messages are written before their
 * actions. Called by `longwave import`. Rules: spec/OPERATIONS.md OPS28-OPS30.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { Action } from "../../../ports/action-store.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Message, expiryOf, isExpired, weightOf } from "../../../ports/message.ts";
import type { MessageRange } from "../../../ports/message-store.ts";
import { StartupError } from "../../../startup-error.ts";
import { bytesOf } from "../action-statements.ts";
import { openDataDirectory } from "../data-directory.ts";
import { deletionOf } from "../deletions.ts";
import { actionChecksum, messageChecksum } from "../message-checksum.ts";
import { ReadSession } from "../sqlite-reads.ts";
import type { Writer } from "../sqlite-writer.ts";
import { ENDED_ORDERLY, RESERVED_THROUGH, type SqlStatement, type Write } from "../sqlite-writes.ts";
import { parseExportLine } from "./export-line.ts";

/** What becomes of a line. */
export type ImportOutcome =
  /** It is written with the next {@link Importer.flush}, at the latest at the end. */
  | { readonly kind: "taken" }
  /** The same message is there already; actions that were missing are added. */
  | { readonly kind: "there" }
  | { readonly kind: "expired" }
  /** Nothing of it is taken; `why` is a clause. */
  | { readonly kind: "unusable"; readonly why: string };

/** A directory that is imported into. Flush it at the end; disposed of, it is free for others. */
export interface Importer extends AsyncDisposable {
  /**
   * Takes a line of an export.
   *
   * @throws {StartupError} when the disk refuses what was taken before it.
   */
  add(line: string): Promise<ImportOutcome>;
  /** Writes what was taken, all of it on disk when it is fulfilled. @throws {StartupError} when the disk refuses. */
  flush(): Promise<void>;
  /** What the person should know about the directory: sentences. */
  readonly warnings: readonly string[];
}

const BATCH_MESSAGES = 2_000;
const BATCH_BYTES = 4_194_304;
/** How far ahead of the clock a timetoken may be: what is imported moves the next start's timetokens there. */
const AHEAD_MS_MAX = 86_400_000;

/**
 * Opens a data directory for an import, making it where it does not exist.
 *
 * @param keyset the subscribe key of the keyset that the messages are to belong to.
 * @throws {StartupError} when a server uses it or it cannot be used, in a sentence.
 */
export function openImporter(directory: string, keyset: string, clock: Clock): Importer {
  const storage = openDataDirectory(directory, "full");
  return new DirectoryImporter(storage.reading, storage.writer, {
    keyset,
    clock,
    warnings: storage.warnings,
    close: () => storage.close(),
  });
}

interface ImporterParts {
  readonly keyset: string;
  readonly clock: Clock;
  readonly warnings: readonly string[];
  readonly close: () => void;
}

class DirectoryImporter implements Importer {
  readonly warnings: readonly string[];
  readonly #parts: ImporterParts;
  readonly #writer: Writer;
  readonly #reads: ReadSession;
  readonly #endedOrderly: boolean;
  #reserved: Timetoken;
  #batch = new Map<string, Message>();
  #actions: SqlStatement[] = [];
  #bytes = 0;
  #hasWritten = false;

  constructor(reading: Database, writer: Writer, parts: ImporterParts) {
    this.warnings = parts.warnings;
    this.#parts = parts;
    this.#writer = writer;
    this.#reads = new ReadSession(reading);
    const setting = reading.query<{ value: bigint }, [string]>("SELECT value FROM setting WHERE name = ?");
    this.#reserved = setting.get(RESERVED_THROUGH)?.value ?? 0n;
    this.#endedOrderly = this.#reserved === 0n || setting.get(ENDED_ORDERLY) !== null;
  }

  async add(text: string): Promise<ImportOutcome> {
    const line = parseExportLine(text, this.#parts.keyset);
    if (line.kind === "unusable") return line;
    const { message, actions } = line;
    const outcome = this.#judge(message, actions);
    if (outcome.kind === "taken") await this.#clear(message);
    if (outcome.kind === "taken") {
      this.#batch.set(keyOf(message), message);
      this.#bytes += weightOf(message);
    }
    if (outcome.kind === "taken" || outcome.kind === "there") {
      for (const action of actions) this.#actions.push(...actionStatements(message, action));
    }
    if (this.#batch.size >= BATCH_MESSAGES || this.#actions.length >= BATCH_MESSAGES || this.#bytes >= BATCH_BYTES) {
      await this.flush();
    }
    return outcome;
  }

  async flush(): Promise<void> {
    const messages = [...this.#batch.values()];
    const statements = this.#actions;
    this.#batch = new Map();
    this.#actions = [];
    this.#bytes = 0;
    if (messages.length > 0) await this.#write(this.#writeOf(messages, false));
    if (statements.length > 0) await this.#write({ statements });
  }

  // The directory ends as it was found: what an orderly end has promised still holds, and nothing more. Where the disk
  // refuses that, the next start takes it for the end of a crash, which costs nothing that is stored.
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasWritten) await this.#writer.write(this.#writeOf([], this.#endedOrderly));
    await this.#writer.close();
    this.#parts.close();
  }

  #judge(message: Message, actions: readonly Action[]): ImportOutcome {
    const now = timetokenFromMs(this.#parts.clock.wallMs());
    const newest = now + timetokenFromMs(AHEAD_MS_MAX);
    if ([message, ...actions].some(({ timetoken }) => timetoken > newest))
      return unusable("its timetoken lies in the future");
    if (isExpired(message, now)) return { kind: "expired" };
    const there = this.#batch.get(keyOf(message)) ?? this.#find(message);
    if (there === undefined) return { kind: "taken" };
    const isSame = messageChecksum(there, expiryOf(there)) === messageChecksum(message, expiryOf(message));
    return isSame ? { kind: "there" } : unusable("another message has its timetoken on that channel");
  }

  #find(message: Message): Message | undefined {
    const bounds = { take: "oldest", messagesMax: 1, bytesMax: 1 } as const;
    return this.#reads.page({ ...rangeOf(message), ...bounds }, 0n).messages[0]; // at instant 0 nothing has expired
  }

  // What the disk has damaged gives its place to the same message as it was.
  async #clear(message: Message): Promise<void> {
    const range = rangeOf(message);
    if (this.#reads.count(range, 0n, 1) > 0) await this.#write(deletionOf(range));
  }

  #writeOf(messages: readonly Message[], isLast: boolean): Write {
    for (const { timetoken } of messages) if (timetoken > this.#reserved) this.#reserved = timetoken;
    return {
      messages,
      ids: [],
      journal: undefined,
      reserve: this.#reserved,
      queueAge: undefined,
      journalFloor: 0n,
      isLast,
    };
  }

  async #write(write: Write): Promise<void> {
    const outcome = await this.#writer.write(write);
    this.#hasWritten = true;
    if (outcome.kind === "written") return;
    throw new StartupError(`The disk refused the import: ${outcome.reason}. Run it again when that is mended.`);
  }
}

function unusable(why: string): ImportOutcome {
  return { kind: "unusable", why };
}

function rangeOf({ keyset, channel, timetoken }: Message): MessageRange {
  return { keyset, channel, from: timetoken, through: timetoken };
}

function keyOf({ channel, timetoken }: Message): string {
  return `${channel}\n${timetoken}`;
}

// One that is there, or an equal one, stays as it is. The clock of actions only goes forward.
function actionStatements({ keyset, channel }: Message, action: Action): readonly SqlStatement[] {
  const { messageTimetoken, timetoken, uuid, type, value } = action;
  const key = [keyset, channel, messageTimetoken, uuid, type, value, timetoken];
  return [
    {
      sql: `INSERT OR IGNORE INTO action (channel_id, message_timetoken, uuid, type, value, timetoken, bytes, checksum)
        SELECT id, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM channel WHERE keyset = ?1 AND name = ?2`,
      values: [...key, bytesOf(action), actionChecksum({ keyset, channel }, action)],
    },
    {
      sql: `INSERT INTO action_clock (keyset, last_timetoken) VALUES (?1, ?2)
        ON CONFLICT (keyset) DO UPDATE SET last_timetoken = max(last_timetoken, excluded.last_timetoken)`,
      values: [keyset, timetoken],
    },
  ];
}
