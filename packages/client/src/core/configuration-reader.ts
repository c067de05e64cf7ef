/**
 * Reads what every client can be configured with: one table of properties, every value checked once, every refusal a sentence.
 *
 * To extend it: a row here, a property with its doc in both vocabularies, a member of `Configuration`, and the feature.
 * Texts are not echoed, since people paste keys into the wrong property. Rules: spec/SDK.md SDK1-SDK3, SDK79.
 *
 * @module
 */
import { LIMITS, hasControlCharacter } from "@longwave/protocol";
import { readAuthKey, maySendCredentials } from "../access/settings.ts";
import { Credentials, type CredentialsOptions } from "../access/credentials.ts";
import type { Configuration, CoreOptions } from "../configuration.ts";
import { isSegment } from "../endpoints/parameters.ts";
import { PRESENCE_SECONDS, readHeartbeatInterval, readPresenceTimeout } from "../presence/settings.ts";
import { readRetryConfiguration } from "../retry/settings.ts";
import { type Properties, type Setting, flag, invalid, readAll, readSeconds, seconds, word } from "../setting.ts";
import { readOrigin } from "./origin.ts";

/** Every property of the core, by the name that JavaScript applications use. */
export const CORE_PROPERTIES = {
  subscribeKey: { type: "string", read: readKey },
  publishKey: { type: "string", read: (setting) => (setting.isGiven ? readKey(setting) : undefined) },
  authKey: { type: "string", read: readAuthKey },
  disableTokenManager: flag(false),
  allowPlainCredentials: { ...flag(false), read: (_, read) => maySendCredentials(read) },
  uuid: { type: "string", names: ["userId", "uuid"], read: readUuid },
  origin: { type: "string", value: "ps.pndsn.com", read: (_, read) => readOrigin(read) },
  ssl: flag(true),
  subscribeRequestTimeout: seconds(310),
  transactionalRequestTimeout: seconds(15),
  connectTimeout: {
    type: "number",
    read: (setting): number | undefined => (setting.value === undefined ? undefined : readSeconds(setting)),
  },
  retryConfiguration: { type: "object", read: readRetryConfiguration },
  presenceTimeout: { type: "number", value: PRESENCE_SECONDS, read: readPresenceTimeout },
  heartbeatInterval: { type: "number", value: 0, read: (setting, read) => readHeartbeatInterval(setting, read) },
  announceSuccessfulHeartbeats: flag(false),
  announceFailedHeartbeats: flag(true),
  suppressLeaveEvents: flag(false),
  maintainPresenceState: flag(true),
  transport: word("auto", "websocket", "long-poll"),
  statusVocabulary: word("classic", "engine"),
  filterExpression: { type: "string", read: readFilter },
  enableSubscribe: flag(true),
} satisfies Properties;

/**
 * Checks what an application gave to a client of the core.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 * @see spec/SDK.md SDK79
 */
export function readCoreOptions(given: CoreOptions): Configuration {
  const values = readAll(given, CORE_PROPERTIES, { remedy: "use the whole package for it" });
  return configurationOf({ ...values, fileRequestTimeout: 0, fileUploadPublishRetryLimit: 0 });
}

/** A configuration from what was read. */
export function configurationOf(values: Omit<Configuration, "credentials"> & CredentialsOptions): Configuration {
  return { ...values, credentials: new Credentials(values) };
}

function readKey({ name, value }: Setting): string {
  if (isSegment(value) && value.trim() !== "") return value;
  throw invalid(`${name} is missing or cannot be a key; take it from your keyset`);
}

function readUuid({ name, value }: Setting): string {
  if (typeof value === "string" && value.trim() !== "" && value.isWellFormed() && !hasControlCharacter(value)) {
    if (Array.from(value).length <= LIMITS.uuidCharactersMax) return value;
  }
  throw invalid(
    `${name} must be 1 to ${LIMITS.uuidCharactersMax} characters, none of them a control character or half of one; set one that stays the same for a user or device`,
  );
}

// Whether it is one, the network tells where nobody has looked before.
function readFilter({ name, value }: Setting): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (value.isWellFormed()) return value;
  throw invalid(`${name} holds half of a character; leave it out`);
}
