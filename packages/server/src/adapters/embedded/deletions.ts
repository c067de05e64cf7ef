/**
 * What deleting messages writes, a bounded number at a time: a range that somebody asked for, or what has expired. Their
 * actions go with them (ACT12), before them, since the messages are what is counted.
 *
 * Not the decision when: the message store and the expiry sweep make that. Rules: spec/STORE.md STO14, STO16, ACT12.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { MessageRange } from "../../ports/message-store.ts";
import type { SqlStatement, SqlWrite } from "./sqlite-writes.ts";

/** Messages of a range that one transaction deletes: a few milliseconds between two commits, since they lie together. */
export const DELETED_PER_TRANSACTION_MAX = 1_000;
/** Expired messages that one transaction deletes: fewer, since each lies in a channel of its own. */
export const EXPIRED_PER_TRANSACTION_MAX = 500;

const OF_CHANNEL = "channel_id = (SELECT id FROM channel WHERE keyset = ?1 AND name = ?2)";
const DELETED_KEYS = `FROM message WHERE ${OF_CHANNEL} AND timetoken BETWEEN ?3 AND ?4 ORDER BY timetoken LIMIT ?5`;
const EXPIRED_KEYS = "FROM message WHERE expires_at <= ?1 ORDER BY expires_at, channel_id, timetoken LIMIT ?2";

/** Deletes the oldest messages of a range; the last statement's count of changes says how many. */
export function deletionOf({ keyset, channel, from, through }: MessageRange): SqlWrite {
  const values = [keyset, channel, from, through, DELETED_PER_TRANSACTION_MAX];
  return {
    statements: [
      {
        sql: `DELETE FROM action WHERE ${OF_CHANNEL} AND message_timetoken BETWEEN ?3 AND
          (SELECT max(timetoken) FROM (SELECT timetoken ${DELETED_KEYS}))`,
        values,
      },
      { sql: `DELETE FROM body WHERE id IN (SELECT body_id ${DELETED_KEYS})`, values },
      {
        sql: `DELETE FROM message WHERE ${OF_CHANNEL} AND timetoken BETWEEN ?3 AND
          (SELECT max(timetoken) FROM (SELECT timetoken ${DELETED_KEYS}))`,
        values,
      },
    ],
  };
}

/** Forgets the oldest ids of messages up to an instant, at most {@link EXPIRED_PER_TRANSACTION_MAX}. */
export function expiryOfIds(through: Timetoken): SqlStatement {
  return {
    sql: `DELETE FROM publish_id WHERE (channel_id, id) IN
      (SELECT channel_id, id FROM publish_id WHERE timetoken <= ?1 ORDER BY timetoken LIMIT ?2)`,
    values: [through, EXPIRED_PER_TRANSACTION_MAX],
  };
}

/** Deletes the messages that expired first; the last statement's count of changes says how many. */
export function expiryOfAll(now: Timetoken): SqlWrite {
  const values = [now, EXPIRED_PER_TRANSACTION_MAX];
  return {
    statements: [
      {
        sql: `DELETE FROM action WHERE (channel_id, message_timetoken) IN (SELECT channel_id, timetoken ${EXPIRED_KEYS})`,
        values,
      },
      { sql: `DELETE FROM body WHERE id IN (SELECT body_id ${EXPIRED_KEYS})`, values },
      {
        sql: `DELETE FROM message WHERE (channel_id, timetoken) IN (SELECT channel_id, timetoken ${EXPIRED_KEYS})`,
        values,
      },
    ],
  };
}
