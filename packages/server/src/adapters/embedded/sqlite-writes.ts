/**
 * What one transaction of the embedded store writes, on the writer's connection.
 *
 * Runs in the writer's thread (or in the main one for a database in memory). Rules: spec/STORE.md STO1, STO4.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type { EventType, Timetoken } from "@longwave/protocol";
import { type Message, type PublishId, expiryOf } from "../../ports/message.ts";
import { messageChecksum } from "./message-checksum.ts";

/** What a transaction is asked to write. */
export type Write = MessageWrite | SqlWrite;

/** A few statements of a room other than messages: they become durable together, or none does. */
export interface SqlWrite {
  readonly statements: readonly SqlStatement[];
}

/** One statement with its bound values; never with a value pasted into its text. */
export interface SqlStatement {
  readonly sql: string;
  readonly values: readonly (string | number | bigint | null)[];
}

/** One group commit of messages: everything in it becomes durable together, or nothing does. */
export interface MessageWrite {
  readonly messages: readonly Message[];
  /** Their publishers' ids, of those that have one. */
  readonly ids: readonly IdWrite[];
  /** Messages acknowledged from memory, as {@link printJournal} wrote them. */
  readonly journal: JournalChunk | undefined;
  /** The new upper bound of timetokens given out; may also fall, at an orderly stop. */
  readonly reserve: Timetoken | undefined;
  /** How old queued messages are, as `QueueAge` printed it; kept with the reservation. */
  readonly queueAge: string | undefined;
  /** Journal chunks whose last message is at or before this instant are dropped. */
  readonly journalFloor: Timetoken;
  /** Whether this is the last write of an orderly end: nothing acknowledged is left in memory. */
  readonly isLast: boolean;
}

/** A publisher's id for one of the messages of a write. */
export interface IdWrite extends PublishId {
  /** Which of the messages. */
  readonly at: number;
}

/** Journalled messages of one interval, in one row: cheap to append, cheap to drop. */
export interface JournalChunk {
  readonly last: Timetoken;
  readonly text: string;
}

/** The setting that holds the reservation. */
export const RESERVED_THROUGH = "timetoken_reserved_through";
/** The setting that is there between an orderly end and the first write after it. */
export const ENDED_ORDERLY = "ended_orderly";
/** The setting that holds the last timetoken of what the journal had no room for. */
export const JOURNAL_LOST_THROUGH = "journal_lost_through";

/** The setting that holds how old queued messages are. */
export const QUEUE_AGE = "queue_age";

/** Bytes of journal text kept; the oldest chunks leave first. */
const JOURNAL_BYTES_MAX = 67_108_864;
const CHANNEL_IDS_MAX = 100_000;
const STATEMENTS_MAX = 200;

/** Applies writes to one connection; holds its prepared statements. */
export class WriteSession {
  readonly #database: Database;
  readonly #insertBody: Statement;
  readonly #insertMessage: Statement;
  readonly #insertId: Statement;
  readonly #insertChannel: Statement;
  readonly #findChannel: Statement<{ id: bigint }, [string, string]>;
  readonly #insertJournal: Statement;
  readonly #dropJournal: Statement<{ bytes: bigint }, [bigint]>;
  readonly #dropOldestJournal: Statement<{ bytes: bigint; last: bigint }, []>;
  readonly #setting: Statement;
  readonly #channelIds = new Map<string, bigint>();
  readonly #statements = new Map<string, Statement>();
  #journalBytes: number;
  #isBegun = false;

