/**
 * Reads a request to publish or signal: every reason to refuse it, before anything is touched.
 *
 * Rules: spec/PUBLISH.md PUB1-PUB5, PUB10-PUB15, spec/IDEMPOTENCY.md.
 *
 * @module
 */
import {
  EVENT_TYPES,
  type EventType,
  LIMITS,
  NetworkError,
  compactJson,
  hasControlCharacter,
  parseChannel,
  utf8Bytes,
  type RouteName,
  type Timetoken,
} from "@longwave/protocol";
import { type Keyset, retentionHours } from "../access/keysets.ts";
import type { PublishCommand } from "../channels/publish.ts";
import type { MessageDraft } from "../ports/message.ts";
import { parseFlag } from "./flag.ts";
import { readPublishId } from "./publish-id.ts";
import type { Parameters } from "./target.ts";

/** What publish requests have in common, whatever their form. */
export interface PublishRequest {
  readonly route: RouteName;
  readonly keyset: Keyset;
  /** As given, decoded. */
  readonly publishKey: string;
  /** As given, decoded. */
  readonly channel: string;
  readonly parameters: Parameters;
  /** The payload's text as received: JSON, hopefully. */
  readonly payload: string;
  /** Whether it is signed with the secret key. */
  readonly mayChooseInstant?: boolean;
}

/**
 * Checks a request and makes the command of it.
 *
 * @throws {NetworkError} the first refusal, in the order: key, channel, meta, payload, parameters.
 */
export function readPublishRequest(request: PublishRequest): PublishCommand {
  const { parameters, keyset } = request;
  if (request.publishKey !== keyset.publishKey) throw new NetworkError("publishKeyInvalid");
  const channel = parseChannel(request.channel);
  const isSignal = request.route === "signal";
  const isFile = request.route === "filePublish";
  if (isFile && !keyset.hasFiles) throw new NetworkError("filesOff");
  const meta = isSignal ? undefined : readMeta(parameters.get("meta"), isFile);
  const payload = readPayload(request, meta);
  const at = readInstant(request);
  const store = readStore(parameters.get("store"));
  const isFire = !isSignal && store === false && isSet(parameters.get("norep"));
  const stored = !isSignal && keyset.keepsHistory && (store ?? keyset.storesByDefault);
  if (at !== undefined && !stored) throw new NetworkError("publishOverrideRefused");
  const draft: MessageDraft = {
    channel,
    payload,
    eventType: eventTypeOf(request.route),
    publisher: readUuid(parameters.get("uuid")),
    sequence: isSignal ? undefined : readSequence(parameters.get("seqn")),
    meta,
    customMessageType: readCustomMessageType(parameters.get("custom_message_type")),
    origination: readOrigination(parameters.get("ortt")),
    stored,
    ttlHours: stored ? (readTtl(parameters.get("ttl"), store === true) ?? retentionHours(keyset)) : undefined,
  };
  return { keyset: keyset.subscribeKey, at, isFire, draft, id: readPublishId(parameters.get("lw_id"), draft) };
}

function readPayload({ route, payload }: PublishRequest, meta: string | undefined): string {
  const compact = compactJson(payload);
  if (compact === undefined) throw new NetworkError("payloadNotJson");
  if (route === "signal") {
    if (utf8Bytes(compact, LIMITS.signalBytesMax) > LIMITS.signalBytesMax) throw new NetworkError("signalTooLarge");
    return compact;
  }
  const bytesMax = route === "publishLarge" ? LIMITS.largeMessageBytesMax : LIMITS.messageBytesMax;
  const bytes = utf8Bytes(compact, bytesMax) + (meta === undefined ? 0 : utf8Bytes(meta, bytesMax));
  if (bytes > bytesMax) throw new NetworkError(route === "publishLarge" ? "bodyTooLarge" : "messageTooLarge");
  return compact;
}

function eventTypeOf(route: RouteName): EventType | undefined {
  if (route === "filePublish") return EVENT_TYPES.file;
  return route === "signal" ? EVENT_TYPES.signal : undefined;
}

// Some clients send a literal null with a file that has none.
function readMeta(text: string | undefined, isFile: boolean): string | undefined {
  if (text === undefined || text === "" || (isFile && text === "null")) return undefined;
  const meta = compactJson(text);
  if (meta === undefined) throw new NetworkError("metaNotJson");
  return meta;
}

// Only who has the secret key may write into the past (PUB13).
function readInstant({ parameters, mayChooseInstant = false }: PublishRequest): Timetoken | undefined {
  const text = parameters.get("ptto");
  if (text === undefined) return undefined;
  if (!mayChooseInstant || !/^[1-9]\d{16}$/.test(text)) throw new NetworkError("publishOverrideRefused");
  return BigInt(text);
}

function readStore(text: string | undefined): boolean | undefined {
  const flag = parseFlag(text);
  if (flag === "malformed") throw new NetworkError("storeMalformed");
  return flag;
}

function isSet(text: string | undefined): boolean {
  return text === "1" || text === "true" || text === "True";
}

// Zero with store=1 keeps for ever; any other value that is not above zero means the keyset's own (PUB12).
function readTtl(text: string | undefined, isStoreAsked: boolean): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) throw new NetworkError("ttlMalformed");
  const hours = Number(text);
  if (hours <= 0) return hours === 0 && isStoreAsked ? 0 : undefined;
  return Math.min(hours, LIMITS.ttlHoursMax);
}

function readSequence(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const sequence = Number(text);
  if (!/^\d{1,10}$/.test(text) || sequence > LIMITS.sequenceMax) throw new NetworkError("sequenceMalformed");
  return sequence;
}

const CUSTOM_MESSAGE_TYPE = new RegExp(
  `^(?!pn[_-])[A-Za-z0-9][A-Za-z0-9_-]{${LIMITS.customMessageTypeCharactersMin - 1},${LIMITS.customMessageTypeCharactersMax - 1}}$`,
);

function readCustomMessageType(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (!CUSTOM_MESSAGE_TYPE.test(text)) throw new NetworkError("customMessageTypeMalformed");
  return text;
}

const ORIGINATION = /^\{"t":(?:"(\d{1,17})"|(\d{1,17}))(?:,"r":(\d{1,3}))?\}$/;

// Some publishers send the instant of origination, as a number or a string; subscribers are given a string (ENV4).
function readOrigination(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const [, quoted, bare, region] = ORIGINATION.exec(compactJson(text) ?? "") ?? [];
  const timetoken = quoted ?? bare;
  if (timetoken === undefined) throw new NetworkError("originationMalformed");
  return region === undefined ? `{"t":"${timetoken}"}` : `{"t":"${timetoken}","r":${Number(region)}}`;
}

function readUuid(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (!isUuid(text)) throw new NetworkError("publishUuidMalformed");
  return text;
}

/** Whether a text may identify a client: 1 to 92 characters, none of them a control character. */
export function isUuid(text: string): boolean {
  if (text === "" || hasControlCharacter(text)) return false;
  return text.length <= LIMITS.uuidCharactersMax || Array.from(text).length <= LIMITS.uuidCharactersMax;
}
