/**
 * The broker port: puts a keyset's messages into one order and hands them, live, to every node.
 *
 * Order: timetokens strictly increase within a keyset, and every follower and reader sees a keyset's messages in
 * timetoken order without a hole. Atomicity: giving the timetoken and becoming visible are one step.
 * Rules: spec/BROKER.md BRK1-BRK10, spec/IDEMPOTENCY.md; suite: conformance/broker.ts.
 *
 * @module
 */
import type { SubscribeName, Timetoken } from "@longwave/protocol";
import type { MaybePromise } from "./maybe-promise.ts";
import type { Message, MessageDraft, PublishId } from "./message.ts";

/** What came of an append. */
export type AppendOutcome =
  | { readonly kind: "appended"; readonly message: Message }
  /** The id stands for a message that was accepted before, and kept where it was to be. Nothing happened. */
  | { readonly kind: "duplicate"; readonly timetoken: Timetoken }
  /** The id stands for another message. Nothing happened. */
  | { readonly kind: "taken" }
  /**
   * No timetoken could be given out safely, because the store does not take the reservation; or this is a repeat whose
   * first was waited for and not kept, or for which too many wait. Nothing happened.
   */
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
  /** Inclusive: up to here something may have left that the store does not have either. Never after `through`. */
  readonly lost: Timetoken;
}

/** The oldest matching messages after the cursor, each once, in timetoken order. */
export interface ReadAnswer {
  readonly messages: readonly Message[];
  readonly shortfalls: readonly Shortfall[];
}

/** What whoever serves a keyset's subscribers must know at one point of its order: an entry of the control log. */
export type Control =
  /** A channel group has other members from here on. */
  | { readonly kind: "groupChanged"; readonly group: string }
  /** A token, a grant or the keyset itself is no longer what it was: whoever is held is to be judged again. */
  | { readonly kind: "accessChanged" };

/** A control with its place in the keyset's order. */
export interface ControlEntry {
  readonly keyset: string;
  readonly timetoken: Timetoken;
  readonly control: Control;
}

/** What followers receive: messages and controls, in one order. */
export type LogEntry = Message | ControlEntry;

/** Orders and announces messages. */
export interface Broker {
  /**
   * Gives the draft a timetoken and makes it visible to readers and followers. At once where the broker is near.
   *
   * With an id, only if the id does not stand for a message yet; looking, taking the id and appending are one step. Whoever
   * is told `appended` for a stored draft must {@link settle} it when the commit has ended; until then repeats wait.
   * After a commit that failed the next repeat is `appended` again, as the same message with the first timetoken, which is
   * not announced a second time.
   */
  append(keyset: string, draft: MessageDraft, id?: PublishId): MaybePromise<AppendOutcome>;
  /** Says whether a stored message that was appended with an id is kept. Repeats of it have waited for that. */
  settle(message: Message, id: PublishId, isKept: boolean): Promise<void>;
  /**
   * Puts a control into the keyset's order and tells every follower of it there. It is not remembered: a node that was not
   * following has nothing that it would change.
   */
  announce(keyset: string, control: Control): Promise<"announced" | "unavailable">;
  /** Everything matching after a cursor that memory still holds, oldest first. At once where the broker is near. */
  read(request: ReadRequest): MaybePromise<ReadAnswer>;
  /**
   * A position in the keyset's order: every visible message is at or before it, every later one after it.
   *
   * This is the cursor of a subscriber that wants everything from now on.
   */
  position(keyset: string): Promise<Timetoken>;
  /**
   * Calls `receive` with everything appended or announced from now on, in order, batched; never twice, none left out.
   *
   * @param isWanted asked when a message is appended, where the follower is near enough to be asked: one that nobody
   *   wants need not be announced. Whoever begins to want it later finds it by reading.
   * @returns a function that ends it.
   */
  follow(receive: (entries: readonly LogEntry[]) => void, isWanted?: (message: Message) => boolean): () => void;
  /** Ends timers and followers. May be called twice. */
  stop(): Promise<void>;
}
