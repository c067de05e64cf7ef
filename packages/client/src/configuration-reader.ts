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
import { CORE_PROPERTIES, configurationOf } from "./core/configuration-reader.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { isTold, readHeartbeatInterval } from "./presence/settings.ts";
import { readReconnectPolicy } from "./retry/settings.ts";
import {
  type Properties,
  type Read,
  type Setting,
  flag,
  invalid,
  readAll,
  readWhole,
  seconds,
  word,
} from "./setting.ts";
import { WITHOUT_EFFECT } from "./without-effect.ts";

/** Times that a message about a file may be sent again, at most. */
const REPEATS_MAX = 100;

/** Every property of a plain object. */
export const PLAIN_PROPERTIES = {
  ...CORE_PROPERTIES,
  filterExpression: { type: "string", read: readFilter },
  secretKey: { type: "string", read: readSecretKey },
  fileRequestTimeout: seconds(300),
  fileUploadPublishRetryLimit: {
    type: "number",
    value: 5,
    read: (setting) => readWhole(setting, 0, REPEATS_MAX, `0 to ${REPEATS_MAX}`),
  },
  cipherKey: { type: "string", read: () => undefined },
  cryptoModule: { type: "object", read: readCryptoModule },
  useRandomIVs: { ...flag(true), names: ["useRandomIVs", "useRandomInitializationVector"] },
  daemon: { ...flag(false), read: readDaemon },
} satisfies Properties;

/** Every property of a {@link PNConfiguration}: by the name of its counterpart in plain objects, where it has one. */
export const CLASSIC_PROPERTIES = {
  ...PLAIN_PROPERTIES,
  uuid: { ...CORE_PROPERTIES.uuid, names: ["uuid"] },
  ssl: flag(false),
  transactionalRequestTimeout: { ...seconds(10), names: ["nonSubscribeRequestTimeout", "nonSubscribeTimeout"] },
  connectTimeout: seconds(5),
  useRandomIVs: { ...flag(true), names: ["useRandomInitializationVector"] },
  heartbeatInterval: { type: "number", value: 0, read: (setting, read) => readHeartbeatInterval(setting, read, true) },
  heartbeatNotificationOptions: word("FAILURES", "NONE", "ALL"),
  announceSuccessfulHeartbeats: { type: "boolean", names: [], read: (_, read) => isTold(read, "ALL") },
  announceFailedHeartbeats: { type: "boolean", names: [], read: (_, read) => !isTold(read, "NONE") },
  reconnectPolicy: word("NONE", "LINEAR", "EXPONENTIAL"),
  maximumReconnectionRetries: { type: "number", value: -1, read: valueOf },
  reconnectionInterval: { type: "number", value: 2, read: valueOf },
  maximumReconnectionInterval: { type: "number", value: 150, read: valueOf },
  retryConfiguration: { type: "object", names: [], read: (_, read) => readReconnectPolicy(read) },
} satisfies Properties;

/**
 * Checks what an application gave.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 * @see spec/SDK.md SDK2
 */
export function readConfiguration(given: PNConfiguration | PubNubOptions): Configuration {
  const properties = given instanceof PNConfiguration ? CLASSIC_PROPERTIES : PLAIN_PROPERTIES;
  return configurationOf(readAll(given, properties, { ignored: WITHOUT_EFFECT }));
}

function readDaemon({ name, value }: Setting, read: Read): boolean {
  if (value !== true) return false;
  if (read("transport").value !== "websocket") return true;
  throw invalid(`${name} receives by long poll; set transport to "auto"`);
}

// Read with what it belongs to.
function valueOf({ value }: Setting): unknown {
  return value;
}

function readCryptoModule({ name, value, isGiven }: Setting, read: Read): CryptoModule | undefined {
  const cipherKey = read("cipherKey");
  if (value instanceof CryptoModule) return value;
  if (isGiven) throw invalid(`${name} is no crypto module; make one with CryptoModule`);
  if (!cipherKey.isGiven) return undefined;
  if (cipherKey.value === "") throw invalid(`${cipherKey.name} is empty; give a key, or leave it out`);
  return CryptoModule.legacyCryptoModule({
    cipherKey: String(cipherKey.value),
    useRandomIVs: read("useRandomIVs").value === true,
  });
}

function readFilter(setting: Setting): string | undefined {
  const filter = CORE_PROPERTIES.filterExpression.read(setting);
  const outcome = filter === undefined ? undefined : parseFilter(filter);
  if (outcome?.kind !== "malformed") return filter;
  throw invalid(`${setting.name} is malformed at character ${outcome.at}: ${outcome.reason}`);
}
