/**
 * Reads messages back from the embedded database.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type { EventType } from "@longwave/protocol";
import type { Message } from "../../ports/message.ts";
import type { StoredReadRequest } from "../../ports/message-store.ts";

interface Row {
  readonly channel: string;
  readonly timetoken: bigint;
  readonly payload: string;
  readonly event_type: bigint | null;
  readonly publisher: string | null;
  readonly sequence: bigint | null;
  readonly meta: string | null;
  readonly custom_message_type: string | null;
  readonly origination: string | null;
  readonly ttl_hours: number | null;
}

type ByChannel = [keyset: string, name: string, after: bigint, through: bigint, messagesMax: number];
type ByPrefix = [keyset: string, first: string, beyond: string, after: bigint, through: bigint, messagesMax: number];

const COLUMNS = `c.name AS channel, m.timetoken, m.payload, m.event_type, m.publisher, m.sequence, m.meta,
  m.custom_message_type, m.origination, m.ttl_hours`;

/** The prepared reads of one connection. */
export class ReadSession {
  readonly #byChannel: Statement<Row, ByChannel>;
  readonly #byPrefix: Statement<Row, ByPrefix>;

  /** @param database opened with `safeIntegers`, since timetokens exceed 2^53. */
  constructor(database: Database) {
    this.#byChannel = database.prepare(
      `SELECT ${COLUMNS} FROM channel c JOIN message m ON m.channel_id = c.id
       WHERE c.keyset = ? AND c.name = ? AND m.timetoken > ? AND m.timetoken <= ? ORDER BY m.timetoken LIMIT ?`,
    );
    this.#byPrefix = database.prepare(
      `SELECT ${COLUMNS} FROM channel c JOIN message m ON m.channel_id = c.id
       WHERE c.keyset = ? AND c.name >= ? AND c.name < ? AND m.timetoken > ? AND m.timetoken <= ?
       ORDER BY m.timetoken LIMIT ?`,
    );
  }

  /** The oldest committed messages of a name in a range, in timetoken order. */
  read({ keyset, name, after, through, messagesMax }: StoredReadRequest): readonly Message[] {
    if (name.kind === "wildcard" && name.isPresence) return []; // presence events are never stored
    const rows =
      name.kind === "channel"
        ? this.#byChannel.all(keyset, name.name, after, through, messagesMax)
        : this.#byPrefix.all(keyset, name.prefix, beyond(name.prefix), after, through, messagesMax);
    return rows.map((row) => messageOf(keyset, row));
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
    ttlHours: row.ttl_hours ?? undefined,
  };
}
