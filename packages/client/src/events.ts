/**
 * Events: what listeners are given for each delivered item, made from its envelope.
 *
 * Pure. Rules: spec/SDK.md SDK17, SDK22, SDK43.
 *
 * @module
 */
import { type Envelope, type EventKind, PRESENCE_SUFFIX, classifyEnvelope } from "@longwave/protocol";
import type { DecryptionFailure, OpenedEnvelope } from "./crypto/payload.ts";
import { present } from "./json.ts";
import type { ObjectsMessage } from "./objects/event.ts";
import type { MessageAction } from "./endpoints/message-actions.ts";

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
export interface MessageEvent extends SignalEvent, DecryptionFailure {
  /** The meta, where it was published with one. */
  readonly userMetadata?: unknown;
}

/** Somebody attached an action to a message, or took it away. */
export interface MessageActionEvent extends Delivery, MessageAction {
  /** Who did it. */
  readonly publisher: string;
  /** `added` or `removed`. */
  readonly event: string;
  /** The action once more, as in newer SDKs. */
  readonly data: MessageAction;
}

/** Somebody came, went or changed state on a channel. */
export interface PresenceEvent extends Delivery {
  /** `join`, `leave`, `timeout`, `state-change` or `interval`. */
  readonly action: string;
  /** The same by its classic name. */
  readonly event: string;
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
  /** For `interval`: true where the lists would have been too long, so that `hereNow` is to be asked. */
  readonly hereNowRefresh?: boolean | undefined;
}

/** A file that can be asked for. */
export interface AnnouncedFile {
  readonly id: string;
  readonly name: string;
  /** Where it can be downloaded, with what this client shows to be let in; encrypted where it was sent so. Not signed. */
  readonly url: string;
}

/** A file was sent. */
export interface FileEvent extends Delivery, DecryptionFailure {
  /** The sender's uuid; undefined where it sent none. */
  readonly publisher: string | undefined;
  /** The file; absent only where the announcement could not be decrypted. */
  readonly file?: AnnouncedFile | undefined;
  /** What was said with it, where anything was; with an `error` the announcement as it came. */
  readonly message?: unknown;
  /** The meta, where it was sent with one. */
  readonly userMetadata?: unknown;
  /** Its type, where it was sent with one. */
  readonly customMessageType?: string | undefined;
}

/** A user, a channel or a membership was changed or removed. */
export interface ObjectsEvent extends Delivery {
  readonly message: ObjectsMessage;
}

/** What listeners are given, by the callback that takes it. */
export type Told =
  | { readonly kind: "message"; readonly event: MessageEvent }
  | { readonly kind: "signal"; readonly event: SignalEvent }
  | { readonly kind: "presence"; readonly event: PresenceEvent }
  | { readonly kind: "messageAction"; readonly event: MessageActionEvent }
  | { readonly kind: "file"; readonly event: FileEvent }
  | { readonly kind: "objects"; readonly event: ObjectsEvent };

/** How envelopes of a kind are read: nothing comes of one that is not what its kind says. */
export type Readers = Readonly<Partial<Record<EventKind, (envelope: OpenedEnvelope) => Told | undefined>>>;

/** Reads what every client tells of. */
export const CORE_READERS: Readers = {
  message: (envelope) => ({ kind: "message", event: messageOf(envelope) }),
  signal: (envelope) => ({ kind: "signal", event: signalOf(envelope) }),
  presence: presenceOf,
};

/**
 * What listeners are told of an envelope.
 *
 * @returns nothing for a kind of envelope that has no reader, or one whose payload is not what its kind says.
 */
export function toldOf(envelope: OpenedEnvelope, readers: Readers): Told | undefined {
  const kind = classifyEnvelope(envelope);
  return kind && readers[kind]?.(envelope);
}

/** An event while it is made: what is not there has no member, and copies cost more than the rest of a message. */
type InMaking<Event> = { -readonly [Member in keyof Event]: Event[Member] };

function signalOf({ c, b, p, i, d, cmt }: Envelope): InMaking<SignalEvent> {
  const signal: InMaking<SignalEvent> = {
    channel: c,
    subscription: subscriptionOf(b, c),
    timetoken: p.t,
    publisher: i,
    message: d,
  };
  if (cmt !== undefined) signal.customMessageType = cmt;
  return signal;
}

/** A message as listeners are told of it. */
export function messageOf(envelope: OpenedEnvelope): MessageEvent {
  const { u, error } = envelope;
  const message: InMaking<MessageEvent> = signalOf(envelope);
  if (u !== undefined) message.userMetadata = u;
  if (error !== undefined) message.error = error;
  return message;
}

function presenceOf(envelope: Envelope): Told | undefined {
  if (typeof envelope.d !== "object" || envelope.d === null) return undefined;
  const { action, occupancy, timestamp, uuid, data, join, leave, timeout, here_now_refresh } = envelope.d as Record<
    string,
    unknown
  >;
  if (typeof action !== "string" || typeof occupancy !== "number" || typeof timestamp !== "number") return undefined;
  const { channel, subscription, timetoken } = deliveryOf(envelope);
  const event = {
    channel: channel.slice(0, -PRESENCE_SUFFIX.length),
    subscription,
    timetoken,
    action,
    event: action,
    occupancy,
    timestamp,
    uuid: typeof uuid === "string" ? uuid : undefined,
    ...present({
      state: data,
      join: namesIn(join),
      leave: namesIn(leave),
      timeout: namesIn(timeout),
      hereNowRefresh: here_now_refresh === true ? true : undefined,
    }),
  };
  return { kind: "presence", event };
}

/** Where an envelope came from, and when. */
export function deliveryOf({ c, b, p }: Envelope): Delivery {
  return { channel: c, subscription: subscriptionOf(b, c), timetoken: p.t };
}

function subscriptionOf(matched: string | undefined, channel: string): string | null {
  return matched === undefined || matched === channel ? null : matched;
}

function namesIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : undefined;
}
