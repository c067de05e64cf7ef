/**
 * Reports to a publisher who wants to know what becomes of notifications: unstored messages on `CHANNEL-pndebug`.
 *
 * Whoever knows a device's token may remove it, so a report shows its last characters only. Pure.
 * Rules: spec/PUSH.md PSH46, PSH47.
 *
 * @module
 */
import { LIMITS, printTimetoken } from "@longwave/protocol";
import type { PushNotice, SendOutcome } from "../ports/push-gateway.ts";
import type { MessageDraft } from "../ports/message.ts";
import type { PushMessage } from "../ports/push-queue.ts";

/** The ending of the channel that reports are published on. */
const DEBUG_SUFFIX = "-pndebug";
const TOKEN_CHARACTERS = 8;

/** What came of a page of devices. */
export interface Sent {
  readonly token: string;
  readonly outcome: SendOutcome;
}

/** Tells what is wrong with what was asked for, or why nothing of it is sent. */
export function problemsReport(message: Omit<PushMessage, "expiresMs">, problems: readonly string[]): MessageDraft {
  return draftOf(message.channel, { timetoken: printTimetoken(message.timetoken), problems });
}

/** Tells what came of sending to some devices. */
export function sentReport(
  message: Omit<PushMessage, "expiresMs">,
  { app }: PushNotice,
  all: readonly Sent[],
): MessageDraft {
  const count = (kind: SendOutcome["kind"]): number => all.filter(({ outcome }) => outcome.kind === kind).length;
  const told = all.flatMap(({ token, outcome }) =>
    outcome.kind === "sent" ? [] : [{ device: endOf(token), outcome: WORDS[outcome.kind], reason: outcome.reason }],
  );
  return draftOf(message.channel, {
    timetoken: printTimetoken(message.timetoken),
    ...app,
    sent: count("sent"),
    removed: count("gone"),
    refused: count("refused") + count("unsendable"),
    retried: count("later"),
    devices: told.slice(0, LIMITS.pushReportEntriesMax),
  });
}

const WORDS = { gone: "removed", refused: "refused", unsendable: "refused", later: "retried" } as const;

function endOf(token: string): string {
  return token.length > TOKEN_CHARACTERS ? `…${token.slice(-TOKEN_CHARACTERS)}` : "…";
}

function draftOf(channel: string, report: object): MessageDraft {
  return {
    channel: channel + DEBUG_SUFFIX,
    payload: JSON.stringify(report),
    eventType: undefined,
    publisher: undefined,
    sequence: undefined,
    meta: undefined,
    customMessageType: undefined,
    origination: undefined,
    stored: false,
    ttlHours: undefined,
  };
}
