/**
 * Reads messages back from the embedded database.
 *
 * Every read is told what time it is and shows nothing that has expired by then, swept or not.
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

interface Row {
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
}

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
const BODY = "b.payload, b.event_type, b.publisher, b.sequence, b.meta, b.custom_message_type, b.origination";

const pageSql = (keys: string, order: "ASC" | "DESC"): string =>
  `SELECT k.channel, k.timetoken, k.expires_at, ${BODY} FROM (
     SELECT c.name AS channel, m.timetoken, m.expires_at, m.body_id FROM ${keys} ORDER BY m.timetoken ${order} LIMIT ?
   ) k CROSS JOIN body b ON b.id = k.body_id ORDER BY k.timetoken ${order}`;

/** The prepared reads of one connection. */
export class ReadSession {
  readonly #oldest: Statement<Row, ByChannel>;
  readonly #newest: Statement<Row, ByChannel>;
  readonly #byPrefix: Statement<Row, ByPrefix>;
  readonly #count: Statement<{ count: bigint }, ByChannel>;
  readonly #timetokens: Statement<{ timetoken: bigint }, ByChannel>;
  readonly #id: Statement<KeptId, [keyset: string, channel: string, id: string, after: bigint]>;
  readonly #newestId: Statement<{ timetoken: bigint | null }, []>;

  /** @param database opened with `safeIntegers`, since timetokens exceed 2^53. */
  constructor(database: Database) {
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
    const range = [after + 1n, through, now, messagesMax] as const;
    const rows =
      name.kind === "channel"
        ? this.#oldest.all(keyset, name.name, ...range)
        : this.#byPrefix.all(keyset, name.prefix, beyond(name.prefix), ...range);
    return rows.map((row) => messageOf(keyset, row));
  }

  /** Committed messages of a range from the end that is asked for; a row at a time, so that the bytes bound the memory. */
  page({ keyset, channel, from, through, take, messagesMax, bytesMax }: PageRequest, now: Timetoken): Page {
    const statement = take === "oldest" ? this.#oldest : this.#newest;
    const messages: Message[] = [];
    let bytes = 0;
    let isCut = false;
    for (const row of statement.iterate(keyset, channel, from, through, now, messagesMax)) {
      const message = messageOf(keyset, row);
      bytes += weightOf(message);
      isCut = messages.length > 0 && bytes > bytesMax;
      if (isCut) break;
      messages.push(message);
    }
    return { messages: take === "oldest" ? messages : messages.toReversed(), isCut };
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

function messageOf(keyset: string, row: Row): Message {
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
