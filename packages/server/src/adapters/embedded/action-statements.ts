/**
 * The statements by which the embedded store changes actions.
 *
 * Each says its own conditions, so that the test and the change are one step however many of them wait. None fails but for
 * the disk. Rules: spec/ACTIONS.md ACT3, ACT5, ACT8, ACT12.
 *
 * @module
 */
import { LIMITS, type Timetoken } from "@longwave/protocol";
import type { Action, ActionChannel, ActionDraft, RemoveRequest } from "../../ports/action-store.ts";
import { actionChecksum } from "./message-checksum.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

const CHANNEL_ID = "(SELECT id FROM channel WHERE keyset = ?1 AND name = ?2)";

/** Rows that statements of {@link addition} changed, by what they say. */
export interface AdditionChanges {
  readonly duplicates: number;
  readonly added: number;
}

/** Adds an action where there is no equal one and its message has room. */
export function addition({ keyset, channel }: ActionChannel, action: Action): readonly SqlStatement[] {
  const place = [keyset, channel] as const;
  const { messageTimetoken, uuid, type, value, timetoken } = action;
  const key = [messageTimetoken, uuid, type, value] as const;
  const bytes = bytesOf(action);
  const checksum = actionChecksum({ keyset, channel }, action);
  const { actionsPerMessageMax, actionBytesPerMessageMax } = LIMITS;
  return [
    {
      sql: "INSERT INTO channel (keyset, name) VALUES (?1, ?2) ON CONFLICT (keyset, name) DO NOTHING",
      values: place,
    },
    // Changes nothing; whether it finds a row says why the next one adds none.
    {
      sql: `UPDATE action SET bytes = bytes WHERE channel_id = ${CHANNEL_ID}
        AND message_timetoken = ?3 AND uuid = ?4 AND type = ?5 AND value = ?6`,
      values: [...place, ...key],
    },
    {
      sql: `INSERT INTO action (channel_id, message_timetoken, uuid, type, value, timetoken, bytes, checksum)
        SELECT c.id, ?3, ?4, ?5, ?6, ?7, ?8, ?11 FROM channel c WHERE c.keyset = ?1 AND c.name = ?2
        AND NOT EXISTS (SELECT 1 FROM action a WHERE a.channel_id = c.id
          AND a.message_timetoken = ?3 AND a.uuid = ?4 AND a.type = ?5 AND a.value = ?6)
        AND NOT EXISTS (SELECT 1 FROM action_tally t WHERE t.channel_id = c.id
          AND t.message_timetoken = ?3 AND (t.actions >= ?9 OR t.bytes + ?8 > ?10))`,
      values: [...place, ...key, timetoken, bytes, actionsPerMessageMax, actionBytesPerMessageMax, checksum],
    },
    {
      sql: `INSERT INTO action_clock (keyset, last_timetoken) VALUES (?1, ?2)
        ON CONFLICT (keyset) DO UPDATE SET last_timetoken = excluded.last_timetoken`,
      values: [keyset, timetoken],
    },
  ];
}

/** What the statements of {@link addition} did. @param changes one number a statement. */
export function readAddition(changes: readonly number[]): AdditionChanges {
  const [, duplicates = 0, added = 0] = changes;
  return { duplicates, added };
}

/** Removes an action if its author asks. */
export function removal({
  keyset,
  channel,
  messageTimetoken,
  actionTimetoken,
  uuid,
}: RemoveRequest): readonly SqlStatement[] {
  return [
    {
      sql: `DELETE FROM action WHERE channel_id = ${CHANNEL_ID}
        AND timetoken = ?3 AND message_timetoken = ?4 AND uuid = ?5`,
      values: [keyset, channel, actionTimetoken, messageTimetoken, uuid],
    },
  ];
}

/** A range of a channel's messages. */
export interface MessageRange extends ActionChannel {
  /** Inclusive. */
  readonly from: Timetoken;
  /** Inclusive. */
  readonly through: Timetoken;
}

/**
 * Removes the actions of messages that are deleted; belongs into the transaction that deletes them.
 *
 * Actions on timetokens of the range at which there never was a message go too.
 */
export function removalWithMessages({ keyset, channel, from, through }: MessageRange): SqlStatement {
  return {
    sql: `DELETE FROM action WHERE channel_id = ${CHANNEL_ID} AND message_timetoken BETWEEN ?3 AND ?4`,
    values: [keyset, channel, from, through],
  };
}

/** What an action counts towards the bounds in bytes. */
export function bytesOf({ uuid, type, value }: Pick<ActionDraft, "uuid" | "type" | "value">): number {
  return Buffer.byteLength(uuid) + Buffer.byteLength(type) + Buffer.byteLength(value);
}
