/**
 * Events: what listeners are given for each delivered item, made from its envelope.
 *
 * Pure. Rules: spec/SDK.md SDK17, SDK22.
 *
 * @module
 */
import { type Envelope, PRESENCE_SUFFIX } from "@longwave/protocol";

/** Where an event came from. */
interface Delivery {
  /** The channel it was sent to. */
  readonly channel: string;
  /** The subscribed name that matched, where it is another one than the channel: a wildcard. Null otherwise. */
  readonly subscription: string | null;
  /** When it was accepted: 17 digits, in 100 ns units since 1970. */
  readonly timetoken: string;
}

/** A signal. */
export interface SignalEvent extends Delivery {
  /** The publisher's uuid; undefined where it sent none. */
  readonly publisher: string | undefined;
  /** What was sent, parsed: numbers beyond 2^53 are as exact as JavaScript's. */
  readonly message: unknown;
  /** Its type, where it was sent with one. */
  readonly customMessageType?: string | undefined;
}

/** A message. */
export interface MessageEvent extends SignalEvent {
  /** The meta, where it was published with one. */
  readonly userMetadata?: unknown;
}

/** Somebody came, went or changed state on a channel. */
export interface PresenceEvent extends Delivery {
  /** `join`, `leave`, `timeout`, `state-change` or `interval`. */
  readonly action: string;
  /** How many are on the channel now. */
  readonly occupancy: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Whom it is about; undefined for `interval`. */
  readonly uuid: string | undefined;
  /** The state that this one set, where there is one. */
  readonly state?: unknown;
  /** For `interval`: who came, went and timed out since the last one. */
  readonly join?: readonly string[] | undefined;
  readonly leave?: readonly string[] | undefined;
  readonly timeout?: readonly string[] | undefined;
}

/** The event of a signal's envelope. */
export function signalOf(envelope: Envelope): SignalEvent {
  const { i, d, cmt } = envelope;
  return {
    ...deliveryOf(envelope),
    publisher: i,
    message: d,
    ...(cmt === undefined ? {} : { customMessageType: cmt }),
  };
}

/** The event of a message's envelope. */
export function messageOf(envelope: Envelope): MessageEvent {
  const { u } = envelope;
  return { ...signalOf(envelope), ...(u === undefined ? {} : { userMetadata: u }) };
}

/** The event of a presence envelope; nothing where its payload is no presence event. */
export function presenceOf(envelope: Envelope): PresenceEvent | undefined {
  if (typeof envelope.d !== "object" || envelope.d === null) return undefined;
  const { action, occupancy, timestamp, uuid, data, join, leave, timeout } = envelope.d as Record<string, unknown>;
  if (typeof action !== "string" || typeof occupancy !== "number" || typeof timestamp !== "number") return undefined;
  const { channel, subscription, timetoken } = deliveryOf(envelope);
  return {
    channel: channel.slice(0, -PRESENCE_SUFFIX.length),
    subscription,
    timetoken,
    action,
    occupancy,
    timestamp,
    uuid: typeof uuid === "string" ? uuid : undefined,
    ...(data === undefined ? {} : { state: data }),
    ...namesIn("join", join),
    ...namesIn("leave", leave),
    ...namesIn("timeout", timeout),
  };
}

function deliveryOf({ c, b, p }: Envelope): Delivery {
  return { channel: c, subscription: b === undefined || b === c ? null : b, timetoken: p.t };
}

function namesIn(key: "join" | "leave" | "timeout", value: unknown): Pick<PresenceEvent, typeof key> {
  if (!Array.isArray(value)) return {};
  return { [key]: value.filter((name) => typeof name === "string") };
}
