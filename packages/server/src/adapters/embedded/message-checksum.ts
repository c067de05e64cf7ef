/**
 * What tells a stored row that is as it was written from one that the disk has changed.
 *
 * SQLite notices damage to the shape of its pages and not to what stands in them. Not against people: whoever may write
 * the file may write the checksum. Rule: spec/STORE.md STO20.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { Action, ActionChannel } from "../../ports/action-store.ts";
import type { Message } from "../../ports/message.ts";

/**
 * The checksum of a stored message: of all that it says, when it expires, and the channel and instant it belongs to.
 *
 * @param expiresAt as it is stored, since hours of a ttl are rounded on their way back.
 * @returns CRC-32, which no single flipped bit and no run of up to 32 leaves the same.
 */
export function messageChecksum(message: Message, expiresAt: Timetoken | undefined): number {
  const { keyset, channel, timetoken, payload, eventType, publisher, sequence, meta } = message;
  const { customMessageType, origination } = message;
  // No member holds a line feed: they are names, compact JSON and numbers. So nothing can move from one to the next.
  return Bun.hash.crc32(
    `${keyset}\n${channel}\n${timetoken}\n${expiresAt ?? ""}\n${payload}\n${eventType ?? ""}\n${publisher ?? ""}\n` +
      `${sequence ?? ""}\n${meta ?? ""}\n${customMessageType ?? ""}\n${origination ?? ""}`,
  );
}

/** The checksum of a message action, in the same manner. */
export function actionChecksum({ keyset, channel }: ActionChannel, action: Action): number {
  const { messageTimetoken, timetoken, uuid, type, value } = action;
  return Bun.hash.crc32(`${keyset}\n${channel}\n${messageTimetoken}\n${timetoken}\n${uuid}\n${type}\n${value}`);
}
