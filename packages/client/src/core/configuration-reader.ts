/**
 * Reads what every client can be configured with: one table of properties, every value checked once, every refusal a sentence.
 *
 * To extend it: a row here, a property with its doc in both vocabularies, a member of `Configuration`, and the feature.
 * Values are not echoed, since people paste keys into the wrong property. Rules: spec/SDK.md SDK1-SDK3, SDK79.
 *
 * @module
 */
import { LIMITS, hasControlCharacter } from "@longwave/protocol";
import { readAccess } from "../access/settings.ts";
import type { Configuration, CoreOptions } from "../configuration.ts";
import { PRESENCE_SECONDS, readHeartbeatIntervalMs, readPresenceTimeout } from "../presence/settings.ts";
import { readRetryConfiguration } from "../retry/settings.ts";
import { type Properties, type Read, type Setting, invalid, readSeconds, readWord, readerOf } from "../setting.ts";

/** Every property of the core, by the name that JavaScript applications use. */
export const CORE_PROPERTIES = Object.freeze({
  subscribeKey: { type: "string" },
  publishKey: { type: "string" },
  authKey: { type: "string" },
  disableTokenManager: { value: false },
  allowPlainCredentials: { value: false },
  userId: { type: "string", names: ["userId", "uuid"] },
  origin: { value: "ps.pndsn.com" },
  ssl: { value: true },
  subscribeRequestTimeout: { value: 310 },
  transactionalRequestTimeout: { value: 15 },
  connectTimeout: { type: "number" },
  retryConfiguration: { type: "object" },
  presenceTimeout: { value: PRESENCE_SECONDS },
  heartbeatInterval: { value: 0 },
  announceSuccessfulHeartbeats: { value: false },
  announceFailedHeartbeats: { value: true },
  suppressLeaveEvents: { value: false },
  maintainPresenceState: { value: true },
  transport: { value: "auto" },
  statusVocabulary: { value: "classic" },
  filterExpression: { type: "string" },
  enableSubscribe: { value: true },
} satisfies Properties);

/** Reads a property of the core. */
export type ReadCore = Read<keyof typeof CORE_PROPERTIES>;

/**
 * Checks what an application gave to a client of the core.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 * @see spec/SDK.md SDK79
 */
export function readCoreOptions(given: CoreOptions): Configuration {
  return readCore(readerOf(given, CORE_PROPERTIES, { remedy: "use the whole package for it" }));
}

/** What the core reads; what only the whole package can do is off. */
export function readCore(read: ReadCore): Configuration {
  const origin = readOrigin(read("origin"), read("ssl"));
  const [publishKey, timeout, connectTimeout] = [read("publishKey"), read("presenceTimeout"), read("connectTimeout")];
  const presenceTimeout = readPresenceTimeout(timeout);
  return {
    subscribeKey: readKey(read("subscribeKey")),
    publishKey: publishKey.isGiven ? readKey(publishKey) : undefined,
    uuid: readUuid(read("userId")),
    origin,
    ...readAccess(read, origin),
    filterExpression: readFilter(read("filterExpression")),
    maySubscribe: read("enableSubscribe").value === true,
    subscribeTimeoutMs: readSeconds(read("subscribeRequestTimeout")),
    requestTimeoutMs: readSeconds(read("transactionalRequestTimeout")),
    connectTimeoutMs: connectTimeout.value === undefined ? undefined : readSeconds(connectTimeout),
    presenceTimeoutSeconds: presenceTimeout ?? PRESENCE_SECONDS,
    presenceTimeoutParameter: presenceTimeout,
    heartbeatIntervalMs: readHeartbeatIntervalMs(read("heartbeatInterval"), presenceTimeout),
    heartbeatNotices: {
      success: read("announceSuccessfulHeartbeats").value === true,
      failure: read("announceFailedHeartbeats").value === true,
    },
    suppressesLeave: read("suppressLeaveEvents").value === true,
    keepsStates: read("maintainPresenceState").value === true,
    retryPolicy: readRetryConfiguration(read("retryConfiguration")),
    transport: readWord(read("transport"), ["auto", "websocket", "long-poll"]),
    statusVocabulary: readWord(read("statusVocabulary"), ["classic", "engine"]),
    secretKey: undefined,
    cryptoModule: undefined,
    fileTimeoutMs: 0,
    announcementRepeatsMax: 0,
  };
}

// A segment of dots would be resolved away by the address, and half a character cannot be written into one.
function readKey({ name, value }: Setting): string {
  if (typeof value !== "string" || value.trim() === "") throw invalid(`${name} is missing; take it from your keyset`);
  if (/^\.{1,2}$/.test(value) || !value.isWellFormed()) {
    throw invalid(`${name} cannot be a key; take it from your keyset`);
  }
  return value;
}

function readUuid({ name, value }: Setting): string {
  if (typeof value !== "string" || value.trim() === "") {
    throw invalid(`${name} is missing; set one that is unique to the user or device and stays the same`);
  }
  const characters = Array.from(value).length;
  if (characters > LIMITS.uuidCharactersMax) {
    throw invalid(`${name} has ${characters} characters; use at most ${LIMITS.uuidCharactersMax}`);
  }
  if (!value.isWellFormed() || hasControlCharacter(value)) {
    throw invalid(`${name} holds a control character or half of a character; leave it out`);
  }
  return value;
}

// A scheme in the origin counts, since applications copy whole addresses; but it never switches off a TLS that was asked for.
function readOrigin(origin: Setting, ssl: Setting): string {
  const scheme = /^https?:\/\//i.exec(String(origin.value))?.[0];
  const address = scheme === undefined ? `${ssl.value === true ? "https" : "http"}://${origin.value}` : origin.value;
  const url = URL.canParse(String(address)) ? new URL(String(address)) : undefined;
  const rest =
    url === undefined ? "" : `${url.username}${url.password}${url.pathname.slice(1)}${url.search}${url.hash}`;
  if (url === undefined || rest !== "" || /\s/.test(String(origin.value))) {
    throw invalid(`${origin.name} is not an address; give a host, or a host and a port, without a path`);
  }
  if (url.protocol === "http:" && ssl.isGiven && ssl.value === true) {
    throw invalid(
      `${origin.name} says http:// while ${ssl.name} is true; leave the scheme out, or set ${ssl.name} to false`,
    );
  }
  return url.origin;
}

// Whether it is one, the network tells where nobody has looked before.
function readFilter({ name, value }: Setting): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (!value.isWellFormed()) throw invalid(`${name} holds half of a character; leave it out`);
  return value;
}
