/**
 * Reads the configuration of the whole client, in its two vocabularies: what its core reads, and what it has besides.
 *
 * To extend it: a row here, a property with its doc in both vocabularies, a member of `Configuration`, and the feature.
 * Rules: spec/SDK.md SDK1-SDK3.
 *
 * @module
 */
import { parseFilter } from "@longwave/protocol";
import { readSecretKey } from "./access/settings.ts";
import { type Configuration, PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { CORE_PROPERTIES, readCore } from "./core/configuration-reader.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { readFileSettings } from "./files/settings.ts";
import { readHeartbeatIntervalMs, readHeartbeatOptions } from "./presence/settings.ts";
import { readReconnectPolicy } from "./retry/settings.ts";
import { type Properties, type Read, type Setting, invalid, readerOf } from "./setting.ts";
import { WITHOUT_EFFECT } from "./without-effect.ts";

const { retryConfiguration, announceSuccessfulHeartbeats, announceFailedHeartbeats, ...COMMON } = CORE_PROPERTIES;

/** What both vocabularies have, by the names that JavaScript applications use. */
const SHARED = {
  ...COMMON,
  secretKey: { type: "string" },
  fileRequestTimeout: { value: 300 },
  fileUploadPublishRetryLimit: { value: 5 },
  cipherKey: { type: "string" },
  cryptoModule: { type: "object" },
} as const;

/** Every property of a plain object. */
export const PLAIN_PROPERTIES = Object.freeze({
  ...SHARED,
  retryConfiguration,
  announceSuccessfulHeartbeats,
  announceFailedHeartbeats,
  useRandomIVs: { value: true, names: ["useRandomIVs", "useRandomInitializationVector"] },
} satisfies Properties);

/** Every property of a {@link PNConfiguration}: by the name of its counterpart in plain objects, where it has one. */
export const CLASSIC_PROPERTIES = Object.freeze({
  ...SHARED,
  userId: { type: "string", names: ["uuid"] },
  ssl: { value: false },
  transactionalRequestTimeout: { value: 10, names: ["nonSubscribeRequestTimeout", "nonSubscribeTimeout"] },
  connectTimeout: { value: 5 },
  reconnectPolicy: { value: "NONE" },
  maximumReconnectionRetries: { value: -1 },
  reconnectionInterval: { value: 2 },
  maximumReconnectionInterval: { value: 150 },
  heartbeatNotificationOptions: { value: "FAILURES" },
  useRandomIVs: { value: true, names: ["useRandomInitializationVector"] },
} satisfies Properties);

type ReadWhole = Read<keyof typeof PLAIN_PROPERTIES | keyof typeof CLASSIC_PROPERTIES>;

/**
 * Checks what an application gave.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 * @see spec/SDK.md SDK2
 */
export function readConfiguration(given: PNConfiguration | PubNubOptions): Configuration {
  const isClassic = given instanceof PNConfiguration;
  const properties: Properties = isClassic ? CLASSIC_PROPERTIES : PLAIN_PROPERTIES;
  const read: ReadWhole = readerOf(given, properties, { ignored: WITHOUT_EFFECT, remedy: "take it out" });
  const core = readCore(read);
  checkFilter(read("filterExpression"));
  return {
    ...core,
    secretKey: readSecretKey(read("secretKey"), read("publishKey"), core),
    cryptoModule: readCryptoModule(read),
    ...readFileSettings(read("fileRequestTimeout"), read("fileUploadPublishRetryLimit")),
    ...(isClassic ? readClassic(read, core) : {}),
  };
}

function readClassic(
  read: ReadWhole,
  { presenceTimeoutParameter }: Configuration,
): Pick<Configuration, "heartbeatIntervalMs" | "heartbeatNotices" | "retryPolicy"> {
  return {
    heartbeatIntervalMs: readHeartbeatIntervalMs(read("heartbeatInterval"), presenceTimeoutParameter, true),
    heartbeatNotices: readHeartbeatOptions(read("heartbeatNotificationOptions")),
    retryPolicy: readReconnectPolicy({
      policy: read("reconnectPolicy"),
      retriesMax: read("maximumReconnectionRetries"),
      interval: read("reconnectionInterval"),
      intervalMax: read("maximumReconnectionInterval"),
    }),
  };
}

function readCryptoModule(read: ReadWhole): CryptoModule | undefined {
  const [cipherKey, randomIvs] = [read("cipherKey"), read("useRandomIVs")];
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

function checkFilter({ name, value }: Setting): void {
  if (typeof value !== "string" || value.trim() === "") return;
  const outcome = parseFilter(value);
  if (outcome.kind === "malformed") {
    throw invalid(`${name} is malformed at character ${outcome.at}: ${outcome.reason}`);
  }
}
