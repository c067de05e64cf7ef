/**
 * Reads a configuration: one table of properties, every value checked once, every refusal a sentence.
 *
 * To extend it: a row here, a property with its doc in both vocabularies, a member of `Configuration`, and the feature.
 * Values are not echoed, since people paste keys into the wrong property. Rules: spec/SDK.md SDK1-SDK3.
 *
 * @module
 */
import { WITHOUT_EFFECT } from "./without-effect.ts";
import { LIMITS, hasControlCharacter, parseFilter } from "@longwave/protocol";
import { readAccess } from "./access/settings.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { type Configuration, PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { readFileSettings } from "./files/settings.ts";
import {
  PRESENCE_SECONDS,
  readHeartbeatIntervalMs,
  readHeartbeatOptions,
  readPresenceTimeout,
} from "./presence/settings.ts";
import { RETRY_DEFAULTS, readReconnectPolicy, readRetryConfiguration } from "./retry/settings.ts";
import { type Setting, invalid, readSeconds, readWord } from "./setting.ts";

type Vocabulary = "classic" | "plain";
type Value = string | boolean | number | object;

/** A row of the table. */
export interface Property {
  /** Its names, the preferred one first: in a {@link PNConfiguration}, and in a plain object. None where it is not there. */
  readonly names: Readonly<Record<Vocabulary, readonly string[]>>;
  readonly type: "string" | "boolean" | "number" | "object";
  /** What holds where it is not given. */
  readonly defaults?: Readonly<Partial<Record<Vocabulary, Value>>>;
}

const named = (name: string): Property["names"] => ({ classic: [name], plain: [name] });
const classicOnly = (name: string): Property["names"] => ({ classic: [name], plain: [] });
const plainOnly = (name: string): Property["names"] => ({ classic: [], plain: [name] });
const always = (value: Value): NonNullable<Property["defaults"]> => ({ classic: value, plain: value });

/** Every property: its names and its defaults in both vocabularies. */
export const PROPERTIES = Object.freeze({
  subscribeKey: { names: named("subscribeKey"), type: "string" },
  publishKey: { names: named("publishKey"), type: "string" },
  secretKey: { names: named("secretKey"), type: "string" },
  authKey: { names: named("authKey"), type: "string" },
  disableTokenManager: { names: named("disableTokenManager"), type: "boolean", defaults: always(false) },
  allowPlainCredentials: { names: named("allowPlainCredentials"), type: "boolean", defaults: always(false) },
  uuid: { names: { classic: ["uuid"], plain: ["userId", "uuid"] }, type: "string" },
  origin: { names: named("origin"), type: "string", defaults: always("ps.pndsn.com") },
  ssl: { names: named("ssl"), type: "boolean", defaults: { classic: false, plain: true } },
  subscribeTimeout: { names: named("subscribeRequestTimeout"), type: "number", defaults: always(310) },
  requestTimeout: {
    names: { classic: ["nonSubscribeRequestTimeout", "nonSubscribeTimeout"], plain: ["transactionalRequestTimeout"] },
    type: "number",
    defaults: { classic: 10, plain: 15 },
  },
  fileTimeout: { names: named("fileRequestTimeout"), type: "number", defaults: always(300) },
  announcementRepeats: { names: named("fileUploadPublishRetryLimit"), type: "number", defaults: always(5) },
  connectTimeout: { names: named("connectTimeout"), type: "number", defaults: { classic: 5 } },
  reconnectPolicy: { names: classicOnly("reconnectPolicy"), type: "string", defaults: always("NONE") },
  retriesMax: { names: classicOnly("maximumReconnectionRetries"), type: "number", defaults: always(-1) },
  retryInterval: { names: classicOnly("reconnectionInterval"), type: "number", defaults: always(2) },
  retryIntervalMax: { names: classicOnly("maximumReconnectionInterval"), type: "number", defaults: always(150) },
  retryConfiguration: { names: plainOnly("retryConfiguration"), type: "object", defaults: always(RETRY_DEFAULTS) },
  presenceTimeout: { names: named("presenceTimeout"), type: "number", defaults: always(PRESENCE_SECONDS) },
  heartbeatInterval: { names: named("heartbeatInterval"), type: "number", defaults: always(0) },
  heartbeatOptions: {
    names: classicOnly("heartbeatNotificationOptions"),
    type: "string",
    defaults: always("FAILURES"),
  },
  announcesSuccess: { names: plainOnly("announceSuccessfulHeartbeats"), type: "boolean", defaults: always(false) },
  announcesFailure: { names: plainOnly("announceFailedHeartbeats"), type: "boolean", defaults: always(true) },
  suppressLeave: { names: named("suppressLeaveEvents"), type: "boolean", defaults: always(false) },
  keepStates: { names: named("maintainPresenceState"), type: "boolean", defaults: always(true) },
  transport: { names: named("transport"), type: "string", defaults: always("auto") },
  statusVocabulary: { names: named("statusVocabulary"), type: "string", defaults: always("classic") },
  filterExpression: { names: named("filterExpression"), type: "string" },
  cipherKey: { names: named("cipherKey"), type: "string" },
  cryptoModule: { names: named("cryptoModule"), type: "object" },
  randomIvs: {
    names: {
      classic: ["useRandomInitializationVector"],
      plain: ["useRandomIVs", "useRandomInitializationVector"],
    },
    type: "boolean",
    defaults: always(true),
  },
  enableSubscribe: { names: named("enableSubscribe"), type: "boolean", defaults: always(true) },
} satisfies Record<string, Property>);

