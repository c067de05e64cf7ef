/**
 * The broker port: puts a keyset's messages into one order and hands them, live, to every node.
 *
 * Order: timetokens strictly increase within a keyset, and every follower and reader sees a keyset's messages in
 * timetoken order without a hole. Atomicity: giving the timetoken and becoming visible are one step.
 * Rules: spec/BROKER.md BRK1-BRK9; suite: conformance/broker.ts.
 *
 * @module
 */
import type { SubscribeName, Timetoken } from "@longwave/protocol";
import type { MaybePromise } from "./maybe-promise.ts";
import type { Message, MessageDraft } from "./message.ts";

/** What came of an append. */
export type AppendOutcome =
  | { readonly kind: "appended"; readonly message: Message }
  /** No timetoken could be given out safely, because the store does not take the reservation. Nothing happened. */
  | { readonly kind: "unavailable" };

/** A request for what came after a cursor. */
export interface ReadRequest {
  readonly keyset: string;
  /** Exclusive. */
  readonly after: Timetoken;
  readonly names: readonly SubscribeName[];
  /** At most this many messages, the oldest ones; at least 1. */
  readonly messagesMax: number;
}

/** A part of the past that the broker's memory does not reach: the store may. */
export interface Shortfall {
  readonly name: SubscribeName;
  /** Inclusive: everything later is in the broker's answer. */
  readonly through: Timetoken;
}

/** The oldest matching messages after the cursor, each once, in timetoken order. */
export interface ReadAnswer {
  readonly messages: readonly Message[];
  readonly shortfalls: readonly Shortfall[];
}

/** Orders and announces messages. */
export interface Broker {
  /** Gives the draft a timetoken and makes it visible to readers and followers. At once where the broker is near. */
  append(keyset: string, draft: MessageDraft): MaybePromise<AppendOutcome>;
  /** Everything matching after a cursor that memory still holds, oldest first. */
  read(request: ReadRequest): Promise<ReadAnswer>;
  /**
   * A position in the keyset's order: every visible message is at or before it, every later one after it.
   *
   * This is the cursor of a subscriber that wants everything from now on.
   */
  position(keyset: string): Promise<Timetoken>;
  /**
   * Calls `receive` with every message appended from now on, in order, batched; never twice, none left out.
   *
   * @param isWanted asked when a message is appended, where the follower is near enough to be asked: one that nobody
   *   wants need not be announced. Whoever begins to want it later finds it by reading.
   * @returns a function that ends it.
   */
  follow(receive: (messages: readonly Message[]) => void, isWanted?: (message: Message) => boolean): () => void;
  /** Ends timers and followers. May be called twice. */
  stop(): Promise<void>;
}
