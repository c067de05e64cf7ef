/**
 * A message on its way through the network: what the broker orders, the store keeps and the edge delivers.
 *
 * Plain data, so that it can be sent to another thread or process as it is.
 *
 * @module
 */
import { type EnvelopeDraft, TICKS_PER_MS, type Timetoken } from "@longwave/protocol";

/** What a publisher asked for, before it has a timetoken. */
export interface MessageDraft extends EnvelopeDraft {
  /** Whether the message store keeps it: the acknowledgement waits for the commit. */
  readonly stored: boolean;
  /** Hours to keep it, the keyset's where the publisher named none; 0 or nothing for ever. Only with `stored`. */
  readonly ttlHours: number | undefined;
}

/**
 * What makes a publish repeatable: its publisher's own name for it, unique for a while within the keyset and channel.
 *
 * Not part of the message: subscribers and history are not told.
 */
export interface PublishId {
  /** 1 to 64 characters, none of them a control character. */
  readonly id: string;
  /** Of what the message says: equal digests mean a repeat, others another message under the same id. */
  readonly digest: string;
}

/** An accepted message. */
export interface Message extends MessageDraft {
  /** The subscribe key of the keyset it belongs to. */
  readonly keyset: string;
  /** Unique and strictly increasing within the keyset. */
  readonly timetoken: Timetoken;
}

const TICKS_PER_HOUR = Number(TICKS_PER_MS) * 3_600_000;

/** When a message expires: from this instant on nobody is shown it. Nothing for one that is kept for ever. */
export function expiryOf({ stored, timetoken, ttlHours = 0 }: Message): Timetoken | undefined {
  if (!stored || ttlHours === 0) return undefined;
  return timetoken + BigInt(Math.round(ttlHours * TICKS_PER_HOUR));
}

/** The hours between an instant and an expiry, as {@link expiryOf} counts them. */
export function ttlHoursBetween(timetoken: Timetoken, expiry: Timetoken): number {
  return Number(expiry - timetoken) / TICKS_PER_HOUR;
}

/** Whether a message has expired at an instant. */
export function isExpired(message: Message, now: Timetoken): boolean {
  const expiry = expiryOf(message);
  return expiry !== undefined && expiry <= now;
}

/** Bytes that a message costs in memory, roughly: its texts and the objects around them. */
export function weightOf(message: Message): number {
  const texts =
    message.payload.length + message.channel.length + (message.meta?.length ?? 0) + (message.publisher?.length ?? 0);
  return texts + MESSAGE_OVERHEAD_BYTES;
}

const MESSAGE_OVERHEAD_BYTES = 200;
