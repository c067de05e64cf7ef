/**
 * One message of an export: a line of JSON, with payload and meta byte for byte as they were published.
 *
 * Members, those that do not apply left out: `channel`, `timetoken`, `publisher`, `sequence`, `type` (4 for a file),
 * `customMessageType`, `expires` (a timetoken), `message`, `meta`, `origination`, `actions` (a list of `timetoken`, `type`,
 * `value`, `uuid`). Pure. Rules: spec/OPERATIONS.md OPS26-OPS28.
 *
 * @module
 */
import {
  EVENT_TYPES,
  type EventType,
  type Timetoken,
  compactJson,
  elementsOf,
  hasControlCharacter,
  membersOf,
  parseChannel,
} from "@longwave/protocol";
import type { Action } from "../../../ports/action-store.ts";
import { type Message, expiryOf, ttlHoursBetween } from "../../../ports/message.ts";

/** A message with what is attached to it. */
export interface ExportedMessage {
  readonly message: Message;
  readonly actions: readonly Action[];
}

/** What a line is. */
export type ExportLine =
  | ({ readonly kind: "message" } & ExportedMessage)
  /** `why` is a clause: "it is not JSON". */
  | { readonly kind: "unusable"; readonly why: string };

/** Prints a message. @returns a line without its line break. */
export function printExportLine({ message, actions }: ExportedMessage): string {
  const { channel, timetoken, publisher, sequence, eventType, customMessageType, payload, meta, origination } = message;
  const expiresAt = expiryOf(message);
  let text = `{"channel":${JSON.stringify(channel)},"timetoken":"${timetoken}"`;
  if (publisher !== undefined) text += `,"publisher":${JSON.stringify(publisher)}`;
  if (sequence !== undefined) text += `,"sequence":${sequence}`;
  if (eventType !== undefined) text += `,"type":${eventType}`;
  if (customMessageType !== undefined) text += `,"customMessageType":${JSON.stringify(customMessageType)}`;
  if (expiresAt !== undefined) text += `,"expires":"${expiresAt}"`;
  text += `,"message":${payload}`;
  if (meta !== undefined) text += `,"meta":${meta}`;
  if (origination !== undefined) text += `,"origination":${origination}`;
  if (actions.length > 0) text += `,"actions":[${actions.map(printAction).join(",")}]`;
  return `${text}}`;
}

function printAction({ timetoken, type, value, uuid }: Action): string {
  const [typeJson, valueJson, uuidJson] = [type, value, uuid].map((text) => JSON.stringify(text));
  return `{"timetoken":"${timetoken}","type":${typeJson},"value":${valueJson},"uuid":${uuidJson}}`;
}

/**
 * Reads a line.
 *
 * @param line from a file that anybody may have written.
 * @param keyset the subscribe key of the keyset that the message is to belong to.
 */
export function parseExportLine(line: string, keyset: string): ExportLine {
  try {
    return { kind: "message", ...readLine(line, keyset) };
  } catch (refusal) {
    return { kind: "unusable", why: refusal instanceof Unusable ? refusal.message : "it is not JSON" };
  }
}

/** Why a line cannot be used: a clause. */
class Unusable extends Error {}

function readLine(line: string, keyset: string): ExportedMessage {
  const members = objectOf(line, "it is no JSON object");
  const channel = channelOf(textOf(members, "channel"));
  const timetoken = timetokenOf(members, "timetoken");
  const payload = jsonOf(members, "message");
  if (payload === undefined) throw new Unusable("it has no message");
  const message: Message = {
    keyset,
    channel,
    timetoken,
    payload,
    publisher: optionalText(members, "publisher"),
    sequence: wholeNumberOf(members, "sequence"),
    eventType: eventTypeOf(members),
    customMessageType: optionalText(members, "customMessageType"),
    meta: jsonOf(members, "meta"),
    origination: jsonOf(members, "origination"),
    stored: true,
    ttlHours: members.has("expires") ? ttlHoursBetween(timetoken, expiryAfter(members, timetoken)) : undefined,
  };
  return { message, actions: actionsOf(members, timetoken) };
}

type Members = ReadonlyMap<string, string>;

function objectOf(text: string, why: string): Members {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unusable(why);
  return membersOf(text);
}

function channelOf(name: string): string {
  try {
    return parseChannel(name);
  } catch {
    throw new Unusable("no channel can be called what it names");
  }
}

function timetokenOf(members: Members, name: string): Timetoken {
  const text = textOf(members, name);
  if (/^\d{17}$/.test(text)) return BigInt(text);
  throw new Unusable(`its ${name} is not a string of 17 digits`);
}

function expiryAfter(members: Members, timetoken: Timetoken): Timetoken {
  const expiresAt = timetokenOf(members, "expires");
  if (expiresAt > timetoken) return expiresAt;
  throw new Unusable("it expires before it was published");
}

function textOf(members: Members, name: string): string {
  const value: unknown = JSON.parse(members.get(name) ?? "null");
  if (typeof value !== "string" || value === "") throw new Unusable(`it has no ${name}`);
  return value;
}

// Stored texts hold no control character, which is what their checksum is built on.
function optionalText(members: Members, name: string): string | undefined {
  if (!members.has(name)) return undefined;
  const text = textOf(members, name);
  if (hasControlCharacter(text)) throw new Unusable(`its ${name} has a control character`);
  return text;
}

function wholeNumberOf(members: Members, name: string): number | undefined {
  const raw = members.get(name);
  if (raw === undefined) return undefined;
  const number = Number(raw);
  if (Number.isSafeInteger(number)) return number;
  throw new Unusable(`its ${name} is not a whole number`);
}

function eventTypeOf(members: Members): EventType | undefined {
  const number = wholeNumberOf(members, "type");
  if (number === undefined || number === 0) return undefined;
  if (number === EVENT_TYPES.file) return number;
  throw new Unusable("its type is not one that history keeps");
}

function jsonOf(members: Members, name: string): string | undefined {
  const raw = members.get(name);
  if (raw === undefined) return undefined;
  const compact = compactJson(raw);
  if (compact !== undefined) return compact;
  throw new Unusable(`its ${name} is nested too deeply or is not Unicode`);
}

function actionsOf(members: Members, messageTimetoken: Timetoken): readonly Action[] {
  const raw = members.get("actions") ?? "[]";
  if (!raw.startsWith("[")) throw new Unusable("its actions are no list");
  return elementsOf(raw).map((element) => {
    const action = objectOf(element, "one of its actions is no JSON object");
    const [type, value, uuid] = [textOf(action, "type"), textOf(action, "value"), textOf(action, "uuid")];
    return { messageTimetoken, timetoken: timetokenOf(action, "timetoken"), type, value, uuid };
  });
}
