/**
 * Reads a subscribe answer without touching its payloads.
 *
 * The SDK parses payloads, which an application wants; this command hands on what was published, byte for byte. Pure.
 * Rules: spec/CLI.md CLI12, CLI13.
 *
 * @module
 */
import { type EventKind, classifyEnvelope, elementsOf, membersOf } from "@longwave/protocol";

/** One delivered item. Members named `…Json` are JSON text exactly as it was published. */
export interface Delivery {
  readonly kind: EventKind;
  readonly channel: string;
  readonly timetoken: string;
  readonly payloadJson: string;
  readonly publisher: string | undefined;
  readonly metaJson: string | undefined;
  readonly customMessageType: string | undefined;
  /** The requested name that matched, where the answer says it. */
  readonly subscription: string | undefined;
  /** The message's actions, where history was asked for them: type to value to list of author and timetoken. */
  readonly actionsJson?: string | undefined;
}

/** A subscribe answer. */
export interface SubscribeAnswer {
  readonly timetoken: string;
  readonly region: string;
  /** In the order of the answer; kinds of events that this version does not know are left out. */
  readonly deliveries: readonly Delivery[];
}

/**
 * Reads a subscribe answer.
 *
 * @param text the body of an answer with status 200, from any server of this protocol.
 * @returns nothing when the text is no subscribe answer.
 */
export function readSubscribeAnswer(text: string): SubscribeAnswer | undefined {
  if (!isObject(text)) return undefined;
  const answer = membersOf(text);
  const cursor = cursorOf(answer.get("t"));
  const items = answer.get("m");
  if (cursor === undefined || !items?.startsWith("[")) return undefined;
  const deliveries = elementsOf(items).map(readDelivery);
  return { ...cursor, deliveries: deliveries.filter((delivery) => delivery !== undefined) };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function cursorOf(raw: string | undefined): { timetoken: string; region: string } | undefined {
  if (!raw?.startsWith("{")) return undefined;
  const cursor = membersOf(raw);
  const timetoken = textOf(cursor.get("t"));
  const region = cursor.get("r") ?? "";
  return timetoken !== undefined && /^\d{1,3}$/.test(region) ? { timetoken, region } : undefined;
}

function readDelivery(raw: string): Delivery | undefined {
  if (!raw.startsWith("{")) return undefined;
  const envelope = membersOf(raw);
  const [channel, payloadJson] = [textOf(envelope.get("c")), envelope.get("d")];
  const published = cursorOf(envelope.get("p"));
  if (channel === undefined || payloadJson === undefined || published === undefined) return undefined;
  const eventType = envelope.get("e");
  const kind = classifyEnvelope({ c: channel, ...(eventType === undefined ? {} : { e: Number(eventType) }) });
  if (kind === undefined) return undefined;
  return {
    kind,
    channel,
    timetoken: published.timetoken,
    payloadJson,
    publisher: textOf(envelope.get("i")),
    metaJson: envelope.get("u"),
    customMessageType: textOf(envelope.get("cmt")),
    subscription: textOf(envelope.get("b")),
  };
}

function textOf(raw: string | undefined): string | undefined {
  return raw?.startsWith('"') ? String(JSON.parse(raw)) : undefined;
}

/**
 * Prints a delivery as one line of JSON, for people and for `jq`.
 *
 * @returns a line without its line break. Members that do not apply are left out.
 * @example
 * ```ts
 * // {"channel":"hello","timetoken":"17326051234567890","kind":"message","message":"hi"}
 * ```
 */
export function printDelivery(delivery: Delivery): string {
  const { kind, channel, timetoken, payloadJson, publisher, metaJson, customMessageType, subscription } = delivery;
  const { actionsJson } = delivery;
  let text = `{"channel":${JSON.stringify(channel)},"timetoken":"${timetoken}","kind":"${kind}"`;
  if (publisher !== undefined) text += `,"publisher":${JSON.stringify(publisher)}`;
  if (subscription !== undefined) text += `,"subscription":${JSON.stringify(subscription)}`;
  if (customMessageType !== undefined) text += `,"customMessageType":${JSON.stringify(customMessageType)}`;
  text += `,"message":${payloadJson}`;
  if (metaJson !== undefined) text += `,"meta":${metaJson}`;
  if (actionsJson !== undefined) text += `,"actions":${actionsJson}`;
  return `${text}}`;
}
