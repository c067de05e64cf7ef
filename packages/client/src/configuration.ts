/**
 * Configuration: what an application gives, checked once, and what the rooms of the client read.
 *
 * One table holds every property with both its defaults: those of `PNConfiguration` and those of a plain object.
 * Rules: spec/SDK.md SDK1-SDK3.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { PubNubError } from "./errors.ts";
import { STATUS_CATEGORIES } from "./status.ts";

/** What every room of the client reads. Times in milliseconds. */
export interface Configuration {
  readonly subscribeKey: string;
  readonly publishKey: string | undefined;
  readonly uuid: string;
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string;
  readonly subscribeTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/**
 * Configuration by the names of the classic documentation; assign its properties, then make a client with it.
 *
 * @example
 * ```ts
 * const configuration = new PNConfiguration();
 * configuration.subscribeKey = "demo";
 * configuration.publishKey = "demo";
 * configuration.uuid = "alice";
 * configuration.origin = "127.0.0.1:1980";
 * const pubnub = new PubNub(configuration);
 * ```
 * @see spec/SDK.md SDK1
 */
export class PNConfiguration {
  /** The keyset's subscribe key. Required. */
  subscribeKey: string | undefined;
  /** The keyset's publish key; needed for publishing only. */
  publishKey: string | undefined;
  /** Who this client is, 1 to 92 characters; the same for the lifetime of the user or device. Required. */
  uuid: string | undefined;
  /** Host, or host and port, of the network. @defaultValue "ps.pndsn.com" */
  origin: string | undefined;
  /** Whether to connect by TLS. @defaultValue false */
  ssl: boolean | undefined;
  /** Seconds after which a subscribe request that was not answered is given up. @defaultValue 310 */
  subscribeRequestTimeout: number | undefined;
  /** Seconds after which any other request is given up. @defaultValue 10 */
  nonSubscribeRequestTimeout: number | undefined;
}

/** Configuration as a plain object, by the names that JavaScript applications use. */
export interface PubNubOptions {
  /** The keyset's subscribe key. Required. */
  readonly subscribeKey: string;
  /** The keyset's publish key; needed for publishing only. */
  readonly publishKey?: string | undefined;
  /** Who this client is, 1 to 92 characters. Required. */
  readonly userId?: string | undefined;
  /** The older name of `userId`; give one of them. */
  readonly uuid?: string | undefined;
  /** Host, or host and port, of the network. @defaultValue "ps.pndsn.com" */
  readonly origin?: string | undefined;
  /** Whether to connect by TLS. @defaultValue true */
  readonly ssl?: boolean | undefined;
  /** Seconds after which a subscribe request that was not answered is given up. @defaultValue 310 */
  readonly subscribeRequestTimeout?: number | undefined;
  /** Seconds after which any other request is given up. @defaultValue 15 */
  readonly transactionalRequestTimeout?: number | undefined;
}

interface Property {
  /** Its name in a {@link PNConfiguration}; nothing where it has none. */
  readonly classic: string | undefined;
  /** Its names in a plain object. */
  readonly plain: readonly string[];
  readonly type: "string" | "boolean" | "number";
  readonly classicDefault?: string | boolean | number;
  readonly plainDefault?: string | boolean | number;
}

/** Every property: its names and defaults in both vocabularies. */
export const PROPERTIES = Object.freeze({
  subscribeKey: { classic: "subscribeKey", plain: ["subscribeKey"], type: "string" },
  publishKey: { classic: "publishKey", plain: ["publishKey"], type: "string" },
  uuid: { classic: "uuid", plain: ["userId", "uuid"], type: "string" },
  origin: {
    classic: "origin",
    plain: ["origin"],
    type: "string",
    classicDefault: "ps.pndsn.com",
    plainDefault: "ps.pndsn.com",
  },
  ssl: { classic: "ssl", plain: ["ssl"], type: "boolean", classicDefault: false, plainDefault: true },
  subscribeTimeout: {
    classic: "subscribeRequestTimeout",
    plain: ["subscribeRequestTimeout"],
    type: "number",
    classicDefault: 310,
    plainDefault: 310,
  },
  requestTimeout: {
    classic: "nonSubscribeRequestTimeout",
    plain: ["transactionalRequestTimeout"],
    type: "number",
    classicDefault: 10,
    plainDefault: 15,
  },
} as const satisfies Record<string, Property>);

type PropertyName = keyof typeof PROPERTIES;
type Given = Readonly<Record<string, unknown>>;

const SECONDS_MAX = 3_600;

/**
 * Checks what an application gave.
 *
 * @throws {PubNubError} `PNValidationErrorCategory`: names the property, what is wrong with it, and the remedy.
 * @see spec/SDK.md SDK2
 */
export function readConfiguration(given: PNConfiguration | PubNubOptions): Configuration {
  const isClassic = given instanceof PNConfiguration;
  const values: Given = { ...given };
  refuseUnknown(values, isClassic);
  const read = (name: PropertyName): unknown => readProperty(name, values, isClassic);
  const origin = String(read("origin"));
  const scheme = read("ssl") === true ? "https" : "http";
  return {
    subscribeKey: readText("subscribeKey", read("subscribeKey")),
    publishKey: read("publishKey") === undefined ? undefined : readText("publishKey", read("publishKey")),
    uuid: readUuid(isClassic ? "uuid" : "userId", read("uuid")),
    origin: readOrigin(origin, scheme),
    subscribeTimeoutMs: readSeconds("subscribeRequestTimeout", read("subscribeTimeout")),
    requestTimeoutMs: readSeconds(namesOf("requestTimeout", isClassic)[0] ?? "", read("requestTimeout")),
  };
}

function refuseUnknown(values: Given, isClassic: boolean): void {
  const known = (Object.keys(PROPERTIES) as PropertyName[]).flatMap((name) => namesOf(name, isClassic));
  for (const name of Object.keys(values)) {
    if (!known.includes(name))
      throw invalid(`${name} is no property of the configuration; known are ${known.join(", ")}`);
  }
}

function namesOf(name: PropertyName, isClassic: boolean): readonly string[] {
  const { classic, plain } = PROPERTIES[name];
  return isClassic ? [classic] : plain;
}

function readProperty(name: PropertyName, values: Given, isClassic: boolean): unknown {
  const row: Property = PROPERTIES[name];
  const given = namesOf(name, isClassic).filter((key) => values[key] !== undefined && values[key] !== null);
  const [key, other] = given;
  if (key === undefined) return isClassic ? row.classicDefault : row.plainDefault;
  if (other !== undefined) throw invalid(`${key} and ${other} are both given; they mean the same, so give one of them`);
  const value = values[key];
  if (typeof value !== row.type) throw invalid(`${key} must be a ${row.type}, but it is a ${typeof value}`);
  return value;
}

function readText(name: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw invalid(`${name} is missing; take it from your keyset`);
}

function readUuid(name: string, value: unknown): string {
  if (typeof value !== "string" || value.trim() === "") {
    throw invalid(`${name} is missing; set one that is unique to the user or device and stays the same`);
  }
  const characters = Array.from(value).length;
  if (characters <= LIMITS.uuidCharactersMax) return value;
  throw invalid(`${name} has ${characters} characters; at most ${LIMITS.uuidCharactersMax} are possible`);
}

// A scheme in the origin is taken as given; applications copy whole addresses.
function readOrigin(origin: string, scheme: string): string {
  const address = /^https?:\/\//.test(origin) ? origin : `${scheme}://${origin}`;
  if (!URL.canParse(address)) throw invalid(`origin is ${JSON.stringify(origin)}; give a host, or a host and a port`);
  return new URL(address).origin;
}

function readSeconds(name: string, value: unknown): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= SECONDS_MAX) return seconds * 1_000;
  throw invalid(`${name} is ${seconds}; it is in seconds, above 0 and at most ${SECONDS_MAX}`);
}

function invalid(reason: string): PubNubError {
  return new PubNubError(`The configuration cannot be used: ${reason}.`, { category: STATUS_CATEGORIES.validation });
}
