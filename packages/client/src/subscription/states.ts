/**
 * The vocabulary of a subscription: its states, what can happen to it, and what is then to be done.
 *
 * @module
 */
import type { Envelope, WireCursor } from "@longwave/protocol";
import type { PubNubError } from "../errors.ts";
import type { StatusEvent } from "../status.ts";

/** What is subscribed, and from where it goes on. */
export interface Mix {
  readonly channels: readonly string[];
  /** The cursor, once there is one; everything up to it has been delivered. */
  readonly timetoken: string | undefined;
}

/** What the next good answer is announced as. */
export type Goal = "connected" | "reconnected" | "nothing";

interface Attempts {
  /** Attempts that failed since the last poll that was answered. */
  readonly attempt: number;
}

/** Where a subscription stands. */
export type SubscriptionState =
  /** Nothing is subscribed. */
  | { readonly name: "idle" }
  /** A request that is answered at once is under way: is the network there, and does it let us in? */
  | ({ readonly name: "handshaking"; readonly goal: Goal; readonly isLossTold: boolean } & Mix & Attempts)
  /** A poll from the cursor is under way. */
  | ({ readonly name: "receiving"; readonly timetoken: string; readonly region: number } & Mix & Attempts)
  /** The network is lost; the next attempt waits. */
  | ({ readonly name: "waiting"; readonly goal: Goal } & Mix & Attempts)
  /** `disconnect()` was called. */
  | ({ readonly name: "stopped" } & Mix)
  /** The network said no, and would again. */
  | ({ readonly name: "refused" } & Mix);

/** The name of a state. */
export type StateName = SubscriptionState["name"];

/** What can happen. */
export type SubscriptionEvent =
  /** The mix of channels is another one now; with a timetoken, go on from there. */
  | { readonly kind: "changed"; readonly channels: readonly string[]; readonly timetoken?: string | undefined }
  | { readonly kind: "answered"; readonly cursor: WireCursor; readonly envelopes: readonly Envelope[] }
  /** No usable answer came; another attempt may succeed. */
  | { readonly kind: "lost"; readonly error: PubNubError }
  /** The network said no; another attempt would be refused too. */
  | { readonly kind: "refused"; readonly error: PubNubError }
  /** The time to wait is over. */
  | { readonly kind: "retry" }
  | { readonly kind: "disconnect" }
  | { readonly kind: "reconnect"; readonly timetoken?: string | undefined };

/** What is to be done. `handshake`, `receive` and `wait` take the place of whatever was under way. */
export type SubscriptionEffect =
  | { readonly kind: "handshake"; readonly channels: readonly string[] }
  | { readonly kind: "receive"; readonly channels: readonly string[]; readonly cursor: WireCursor }
  /** Feed `retry` after a pause that grows with the attempts, which are 1 or more. */
  | { readonly kind: "wait"; readonly attempt: number }
  /** Cancel whatever is under way. */
  | { readonly kind: "cancel" }
  | { readonly kind: "deliver"; readonly envelopes: readonly Envelope[] }
  | { readonly kind: "announce"; readonly status: StatusEvent };

/** A state and what is to be done on the way to it, in order. */
export interface Transition {
  readonly state: SubscriptionState;
  readonly effects: readonly SubscriptionEffect[];
}

/** The state of a name. */
export type StateOf<Name> = Extract<SubscriptionState, { readonly name: Name }>;

/** The event of a kind. */
export type EventOf<Kind> = Extract<SubscriptionEvent, { readonly kind: Kind }>;

/** The total table: what every state does about every event. */
export type Transitions = {
  readonly [Name in StateName]: {
    readonly [Kind in SubscriptionEvent["kind"]]: (state: StateOf<Name>, event: EventOf<Kind>) => Transition;
  };
};

/** Where every subscription begins. */
export const INITIAL_STATE: SubscriptionState = Object.freeze({ name: "idle" });
