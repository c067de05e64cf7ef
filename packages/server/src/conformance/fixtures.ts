/**
 * What the conformance suites share: drafts, names, and the keysets that they use.
 *
 * @module
 */
import { type SubscribeName, parseSubscribeName } from "@longwave/protocol";
import type { Message, MessageDraft } from "../ports/message.ts";

/** The keyset of most cases, and another that must not be disturbed. */
export const KEYSET = "sub-key";
export const OTHER_KEYSET = "other-key";

/** A message to append; what matters to a case is given. */
export function draft(given: Partial<MessageDraft> = {}): MessageDraft {
  return {
    channel: "room",
    payload: '"hi"',
    eventType: undefined,
    publisher: undefined,
    sequence: undefined,
    meta: undefined,
    customMessageType: undefined,
    origination: undefined,
    stored: true,
    ttlHours: undefined,
    ...given,
  };
}

/** An accepted message. */
export function message(given: Partial<Message> & Pick<Message, "timetoken">): Message {
  return { ...draft(given), keyset: KEYSET, ...given };
}

/** Reads names as a subscribe request would have them. */
export function names(...texts: readonly string[]): readonly SubscribeName[] {
  return texts.map(parseSubscribeName);
}

/** One name. */
export function name(text: string): SubscribeName {
  return parseSubscribeName(text);
}
