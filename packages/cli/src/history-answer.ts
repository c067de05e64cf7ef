/**
 * Reads a page of history without touching its payloads. Pure.
 *
 * Rules: spec/CLI.md CLI19.
 *
 * @module
 */
import { EVENT_TYPES } from "@longwave/protocol";
import { elementsOf, membersOf } from "@longwave/protocol";
import type { Delivery } from "./subscribe-answer.ts";

/**
 * Reads the answer to a request for one channel.
 *
 * @param text the body of an answer with status 200, from any server of this protocol.
 * @param channel the channel that was asked for; the answer may spell it percent-encoded.
 * @returns its messages in timetoken order, or nothing when the text is no such answer.
 */
export function readHistoryAnswer(text: string, channel: string): readonly Delivery[] | undefined {
  if (!isObject(text)) return undefined;
  const channels = membersOf(text).get("channels");
  if (!channels?.startsWith("{")) return undefined;
  const [items = "[]"] = membersOf(channels).values();
  if (!items.startsWith("[")) return undefined;
  return elementsOf(items)
    .map((item) => readItem(item, channel))
    .filter((delivery) => delivery !== undefined);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function readItem(raw: string, channel: string): Delivery | undefined {
  if (!raw.startsWith("{")) return undefined;
  const item = membersOf(raw);
  const [timetoken, payloadJson] = [textOf(item.get("timetoken")), item.get("message")];
  if (timetoken === undefined || !/^\d{1,17}$/.test(timetoken) || payloadJson === undefined) return undefined;
  const metaJson = item.get("meta");
  return {
    kind: item.get("message_type") === String(EVENT_TYPES.file) ? "file" : "message",
    channel,
    timetoken,
    payloadJson,
    publisher: textOf(item.get("uuid")) || undefined,
    metaJson: metaJson === '""' ? undefined : metaJson, // how the network says that there is none
    customMessageType: textOf(item.get("custom_message_type")),
    subscription: undefined,
    actionsJson: item.get("actions"),
  };
}

function textOf(raw: string | undefined): string | undefined {
  return raw?.startsWith('"') ? String(JSON.parse(raw)) : undefined;
}