type PropertyName = keyof typeof PROPERTIES;

/** Reads a property. */
type Read = (name: PropertyName) => Setting;

/**
 * Checks what an application gave.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 * @see spec/SDK.md SDK2
 */
export function readConfiguration(given: PNConfiguration | PubNubOptions): Configuration {
  const vocabulary: Vocabulary = given instanceof PNConfiguration ? "classic" : "plain";
  const values = new Map(Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null));
  refuseUnknown(values, vocabulary);
  const read: Read = (name) => readSetting(PROPERTIES[name], values, vocabulary);
  const origin = readOrigin(read("origin"), read("ssl"));
  return {
    subscribeKey: readKey(read("subscribeKey")),
    publishKey: read("publishKey").isGiven ? readKey(read("publishKey")) : undefined,
    uuid: readUuid(read("uuid")),
    origin,
    ...readAccess(
      {
        publishKey: read("publishKey"),
        secretKey: read("secretKey"),
        authKey: read("authKey"),
        disableTokenManager: read("disableTokenManager"),
        allowPlainCredentials: read("allowPlainCredentials"),
      },
      origin,
    ),
    filterExpression: readFilter(read("filterExpression")),
    cryptoModule: readCryptoModule(read),
    maySubscribe: read("enableSubscribe").value === true,
    subscribeTimeoutMs: readSeconds(read("subscribeTimeout")),
    requestTimeoutMs: readSeconds(read("requestTimeout")),
    ...readFileSettings(read("fileTimeout"), read("announcementRepeats")),
    connectTimeoutMs: read("connectTimeout").value === undefined ? undefined : readSeconds(read("connectTimeout")),
    ...readPresence(read, vocabulary),
    retryPolicy:
      vocabulary === "classic"
        ? readReconnectPolicy({
            policy: read("reconnectPolicy"),
            retriesMax: read("retriesMax"),
            interval: read("retryInterval"),
            intervalMax: read("retryIntervalMax"),
          })
        : readRetryConfiguration(read("retryConfiguration")),
    transport: readWord(read("transport"), ["auto", "websocket", "long-poll"]),
    statusVocabulary: readWord(read("statusVocabulary"), ["classic", "engine"]),
  };
}

function readPresence(
  read: Read,
  vocabulary: Vocabulary,
): Pick<
  Configuration,
  | "presenceTimeoutSeconds"
  | "presenceTimeoutParameter"
  | "heartbeatIntervalMs"
  | "heartbeatNotices"
  | "suppressesLeave"
  | "keepsStates"
> {
  const isClassic = vocabulary === "classic";
  const given = readPresenceTimeout(read("presenceTimeout"));
  return {
    presenceTimeoutSeconds: given ?? PRESENCE_SECONDS,
    presenceTimeoutParameter: given,
    heartbeatIntervalMs: readHeartbeatIntervalMs(read("heartbeatInterval"), given, isClassic),
    heartbeatNotices: isClassic
      ? readHeartbeatOptions(read("heartbeatOptions"))
      : { success: read("announcesSuccess").value === true, failure: read("announcesFailure").value === true },
    suppressesLeave: read("suppressLeave").value === true,
    keepsStates: read("keepStates").value === true,
  };
}

function refuseUnknown(values: ReadonlyMap<string, unknown>, vocabulary: Vocabulary): void {
  const known = Object.values<Property>(PROPERTIES).flatMap(({ names }) => names[vocabulary]);
  for (const name of values.keys()) {
    if (known.includes(name) || isWithoutEffect(name)) continue;
    throw invalid(`${name} is no property that this version knows; take it out, or use one of ${known.join(", ")}`);
  }
}

const isWithoutEffect = (name: string): boolean => (WITHOUT_EFFECT as readonly string[]).includes(name);

function readSetting(row: Property, values: ReadonlyMap<string, unknown>, vocabulary: Vocabulary): Setting {
  const names = row.names[vocabulary];
  const [name, other] = names.filter((candidate) => values.has(candidate));
  if (name === undefined) return { name: names[0] ?? "", value: row.defaults?.[vocabulary], isGiven: false };
  if (other !== undefined) throw invalid(`${name} and ${other} are both given and mean the same; give one of them`);
  const value = values.get(name);
  if (typeof value === row.type) return { name, value, isGiven: true };
  throw invalid(`${name} must be of the type ${row.type}, but it is of the type ${typeof value}`);
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

function readCryptoModule(read: Read): CryptoModule | undefined {
  const [cipherKey, randomIvs] = [read("cipherKey"), read("randomIvs")];
  const { name, value, isGiven } = read("cryptoModule");
  if (value instanceof CryptoModule) return value;
  if (isGiven) throw invalid(`${name} is no crypto module; make one with CryptoModule`);
  if (!cipherKey.isGiven) return undefined;
  if (cipherKey.value === "") throw invalid(`${cipherKey.name} is empty; give a key, or leave it out`);
  return CryptoModule.legacyCryptoModule({
    cipherKey: String(cipherKey.value),
    useRandomIVs: randomIvs.value === true,
  });
}

function readFilter({ name, value }: Setting): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (!value.isWellFormed()) throw invalid(`${name} holds half of a character; leave it out`);
  const outcome = parseFilter(value);
  if (outcome.kind === "malformed") {
    throw invalid(`${name} is malformed at character ${outcome.at}: ${outcome.reason}`);
  }
  return value;
}
