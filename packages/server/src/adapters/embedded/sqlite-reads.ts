/**
 * Reads messages back from the embedded database.
 *
 * Every read is told what time it is and shows nothing that has expired by then, swept or not; nor a row that is not as
 * it was written (STO20).
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type { EventType, Timetoken } from "@longwave/protocol";
import { type Message, ttlHoursBetween, weightOf } from "../../ports/message.ts";
import type {
  IdRequest,
  KeptId,
  MessageRange,
  Page,
  PageRequest,
  StoredReadRequest,
} from "../../ports/message-store.ts";
import { messageChecksum } from "./message-checksum.ts";

/** A message as it lies in the database. */
export interface MessageRow {
  readonly channel: string;
  readonly timetoken: bigint;
  readonly expires_at: bigint | null;
  readonly payload: string;
  readonly event_type: bigint | null;
  readonly publisher: string | null;
  readonly sequence: bigint | null;
  readonly meta: string | null;
  readonly custom_message_type: string | null;
  readonly origination: string | null;
  readonly checksum: bigint | null;
}

/** Told of each damaged message once. */
export type DamageListener = (message: Pick<Message, "keyset" | "channel" | "timetoken">) => void;

/** Damaged messages that are remembered as told. */
const TOLD_MAX = 1_000;

type ByChannel = [keyset: string, name: string, from: bigint, through: bigint, now: bigint, max: number];
type ByPrefix = [
  keyset: string,
  first: string,
  beyond: string,
  from: bigint,
  through: bigint,
  now: bigint,
  max: number,
];

// CROSS JOIN keeps SQLite from turning the order of the tables round: the narrow one is walked, bodies are fetched by id.
const IN_RANGE = "m.timetoken >= ? AND m.timetoken <= ? AND (m.expires_at IS NULL OR m.expires_at > ?)";
const OF_CHANNEL = `channel c CROSS JOIN message m ON m.channel_id = c.id
  WHERE c.keyset = ? AND c.name = ? AND ${IN_RANGE}`;
/** What a body says. */
export const BODY =
  "b.payload, b.event_type, b.publisher, b.sequence, b.meta, b.custom_message_type, b.origination, b.checksum";

const pageSql = (keys: string, order: "ASC" | "DESC"): string =>
  `SELECT k.channel, k.timetoken, k.expires_at, ${BODY} FROM (
     SELECT c.name AS channel, m.timetoken, m.expires_at, m.body_id FROM ${keys} ORDER BY m.timetoken ${order} LIMIT ?
   ) k CROSS JOIN body b ON b.id = k.body_id ORDER BY k.timetoken ${order}`;

/** The prepared reads of one connection. */
export class ReadSession {
  readonly #oldest: Statement<MessageRow, ByChannel>;
  readonly #newest: Statement<MessageRow, ByChannel>;
  readonly #byPrefix: Statement<MessageRow, ByPrefix>;
  readonly #count: Statement<{ count: bigint }, ByChannel>;
  readonly #timetokens: Statement<{ timetoken: bigint }, ByChannel>;
  readonly #damaged: DamageListener;
  readonly #told = new Set<Timetoken>();
  readonly #id: Statement<KeptId, [keyset: string, channel: string, id: string, after: bigint]>;
  readonly #newestId: Statement<{ timetoken: bigint | null }, []>;

