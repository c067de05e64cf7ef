/**
 * Reads requests about message actions: every reason to refuse one, before anything is touched.
 *
 * Rules: spec/ACTIONS.md ACT1, ACT2, ACT5, ACT6, ACT14.
 *
 * @module
 */
import {
  type FieldError,
  LIMITS,
  NetworkError,
  type Timetoken,
  hasControlCharacter,
  parseChannel,
  utf8Bytes,
} from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { AddCommand, GetCommand } from "../actions/actions.ts";
import type { RemoveRequest } from "../ports/action-store.ts";
import { readBodyText } from "./body.ts";
import { type Exchange, param } from "./exchange.ts";
import { isUuid } from "./publish-request.ts";
import { type Query, decodeSegment } from "./target.ts";

/**
 * Checks a request to attach something to a message.
 *
 * @throws {NetworkError} the first refusal, in the order: key, path, author, body.
 */
export async function readActionAdd(exchange: Exchange): Promise<AddCommand> {
  const place = readPlace(exchange);
  const messageTimetoken = readPathTimetoken(exchange, "message", "messageTimetoken");
  const uuid = readAuthor(exchange.target.query);
  const { type, value } = readBody(await readText(exchange));
  return { ...place, draft: { messageTimetoken, type, value, uuid } };
}

/**
 * Checks a request to take something away.
 *
 * @throws {NetworkError} the first refusal, in the order: key, path, author.
 */
export function readActionRemove(exchange: Exchange): RemoveRequest {
  return {
    ...readPlace(exchange),
    messageTimetoken: readPathTimetoken(exchange, "message", "messageTimetoken"),
    actionTimetoken: readPathTimetoken(exchange, "action", "actionTimetoken"),
    uuid: readAuthor(exchange.target.query),
  };
}

/**
 * Checks a request for a page.
 *
 * @throws {NetworkError} the first refusal, in the order: key, path, start, end, limit.
 */
export function readActionsGet(exchange: Exchange): GetCommand {
  const { query } = exchange.target;
  return {
    ...readPlace(exchange),
    start: readQueryTimetoken(query, "start"),
    end: readQueryTimetoken(query, "end"),
    actionsMax: readLimit(query.get("limit")),
  };
}

function readPlace(exchange: Exchange): { readonly keyset: string; readonly channel: string } {
  const keyset = keysetOf(exchange).subscribeKey;
  return { keyset, channel: readChannel(decodeSegment(param(exchange, "channel"))) };
}

function keysetOf({ keyset }: Exchange): Keyset {
  if (!keyset) throw new NetworkError("actionKeyInvalid");
  return keyset;
}

// What a channel is called is refused in this service's own form.
function readChannel(name: string): string {
  try {
    return parseChannel(name);
  } catch {
    throw invalid("channel", "path");
  }
}

const TIMETOKEN = /^\d{1,17}$/;

function readPathTimetoken(exchange: Exchange, place: string, location: string): Timetoken {
  const text = decodeSegment(param(exchange, place));
  if (!TIMETOKEN.test(text)) throw invalid(location, "path");
  return BigInt(text);
}

function readQueryTimetoken(query: Query, name: string): Timetoken | undefined {
  const text = query.get(name);
  if (text === undefined || text === "") return undefined;
  if (!TIMETOKEN.test(text)) throw invalid(name, "query");
  return BigInt(text);
}

function readLimit(text: string | undefined): number {
  if (text === undefined || text === "") return LIMITS.actionsPerPageMax;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw invalid("limit", "query");
  return Math.min(Number(text), LIMITS.actionsPerPageMax);
}

function readAuthor(query: Query): string {
  const uuid = query.get("uuid") ?? "";
  if (uuid === "") throw refuse([{ message: "Missing field", location: "uuid", locationType: "query" }]);
  if (!isUuid(uuid) || !uuid.isWellFormed()) throw invalid("uuid", "query");
  return uuid;
}

// The body reader's refusals are those of a publish; here they take this service's form.
async function readText(exchange: Exchange): Promise<string> {
  try {
    return await readBodyText(exchange);
  } catch (refusal) {
    if (!(refusal instanceof NetworkError) || refusal.code === "bodyTooSlow") throw refusal;
    throw refusal.code === "bodyTooLarge" ? new NetworkError("actionBodyTooLarge") : invalid("body", "body");
  }
}

function readBody(text: string): { readonly type: string; readonly value: string } {
  const body = parseObject(text);
  const checked = [checkField(body, "type", isActionType), checkField(body, "value", isActionValue)];
  const wrong = checked.filter((field) => field !== undefined);
  if (wrong.length > 0) throw refuse(wrong);
  return { type: String(body["type"]), value: String(body["value"]) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Refused below, with what is JSON but no object.
  }
  throw invalid("body", "body");
}

function checkField(
  body: Readonly<Record<string, unknown>>,
  location: string,
  isValid: (text: string) => boolean,
): FieldError | undefined {
  const text = Object.hasOwn(body, location) ? body[location] : undefined;
  if (text === undefined || text === null || text === "")
    return { message: "Missing field", location, locationType: "body" };
  if (typeof text === "string" && isValid(text)) return undefined;
  return { message: "Invalid field", location, locationType: "body" };
}

function isActionType(text: string): boolean {
  if (hasControlCharacter(text) || !text.isWellFormed()) return false;
  return Array.from(text).length <= LIMITS.actionTypeCharactersMax;
}

function isActionValue(text: string): boolean {
  return text.isWellFormed() && utf8Bytes(text, LIMITS.actionValueBytesMax) <= LIMITS.actionValueBytesMax;
}

function invalid(location: string, locationType: FieldError["locationType"]): NetworkError {
  return refuse([{ message: "Invalid field", location, locationType }]);
}

function refuse(fields: readonly FieldError[]): NetworkError {
  return new NetworkError("actionMalformed", { fields });
}
