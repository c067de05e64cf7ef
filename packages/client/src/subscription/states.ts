/**
 * The vocabulary of a subscription: its states, what can happen to it, and what is then to be done.
 *
 * @module
 */
import type { Envelope, WireCursor } from "@longwave/protocol";
import type { PubNubError } from "../errors.ts";
import type { Gap } from "./answer.ts";
import type { Names } from "./names.ts";
import type { Notice } from "./notice.ts";

/** What is subscribed, and from where it goes on. */
export interface Mix extends Names {
  /** The cursor, once there is one; everything up to it has been delivered. */
  readonly timetoken: string | undefined;
}

/** What the next good answer is told as: a first connection, another mix, a network that is back, nothing. */
export type Goal = "connected" | "changed" | "reconnected" | "nothing";

interface Attempts {
  /** Attempts that failed since the last poll that was answered, or held for a while. */
  readonly attempt: number;
}

/** Where a subscription stands. */
export type SubscriptionState =
  /** Nothing is subscribed. */
  | { readonly name: "idle" }
  /** A request that is answered at once is under way: is the network there, and does it let us in? */
  | ({ readonly name: "handshaking"; readonly goal: Goal; readonly isLossTold: boolean } & Mix & Attempts)
  /** A poll from the cursor is under way, or a WebSocket is open. */
  | ({ readonly name: "receiving"; readonly timetoken: string; readonly region: number } & Mix & Attempts)
  /** The network is lost; the next attempt waits. */
  | ({ readonly name: "waiting"; readonly goal: Goal; readonly error: PubNubError } & Mix & Attempts)
  /** `disconnect()` was called. */
  | ({ readonly name: "stopped" } & Mix)
  /** The network said no and would again, or it was tried often enough. */
  | ({ readonly name: "failed" } & Mix);

/** The name of a state. */
export type StateName = SubscriptionState["name"];

/** What can happen. */
export type SubscriptionEvent =
  /** The mix of names is another one now; with a timetoken, go on from there. */
  | ({ readonly kind: "changed"; readonly timetoken?: string | undefined } & Names)
  | {
      readonly kind: "answered";
      readonly cursor: WireCursor;
      readonly envelopes: readonly Envelope[];
      /** What can no longer be delivered, and is behind the cursor. */
      readonly gaps: readonly Gap[];
    }
  /** No usable answer came; another attempt may succeed. */
  | {
      readonly kind: "lost";
      readonly error: PubNubError;
      /** Whether the poll had been held for a while, so that what cut it may be a proxy that is tired of waiting. */
      readonly isSettled?: boolean | undefined;
      /** What the network said to wait, in milliseconds. */
      readonly retryAfterMs?: number | undefined;
    }
  /** The network said no; another attempt would be refused too. */
  | { readonly kind: "refused"; readonly error: PubNubError }
  /** The time to wait is over. */
  | { readonly kind: "retry" }
  /** There is to be no further attempt. */
  | { readonly kind: "gaveUp" }
  | { readonly kind: "disconnect" }
  | { readonly kind: "reconnect"; readonly timetoken?: string | undefined };

/** What is to be done. `handshake`, `receive` and `wait` take the place of whatever was under way. */
export type SubscriptionEffect =
  /** `isProbed`: the network was not there, or has not been asked yet. */
  | ({ readonly kind: "handshake"; readonly isProbed: boolean } & Names)
  | ({ readonly kind: "receive"; readonly cursor: WireCursor } & Names)
  /** Feed `retry` after the pause of the attempt, which is 1 or more, or `gaveUp` where there is to be none. */
  | { readonly kind: "wait"; readonly attempt: number; readonly retryAfterMs: number | undefined }
  /** Cancel whatever is under way. */
  | { readonly kind: "cancel" }
  | { readonly kind: "deliver"; readonly envelopes: readonly Envelope[] }
  | { readonly kind: "announce"; readonly notice: Notice };

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
