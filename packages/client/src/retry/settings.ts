/**
 * The reconnection policy as applications configure it, in both vocabularies.
 *
 * Rules: spec/SDK.md SDK38, SDK39.
 *
 * @module
 */
import { isRecord } from "../json.ts";
import { type Setting, invalid, readWord } from "../setting.ts";
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

/** The policy of a plain object. */
export function readRetryConfiguration({ name, value = RETRY_DEFAULTS }: Setting): RetryPolicy {
  const given = isRecord(value) ? value : {};
  const policy = readWord({ name: `${name}.policy`, value: given["policy"], isGiven: true }, POLICIES);
  const read = (member: string): number => readNumber(`${name}.${member}`, given[member]);
  refuseUnknown(name, given, policy);
  if (policy === "none") return { kind: "none" };
  const retriesMax = read("maximumRetry");
  if (retriesMax < 0 || !Number.isInteger(retriesMax)) {
    throw invalid(`${name}.maximumRetry is ${retriesMax}; it is a whole number of at least 0`);
  }
  if (policy === "linear") return linear(`${name}.delay`, read("delay"), retriesMax);
  const [minimum, maximum] = [read("minimumDelay"), read("maximumDelay")];
  return exponential([`${name}.minimumDelay`, minimum], [`${name}.maximumDelay`, maximum], retriesMax);
}

const POLICIES = ["none", "linear", "exponential"] as const;
const MEMBERS: Readonly<Record<(typeof POLICIES)[number], readonly string[]>> = {
  none: [],
  linear: ["delay", "maximumRetry"],
  exponential: ["minimumDelay", "maximumDelay", "maximumRetry"],
};

function refuseUnknown(name: string, given: object, policy: (typeof POLICIES)[number]): void {
  const unknown = Object.keys(given).find((member) => member !== "policy" && !MEMBERS[policy].includes(member));
  if (unknown !== undefined) throw invalid(`${name}.${unknown} is no property that this version knows; take it out`);
}

/** The classic properties. */
export interface ClassicRetrySettings {
  readonly policy: Setting;
  readonly retriesMax: Setting;
  readonly interval: Setting;
  readonly intervalMax: Setting;
}

/** The policy of a `PNConfiguration`: the classic pauses, or, where an interval is given, those of newer SDKs. */
export function readReconnectPolicy({ policy, retriesMax, interval, intervalMax }: ClassicRetrySettings): RetryPolicy {
  const limit = retriesMax.isGiven ? readLimit(retriesMax) : Number.POSITIVE_INFINITY;
  const isTimed = interval.isGiven || intervalMax.isGiven;
  switch (readWord(policy, Object.values(PNReconnectionPolicy))) {
    case "NONE":
      return { kind: "none" };
    case "LINEAR":
      return isTimed
        ? linear(interval.name, Number(interval.value), limit)
        : { kind: "linear", delayMs: CLASSIC_LINEAR_MS, jitterMs: 0, retriesMax: limit };
    case "EXPONENTIAL":
      if (!isTimed) return { kind: "wrapping", retriesMax: limit };
      return exponential([interval.name, Number(interval.value)], [intervalMax.name, Number(intervalMax.value)], limit);
  }
}

function readLimit({ name, value }: Setting): number {
  const limit = Number(value);
  if (limit === UNLIMITED) return Number.POSITIVE_INFINITY;
  if (Number.isInteger(limit) && limit >= 0) return limit;
  throw invalid(`${name} is ${limit}; it is a whole number of at least 0, or -1 for no limit`);
}

function readNumber(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw invalid(`${name} must be a number, but it is of the type ${typeof value}`);
}

function linear(name: string, delay: number, retriesMax: number): RetryPolicy {
  return { kind: "linear", delayMs: delayMsOf(name, delay), jitterMs: JITTER_MS, retriesMax };
}

type Delay = readonly [name: string, seconds: number];

function exponential(minimum: Delay, maximum: Delay, retriesMax: number): RetryPolicy {
  const [minimumMs, maximumMs] = [delayMsOf(...minimum), delayMsOf(...maximum)];
  if (maximumMs < minimumMs) throw invalid(`${maximum[0]} is below ${minimum[0]}; make it at least the same`);
  return { kind: "exponential", minimumMs, maximumMs, jitterMs: JITTER_MS, retriesMax };
}

function delayMsOf(name: string, seconds: number): number {
  if (seconds >= DELAY_SECONDS_MIN && seconds <= DELAY_SECONDS_MAX) return seconds * 1_000;
  throw invalid(
    `${name} is ${seconds}; it is in seconds, at least ${DELAY_SECONDS_MIN} and at most ${DELAY_SECONDS_MAX}`,
  );
}
