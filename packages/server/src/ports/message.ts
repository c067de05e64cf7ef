/**
 * A message on its way through the network: what the broker orders, the store keeps and the edge delivers.
 *
 * Plain data, so that it can be sent to another thread or process as it is.
 *
 * @module
 */
import type { EnvelopeDraft, Timetoken } from "@longwave/protocol";

/** What a publisher asked for, before it has a timetoken. */
export interface MessageDraft extends EnvelopeDraft {
  /** Whether the message store keeps it: the acknowledgement waits for the commit. */
  readonly stored: boolean;
  /** Hours to keep it; 0 for ever; nothing where the keyset decides. Only with `stored`. */
  readonly ttlHours: number | undefined;
}

/** An accepted message. */
export interface Message extends MessageDraft {
  /** The subscribe key of the keyset it belongs to. */
  readonly keyset: string;
  /** Unique and strictly increasing within the keyset. */
  readonly timetoken: Timetoken;
}

/** Bytes that a message costs in memory, roughly: its texts and the objects around them. */
export function weightOf(message: Message): number {
  const texts =
    message.payload.length + message.channel.length + (message.meta?.length ?? 0) + (message.publisher?.length ?? 0);
  return texts + MESSAGE_OVERHEAD_BYTES;
}

const MESSAGE_OVERHEAD_BYTES = 200;
