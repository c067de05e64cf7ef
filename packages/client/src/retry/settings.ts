/**
 * The reconnection policy as applications configure it, in both vocabularies.
 *
 * Rules: spec/SDK.md SDK38, SDK39.
 *
 * @module
 */
import { isRecord } from "../json.ts";
import { type Read, type Setting, invalid, readSeconds, readWhole, readWord } from "../setting.ts";
import type { RetryPolicy } from "./policy.ts";

/**
 * The values of `reconnectPolicy`.
 *
 * @example
 * ```ts
 * const configuration = new PNConfiguration();
 * configuration.reconnectPolicy = PNReconnectionPolicy.LINEAR;
 * ```
 * @see spec/SDK.md SDK39
 */
export const PNReconnectionPolicy = Object.freeze({
  /** A lost network is told, and the application calls `reconnect()`. */
  NONE: "NONE",
  /** Try every 3 seconds. */
  LINEAR: "LINEAR",
  /** Try after 1, 3, 7, 15, 31 seconds, and then from the beginning. */
  EXPONENTIAL: "EXPONENTIAL",
} as const);

/** A value of {@link PNReconnectionPolicy}. */
export type ReconnectionPolicy = (typeof PNReconnectionPolicy)[keyof typeof PNReconnectionPolicy];

/** The same pause before each attempt. */
export interface LinearRetryParameters {
  /** Seconds, at least 2. */
  readonly delay: number;
  /** Attempts, 0 or more. */
  readonly maximumRetry: number;
}

/** Pauses that double. */
export interface ExponentialRetryParameters {
  /** Seconds before the first attempt, at least 2. */
  readonly minimumDelay: number;
  /** Seconds at most, 150 at most. */
  readonly maximumDelay: number;
  /** Attempts, 0 or more. */
  readonly maximumRetry: number;
}

/** What `retryConfiguration` takes; made by the policies of {@link PubNub}. */
export type RetryConfiguration =
  | { readonly policy: "none" }
  | ({ readonly policy: "linear" } & LinearRetryParameters)
  | ({ readonly policy: "exponential" } & ExponentialRetryParameters);

/** What holds for plain objects: after 2, 4, 8, 16, 32 and 64 seconds. */
const RETRY_DEFAULTS: RetryConfiguration = Object.freeze({
  policy: "exponential",
  minimumDelay: 2,
  maximumDelay: 150,
  maximumRetry: 6,
});

const DELAY_SECONDS_MIN = 2;
const DELAY_SECONDS_MAX = 150;
const JITTER_MS = 1_000;
const CLASSIC_LINEAR_MS = 3_000;
const UNLIMITED = -1;
const UNENDING = Number.POSITIVE_INFINITY;

const POLICIES = { none: [], linear: ["delay"], exponential: ["minimumDelay", "maximumDelay"] } as const;

/** The policy of a plain object. */
export function readRetryConfiguration({ name, value = RETRY_DEFAULTS }: Setting): RetryPolicy {
  const given = isRecord(value) ? value : {};
  const settingOf = (member: string): Given => ({ name: `${name}.${member}`, value: given[member] });
  const policy = readWord(settingOf("policy"), keysOf(POLICIES));
  const known: readonly string[] = policy === "none" ? ["policy"] : ["policy", "maximumRetry", ...POLICIES[policy]];
  const unknown = Object.keys(given).find((member) => !known.includes(member));
  if (unknown !== undefined) throw invalid(`${name}.${unknown} is no property that this version knows; take it out`);
  if (policy === "none") return { kind: "none" };
  const retriesMax = readWhole(settingOf("maximumRetry"), 0, UNENDING, "at least 0");
  if (policy === "linear") return linear(settingOf("delay"), retriesMax);
  return exponential(settingOf("minimumDelay"), settingOf("maximumDelay"), retriesMax);
}

type Given = Pick<Setting, "name" | "value">;

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(table) as Key[];
}

/** The policy of a `PNConfiguration`: the classic pauses, or, where an interval is given, those of newer SDKs. */
export function readReconnectPolicy(read: Read): RetryPolicy {
  const [limit, interval, intervalMax] = [
    read("maximumReconnectionRetries"),
    read("reconnectionInterval"),
    read("maximumReconnectionInterval"),
  ];
  const retriesMax =
    limit.value === UNLIMITED ? UNENDING : readWhole(limit, 0, UNENDING, "at least 0, or -1 for no limit");
  const isTimed = interval.isGiven || intervalMax.isGiven;
  switch (read("reconnectPolicy").value) {
    case "LINEAR":
      return isTimed
        ? linear(interval, retriesMax)
        : { kind: "linear", delayMs: CLASSIC_LINEAR_MS, jitterMs: 0, retriesMax };
    case "EXPONENTIAL":
      return isTimed ? exponential(interval, intervalMax, retriesMax) : { kind: "wrapping", retriesMax };
    default:
      return { kind: "none" };
  }
}

function linear(delay: Given, retriesMax: number): RetryPolicy {
  return { kind: "linear", delayMs: readDelay(delay), jitterMs: JITTER_MS, retriesMax };
}

function exponential(minimum: Given, maximum: Given, retriesMax: number): RetryPolicy {
  const [minimumMs, maximumMs] = [readDelay(minimum), readDelay(maximum)];
  if (maximumMs < minimumMs) throw invalid(`${maximum.name} is below ${minimum.name}; make it at least the same`);
  return { kind: "exponential", minimumMs, maximumMs, jitterMs: JITTER_MS, retriesMax };
}

function readDelay(setting: Given): number {
  return readSeconds(setting, DELAY_SECONDS_MIN, DELAY_SECONDS_MAX);
}