  constructor(database: Database) {
    this.#database = database;
    this.#insertBody = database.prepare(
      `INSERT INTO body (payload, event_type, publisher, sequence, meta, custom_message_type, origination, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertMessage = database.prepare(
      "INSERT INTO message (channel_id, timetoken, expires_at, body_id) VALUES (?, ?, ?, last_insert_rowid())",
    );
    // An id that is taken again has grown old and was not swept yet: the broker knows the young ones.
    this.#insertId = database.prepare(
      "INSERT OR REPLACE INTO publish_id (channel_id, id, timetoken, digest) VALUES (?, ?, ?, ?)",
    );
    this.#insertChannel = database.prepare("INSERT OR IGNORE INTO channel (keyset, name) VALUES (?, ?)");
    this.#findChannel = database.prepare("SELECT id FROM channel WHERE keyset = ? AND name = ?");
    this.#insertJournal = database.prepare("INSERT INTO journal (last_timetoken, messages) VALUES (?, ?)");
    this.#dropJournal = database.prepare(
      "DELETE FROM journal WHERE last_timetoken <= ? RETURNING length(messages) AS bytes",
    );
    this.#dropOldestJournal = database.prepare(
      "DELETE FROM journal WHERE id = (SELECT min(id) FROM journal) RETURNING length(messages) AS bytes, last_timetoken AS last",
    );
    this.#setting = database.prepare(
      "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    );
    const sum = database
      .query<{ bytes: bigint }, []>("SELECT coalesce(sum(length(messages)), 0) AS bytes FROM journal")
      .get();
    this.#journalBytes = Number(sum?.bytes ?? 0);
  }

  /**
   * Writes everything in one transaction.
   *
   * @returns how many rows each statement changed; nothing for messages.
   * @throws the database's error when it refuses; then nothing of it is written.
   */
  apply(write: Write): readonly number[] {
    this.#database.run("BEGIN IMMEDIATE");
    try {
      if (!this.#isBegun) this.#database.run("DELETE FROM setting WHERE name = ?", [ENDED_ORDERLY]);
      const changes = "statements" in write ? this.#run(write) : this.#keepAll(write);
      this.#database.run("COMMIT");
      this.#isBegun = true;
      return changes;
    } catch (refusal) {
      this.#channelIds.clear(); // some may have been given in the transaction that is undone
      if (this.#database.inTransaction) this.#database.run("ROLLBACK");
      throw refusal;
    }
  }

  #run({ statements }: SqlWrite): readonly number[] {
    return statements.map(({ sql, values }) => this.#prepared(sql).run(...values).changes);
  }

  // Rooms have few statements, so each is prepared once; the bound is for a room that would make them up.
  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #keepAll(write: MessageWrite): readonly number[] {
    for (const message of write.messages) this.#keep(message);
    for (const { at, ...id } of write.ids) this.#keepId(write.messages[at], id);
    if (write.reserve !== undefined) this.#setting.run(RESERVED_THROUGH, write.reserve);
    if (write.queueAge !== undefined) this.#setting.run(QUEUE_AGE, write.queueAge);
    if (write.journal) this.#journal(write.journal, write.journalFloor);
    if (write.isLast) this.#setting.run(ENDED_ORDERLY, 1);
    return [];
  }

  #keep(message: Message): void {
    const channelId = this.#channelId(message.keyset, message.channel); // first: it may insert too
    const expiresAt = expiryOf(message);
    this.#insertBody.run(
      message.payload,
      message.eventType ?? null,
      message.publisher ?? null,
      message.sequence ?? null,
      message.meta ?? null,
      message.customMessageType ?? null,
      message.origination ?? null,
      messageChecksum(message, expiresAt),
    );
    this.#insertMessage.run(channelId, message.timetoken, expiresAt ?? null);
  }

  #keepId(message: Message | undefined, { id, digest }: PublishId): void {
    if (!message) throw new Error("an id of no message");
    this.#insertId.run(this.#channelId(message.keyset, message.channel), id, message.timetoken, digest);
  }

  #channelId(keyset: string, channel: string): bigint {
    const key = `${keyset}\n${channel}`; // neither may hold a control character
    const known = this.#channelIds.get(key);
    if (known !== undefined) return known;
    this.#insertChannel.run(keyset, channel);
    const id = this.#findChannel.get(keyset, channel)?.id;
    if (id === undefined) throw new Error("a channel that was just written is not there");
    if (this.#channelIds.size >= CHANNEL_IDS_MAX) this.#channelIds.clear();
    this.#channelIds.set(key, id);
    return id;
  }

  #journal(chunk: JournalChunk, floor: Timetoken): void {
    this.#insertJournal.run(chunk.last, chunk.text);
    this.#journalBytes += chunk.text.length;
    for (const { bytes } of this.#dropJournal.all(floor)) this.#journalBytes -= Number(bytes);
    while (this.#journalBytes > JOURNAL_BYTES_MAX) {
      const dropped = this.#dropOldestJournal.get();
      if (!dropped) return;
      this.#journalBytes -= Number(dropped.bytes);
      this.#setting.run(JOURNAL_LOST_THROUGH, dropped.last);
    }
  }
}

/**
 * Writes messages as one journal chunk: a line a message, tabs between its members, an empty one where it has none.
 *
 * Neither names nor compact JSON can hold a control character, so nothing needs escaping; and joining texts costs a
 * fraction of what a serializer does, on the path of every unstored message.
 *
 * @param messages in timetoken order; nothing is written for none.
 */
export function printJournal(messages: readonly Message[]): JournalChunk | undefined {
  const last = messages.at(-1);
  if (!last) return undefined;
  let text = "";
  for (const message of messages) {
    const { keyset, timetoken, channel, payload, eventType, publisher, sequence } = message;
    text += `${keyset}\t${timetoken}\t${channel}\t${payload}\t${eventType ?? ""}\t${publisher ?? ""}\t${sequence ?? ""}\t`;
    text += `${message.meta ?? ""}\t${message.customMessageType ?? ""}\t${message.origination ?? ""}\n`;
  }
  return { last: last.timetoken, text };
}

/** Reads a journal chunk back. @param text as {@link printJournal} wrote it. */
export function parseJournal(text: string): readonly Message[] {
  return text.split("\n").slice(0, -1).map(parseJournalLine);
}

function parseJournalLine(line: string): Message {
  const [keyset = "", timetoken = "0", channel = "", payload = "null", eventType, ...rest] = line.split("\t");
  const [publisher, sequence, meta, customMessageType, origination] = rest;
  return {
    keyset,
    timetoken: BigInt(timetoken),
    channel,
    payload,
    eventType: eventType ? (Number(eventType) as EventType) : undefined,
    publisher: publisher || undefined,
    sequence: sequence ? Number(sequence) : undefined,
    meta: meta || undefined,
    customMessageType: customMessageType || undefined,
    origination: origination || undefined,
    stored: false,
    ttlHours: undefined,
  };
}
