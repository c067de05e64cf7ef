/**
 * The statements that keep a message at an instant of its publisher's choice, unless the channel has one there. Pure.
 *
 * @module
 */
import { type Message, expiryOf } from "../../ports/message.ts";
import { messageChecksum } from "./message-checksum.ts";
import type { SqlWrite } from "./sqlite-writes.ts";

const IS_FREE = `NOT EXISTS (SELECT 1 FROM message JOIN channel ON channel.id = message.channel_id
  WHERE channel.keyset = ? AND channel.name = ? AND message.timetoken = ?)`;

/** One transaction; its last statement changes one row, or none where the instant is taken. */
export function insertionAt(message: Message): SqlWrite {
  const { keyset, channel, timetoken } = message;
  const place = [keyset, channel, timetoken];
  const { payload, eventType, publisher, sequence, meta, customMessageType, origination } = message;
  const body = [payload, eventType, publisher, sequence, meta, customMessageType, origination].map(
    (part) => part ?? null,
  );
  const expiresAt = expiryOf(message);
  return {
    statements: [
      { sql: "INSERT OR IGNORE INTO channel (keyset, name) VALUES (?, ?)", values: [keyset, channel] },
      {
        sql: `INSERT INTO body (payload, event_type, publisher, sequence, meta, custom_message_type, origination,
            checksum)
          SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE ${IS_FREE}`,
        values: [...body, messageChecksum(message, expiresAt), ...place],
      },
      {
        sql: `INSERT INTO message (channel_id, timetoken, expires_at, body_id)
          SELECT id, ?, ?, last_insert_rowid() FROM channel WHERE keyset = ? AND name = ? AND ${IS_FREE}`,
        values: [timetoken, expiresAt ?? null, keyset, channel, ...place],
      },
    ],
  };
}
