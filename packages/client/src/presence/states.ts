/**
 * The vocabulary of a client's own presence: its states, what can happen to it, and what is then to be done.
 *
 * @module
 */
import type { PubNubError } from "../errors.ts";
import type { Names } from "../subscription/names.ts";

/** Where a client's presence stands; names are plain, without companions. */
export type PresenceState =
  /** It is nowhere. */
  | { readonly name: "inactive" }
  /** It is on its way: the network may have heard of it, or not yet. */
  | ({ readonly name: "arriving" } & Names)
  /** A heartbeat is under way. */
  | ({ readonly name: "beating" } & Names)
  /** The next heartbeat waits. */
  | ({ readonly name: "resting" } & Names)
  /** The network said no, and would again. */
  | ({ readonly name: "failed" } & Names)
  /** The client is no longer connected; names are kept. */
  | ({ readonly name: "stopped" } & Names);

/** The name of a state. */
export type PresenceStateName = PresenceState["name"];

/** What can happen. */
export type PresenceHappening =
  | ({ readonly kind: "joined" } & Names)
  | ({ readonly kind: "left" } & Names)
  | { readonly kind: "leftAll" }
  /** The application disconnected: it leaves, and keeps its names. */
  | { readonly kind: "disconnect" }
  /** The network is gone: nothing can be sent. */
  | { readonly kind: "offline" }
  /** The client is connected, perhaps again. */
  | { readonly kind: "online" }
  | { readonly kind: "succeeded" }
  /** No good answer came; the next heartbeat may succeed. */
  | { readonly kind: "lost"; readonly error: PubNubError }
  /** The network said no. */
  | { readonly kind: "refused"; readonly error: PubNubError }
  /** The time to wait is over. */
  | { readonly kind: "due" };

/** What is to be done. `heartbeat`, `wait` and `cancel` take the place of whatever was under way. */
export type PresenceEffect =
  | ({ readonly kind: "heartbeat" } & Names)
  | ({ readonly kind: "leave" } & Names)
  /** Feed `due` after the interval. */
  | { readonly kind: "wait" }
  | { readonly kind: "cancel" }
  /** Tell of a heartbeat; without an error it succeeded. */
  | ({ readonly kind: "tell"; readonly error: PubNubError | undefined } & Names);

/** A state and what is to be done on the way to it, in order. */
export interface PresenceTransition {
  readonly state: PresenceState;
  readonly effects: readonly PresenceEffect[];
}

/** The state of a name. */
export type PresenceStateOf<Name> = Extract<PresenceState, { readonly name: Name }>;

/** The happening of a kind. */
export type HappeningOf<Kind> = Extract<PresenceHappening, { readonly kind: Kind }>;

/** The total table: what every state does about everything that happens. */
export type PresenceTransitions = {
  readonly [Name in PresenceStateName]: {
    readonly [Kind in PresenceHappening["kind"]]: (
      state: PresenceStateOf<Name>,
      event: HappeningOf<Kind>,
    ) => PresenceTransition;
  };
};

/** Where every client begins. */
export const ABSENT: PresenceState = Object.freeze({ name: "inactive" });
