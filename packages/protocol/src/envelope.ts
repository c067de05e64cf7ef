/**
 * The envelope: one delivered item of a subscribe answer, written once and read by every client.
 *
 * Members that do not apply are left out, never null; `e` is absent for ordinary messages (rule WIRE1). Pure.
 * Rules: spec/PROTOCOL.md ENV1-ENV6.
 *
 * @module
 */
import { isPresenceName } from "./channel-name.ts";
import { REGION, type Timetoken, printTimetoken } from "./timetoken.ts";

/** The values of an envelope's `e`. An ordinary message and a presence event have none. */
export const EVENT_TYPES = Object.freeze({ signal: 1, object: 2, messageAction: 3, file: 4 });

/** A value of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];

/** What kind of event an envelope carries. */
export type EventKind = "message" | "signal" | "object" | "messageAction" | "file" | "presence";

/** What an envelope is written from. Texts are JSON already; strings are plain. */
export interface EnvelopeDraft {
  readonly channel: string;
  /** The payload: compact JSON text, carried byte for byte into `d`. */
  readonly payload: string;
  readonly eventType?: EventType | undefined;
  /** The publisher's uuid, `i`. */
  readonly publisher?: string | undefined;
  /** The publisher's sequence number, `s`. */
  readonly sequence?: number | undefined;
  /** Compact JSON text, `u`. */
  readonly meta?: string | undefined;
  /** The custom message type, `cmt`. */
  readonly customMessageType?: string | undefined;
  /** The origination cursor, compact JSON text of `{"t":…}`, `o`. */
  readonly origination?: string | undefined;
}

/** An envelope as a client reads it. */
export interface Envelope {
  readonly a: string;
  readonly f: number;
  readonly e?: number;
  readonly i?: string;
  readonly s?: number;
  readonly p: WireCursor;
  readonly o?: Partial<WireCursor>;
  readonly k: string;
  readonly c: string;
  readonly d: unknown;
  readonly b?: string;
  readonly u?: unknown;
  readonly cmt?: string;
}

/** A cursor on the wire: the timetoken as a string, the region as a small integer. */
export interface WireCursor {
  readonly t: string;
  readonly r: number;
}

/** A subscribe answer as a client reads it. */
export interface SubscribeAnswer {
  readonly t: WireCursor;
  readonly m: readonly Envelope[];
}

/**
 * Writes an envelope up to, and without, its closing part.
 *
 * @param subscribeKey the keyset's subscribe key.
 * @param timetoken when the message was accepted.
 * @param draft what is delivered.
 * @returns JSON text that {@link closeEnvelope} completes; the same for every subscriber, so it is written once.
 * @see spec/PROTOCOL.md ENV1
 */
export function openEnvelope(subscribeKey: string, timetoken: Timetoken, draft: EnvelopeDraft): string {
  let text = '{"a":"1","f":0,';
  if (draft.eventType !== undefined) text += `"e":${draft.eventType},`;
  if (draft.publisher !== undefined) text += `"i":${JSON.stringify(draft.publisher)},`;
  if (draft.sequence !== undefined) text += `"s":${draft.sequence},`;
  text += `"p":${printCursor(timetoken)},`;
  if (draft.origination !== undefined) text += `"o":${draft.origination},`;
  text += `"k":${JSON.stringify(subscribeKey)},"c":${JSON.stringify(draft.channel)},"d":${draft.payload}`;
  if (draft.meta !== undefined) text += `,"u":${draft.meta}`;
  if (draft.customMessageType !== undefined) text += `,"cmt":${JSON.stringify(draft.customMessageType)}`;
  return text;
}

/**
 * Completes an envelope for subscribers that asked for the channel by one name.
 *
 * @param opened what {@link openEnvelope} wrote.
 * @param matched the requested name that matched, `b`; nothing where a single plain name was asked for.
 * @see spec/PROTOCOL.md ENV3
 */
export function closeEnvelope(opened: string, matched: string | undefined): string {
  return matched === undefined ? `${opened}}` : `${opened},"b":${JSON.stringify(matched)}}`;
}

/** Writes a cursor: `{"t":"17326051234567890","r":12}`. */
export function printCursor(timetoken: Timetoken): string {
  return `{"t":"${printTimetoken(timetoken)}","r":${REGION}}`;
}

/**
 * Writes a subscribe answer.
 *
 * @param timetoken the next cursor: that of the last envelope, or the request's own when there is none.
 * @param envelopes completed envelopes in timetoken order.
 * @returns compact JSON text, `t` before `m`, nothing behind the closing brace (rules WIRE5, WIRE10).
 * @see spec/PROTOCOL.md ENV5
 */
export function printSubscribeAnswer(timetoken: Timetoken, envelopes: readonly string[]): string {
  return `{"t":${printCursor(timetoken)},"m":[${envelopes.join(",")}]}`;
}

const KIND_BY_EVENT_TYPE: Readonly<Record<number, EventKind>> = Object.freeze({
  1: "signal",
  2: "object",
  3: "messageAction",
  4: "file",
});

/**
 * Says what kind of event an envelope carries.
 *
 * @param envelope as it came from any server of this protocol.
 * @returns the kind, or nothing for an event type that this version does not know and must ignore.
 * @see spec/PROTOCOL.md ENV6
 * @example
 * ```ts
 * classifyEnvelope({ e: 1, c: "room" }); // "signal"
 * ```
 */
export function classifyEnvelope(envelope: Pick<Envelope, "e" | "c">): EventKind | undefined {
  const type = envelope.e ?? 0;
  if (type !== 0) return KIND_BY_EVENT_TYPE[type];
  return isPresenceName(envelope.c) ? "presence" : "message";
}