  /** @param database opened with `safeIntegers`, since timetokens exceed 2^53. */
  constructor(database: Database, damaged: DamageListener = () => {}) {
    this.#damaged = damaged;
    this.#oldest = database.prepare(pageSql(OF_CHANNEL, "ASC"));
    this.#newest = database.prepare(pageSql(OF_CHANNEL, "DESC"));
    this.#byPrefix = database.prepare(
      pageSql(
        `channel c CROSS JOIN message m ON m.channel_id = c.id
         WHERE c.keyset = ? AND c.name >= ? AND c.name < ? AND ${IN_RANGE}`,
        "ASC",
      ),
    );
    this.#count = database.prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM ${OF_CHANNEL} LIMIT ?)`);
    this.#timetokens = database.prepare(`SELECT m.timetoken FROM ${OF_CHANNEL} ORDER BY m.timetoken LIMIT ?`);
    this.#id = database.prepare(
      `SELECT p.timetoken, p.digest FROM channel c CROSS JOIN publish_id p ON p.channel_id = c.id
       WHERE c.keyset = ? AND c.name = ? AND p.id = ? AND p.timetoken > ?`,
    );
    this.#newestId = database.prepare("SELECT max(timetoken) AS timetoken FROM publish_id");
  }

  /** The oldest committed messages of a name in a range, in timetoken order. */
  read({ keyset, name, after, through, messagesMax }: StoredReadRequest, now: Timetoken): readonly Message[] {
    if (name.kind === "wildcard" && name.isPresence) return []; // presence events are never stored
    const range = [after + 1n, through, now] as const;
    const rowsOf = (max: number): readonly MessageRow[] =>
      name.kind === "channel"
        ? this.#oldest.all(keyset, name.name, ...range, max)
        : this.#byPrefix.all(keyset, name.prefix, beyond(name.prefix), ...range, max);
    return this.#filled(keyset, rowsOf, messagesMax);
  }

  // Who gets fewer messages than were asked for concludes that there are no more, so damaged ones are made up for.
  #filled(keyset: string, rowsOf: (max: number) => readonly MessageRow[], messagesMax: number): readonly Message[] {
    for (let max = messagesMax; ;) {
      const rows = rowsOf(max);
      const messages = rows.flatMap((row) => this.#sound(keyset, row) ?? []);
      if (messages.length >= messagesMax || rows.length < max) return messages.slice(0, messagesMax);
      max += messagesMax - messages.length;
    }
  }

  #sound(keyset: string, row: MessageRow): Message | undefined {
    const message = messageOf(keyset, row);
    if (isSound(message, row)) return message;
    if (!this.#told.has(message.timetoken) && this.#told.size < TOLD_MAX) {
      this.#told.add(message.timetoken);
      this.#damaged(message);
    }
    return undefined;
  }

  /** Committed messages of a range from the end that is asked for. */
  page(request: PageRequest, now: Timetoken): Page {
    for (let rowsMax = request.messagesMax; ;) {
      const { messages, isCut, damaged } = this.#pageOf(request, now, rowsMax);
      if (damaged === 0 || isCut || messages.length + damaged < rowsMax || messages.length === request.messagesMax) {
        return { messages: request.take === "oldest" ? messages : messages.toReversed(), isCut };
      }
      rowsMax = request.messagesMax + damaged;
    }
  }

  // A row at a time, so that the bytes bound the memory.
  #pageOf(request: PageRequest, now: Timetoken, rowsMax: number): Page & { readonly damaged: number } {
    const { keyset, channel, from, through, take, bytesMax } = request;
    const statement = take === "oldest" ? this.#oldest : this.#newest;
    const messages: Message[] = [];
    let [bytes, damaged, isCut] = [0, 0, false];
    for (const row of statement.iterate(keyset, channel, from, through, now, rowsMax)) {
      const message = this.#sound(keyset, row);
      if (message === undefined) {
        damaged += 1;
        continue;
      }
      bytes += weightOf(message);
      isCut = messages.length > 0 && bytes > bytesMax;
      if (isCut) break;
      messages.push(message);
    }
    return { messages, isCut, damaged };
  }

  /** What a committed id stands for, unless its message is at or before `after`. */
  id({ keyset, channel, id }: IdRequest, after: Timetoken): KeptId | undefined {
    return this.#id.get(keyset, channel, id, after) ?? undefined;
  }

  /** The newest message that has an id. */
  newestId(): Timetoken {
    return this.#newestId.get()?.timetoken ?? 0n;
  }

  /** How many committed messages a range holds, at most `countMax`. */
  count({ keyset, channel, from, through }: MessageRange, now: Timetoken, countMax: number): number {
    return Number(this.#count.get(keyset, channel, from, through, now, countMax)?.count ?? 0n);
  }

  /** The timetokens of a range's committed messages, oldest first, at most `countMax`. */
  timetokens({ keyset, channel, from, through }: MessageRange, now: Timetoken, countMax: number): readonly Timetoken[] {
    return this.#timetokens.all(keyset, channel, from, through, now, countMax).map(({ timetoken }) => timetoken);
  }
}

// The first text that is greater than every text with the prefix, which always ends with a dot.
function beyond(prefix: string): string {
  return `${prefix.slice(0, -1)}/`;
}

/** Whether a message is as it was written; those of earlier schemas have nothing that would tell. */
export function isSound(message: Message, row: Pick<MessageRow, "checksum" | "expires_at">): boolean {
  return row.checksum === null || Number(row.checksum) === messageChecksum(message, row.expires_at ?? undefined);
}

/** Reads a row of a query that selects channel, timetoken, expires_at and {@link BODY}. */
export function messageOf(keyset: string, row: MessageRow): Message {
  return {
    keyset,
    channel: row.channel,
    timetoken: row.timetoken,
    payload: row.payload,
    eventType: row.event_type === null ? undefined : (Number(row.event_type) as EventType),
    publisher: row.publisher ?? undefined,
    sequence: row.sequence === null ? undefined : Number(row.sequence),
    meta: row.meta ?? undefined,
    customMessageType: row.custom_message_type ?? undefined,
    origination: row.origination ?? undefined,
    stored: true,
    ttlHours: row.expires_at === null ? undefined : ttlHoursBetween(row.timetoken, row.expires_at),
  };
}
