/**
 * The subscription as a state machine: pure and total, every state has an answer to every event.
 *
 * It knows neither network nor time: the loop beside it performs its effects and feeds it what came of them.
 * Rules: spec/SDK.md SDK6-SDK12.
 *
 * @module
 */
import type { Envelope, WireCursor } from "@longwave/protocol";
import type { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES, type StatusCategory } from "../status.ts";

/** Where a subscription stands. */
export type StateName =
  /** Nothing is subscribed. */
  | "idle"
  /** The first request of a mix of channels is under way. */
  | "handshaking"
  /** A poll from the cursor is under way. */
  | "receiving"
  /** The network is lost; the next attempt waits. */
  | "waiting"
  /** `disconnect()` was called. */
  | "stopped"
  /** The network refused for good: access denied or a bad request. */
  | "refused";

/** A state with all that it remembers. */
export interface SubscriptionState {
  readonly name: StateName;
  readonly channels: readonly string[];
  readonly cursor: WireCursor | undefined;
  /** Whether the next answer is to be announced as Connected. */
  readonly isNew: boolean;
  /** Attempts that failed in a row; 0 while the network is there. */
  readonly attempt: number;
}

/** What can happen. */
export type SubscriptionEvent =
  /** The mix of channels is another one now; with a timetoken, start from there. */
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

/** What is to be done. */
export type SubscriptionEffect =
  /** Ask the network; whatever was under way is cancelled first. */
  | { readonly kind: "poll"; readonly channels: readonly string[]; readonly cursor: WireCursor | undefined }
  /** Cancel whatever is under way. */
  | { readonly kind: "cancel" }
  /** Feed `retry` after a pause that grows with the attempts. */
  | { readonly kind: "wait"; readonly attempt: number }
  | { readonly kind: "deliver"; readonly envelopes: readonly Envelope[] }
  | { readonly kind: "status"; readonly category: StatusCategory; readonly error?: PubNubError | undefined };

/** A state and what is to be done on the way to it, in order. */
export interface Transition {
  readonly state: SubscriptionState;
  readonly effects: readonly SubscriptionEffect[];
}

/** Where every subscription begins. */
export const INITIAL_STATE: SubscriptionState = Object.freeze({
  name: "idle",
  channels: [],
  cursor: undefined,
  isNew: true,
  attempt: 0,
});

type EventOf<Kind> = Extract<SubscriptionEvent, { readonly kind: Kind }>;
type Row = {
  readonly [Kind in SubscriptionEvent["kind"]]: (state: SubscriptionState, event: EventOf<Kind>) => Transition;
};

const stay = (state: SubscriptionState): Transition => ({ state, effects: [] });

/** What every state does about every event. */
export const TRANSITIONS: Readonly<Record<StateName, Row>> = {
  idle: {
    changed: change,
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    disconnect: stay,
    reconnect: stay,
  },
  handshaking: {
    changed: change,
    answered: answer,
    lost: lose,
    refused: refuse,
    retry: stay,
    disconnect: stop,
    reconnect: resume,
  },
  receiving: {
    changed: change,
    answered: answer,
    lost: lose,
    refused: refuse,
    retry: stay,
    disconnect: stop,
    reconnect: resume,
  },
  waiting: {
    changed: change,
    answered: stay,
    lost: stay,
    refused: stay,
    retry: poll,
    disconnect: stop,
    reconnect: resume,
  },
  stopped: {
    changed: remember,
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    disconnect: stay,
    reconnect: resume,
  },
  refused: {
    changed: change,
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    disconnect: stop,
    reconnect: resume,
  },
};

/** The state after an event, and the effects on the way. */
export function transition(state: SubscriptionState, event: SubscriptionEvent): Transition {
  // The table is total over states and kinds; only the pairing of kind and event is beyond the type system.
  const react = TRANSITIONS[state.name][event.kind] as (
    state: SubscriptionState,
    event: SubscriptionEvent,
  ) => Transition;
  return react(state, event);
}

const userCursor = (timetoken: string): WireCursor => ({ t: timetoken, r: 0 });

// The cursor is kept when the mix changes: what was published meanwhile on a channel that joins it is not missed.
function change(state: SubscriptionState, { channels, timetoken }: EventOf<"changed">): Transition {
  if (channels.length === 0) return empty(state);
  const cursor = timetoken === undefined ? state.cursor : userCursor(timetoken);
  return poll({ ...state, channels, cursor, isNew: true, attempt: 0 });
}

function remember(state: SubscriptionState, { channels, timetoken }: EventOf<"changed">): Transition {
  if (channels.length === 0) return empty(state);
  const cursor = timetoken === undefined ? state.cursor : userCursor(timetoken);
  return stay({ ...state, channels, cursor, isNew: true });
}

function empty(state: SubscriptionState): Transition {
  const wasConnected = state.name !== "idle" && state.name !== "stopped";
  const effects: SubscriptionEffect[] = [{ kind: "cancel" }];
  if (wasConnected) effects.push({ kind: "status", category: STATUS_CATEGORIES.disconnected });
  return { state: INITIAL_STATE, effects };
}

// A cursor without a region is one that the application named: the handshake in front of it only learns the region.
function poll(state: SubscriptionState): Transition {
  const { channels, cursor } = state;
  const name = cursor === undefined || cursor.r === 0 ? "handshaking" : "receiving";
  return {
    state: { ...state, name },
    effects: [{ kind: "poll", channels, cursor: name === "handshaking" ? undefined : cursor }],
  };
}

function answer(state: SubscriptionState, { cursor, envelopes }: EventOf<"answered">): Transition {
  const wanted = state.cursor;
  const next = state.name === "handshaking" && wanted !== undefined ? { t: wanted.t, r: cursor.r } : cursor;
  const { effects, state: polling } = poll({ ...state, cursor: next, isNew: false, attempt: 0 });
  return { state: polling, effects: [...announce(state), { kind: "deliver", envelopes }, ...effects] };
}

function announce({ isNew, attempt }: SubscriptionState): readonly SubscriptionEffect[] {
  if (isNew) return [{ kind: "status", category: STATUS_CATEGORIES.connected }];
  return attempt > 0 ? [{ kind: "status", category: STATUS_CATEGORIES.reconnected }] : [];
}

// Announced once, however many attempts fail. A poll that merely ran into its own time limit is no loss.
function lose(state: SubscriptionState, { error }: EventOf<"lost">): Transition {
  if (error.category === STATUS_CATEGORIES.timeout && state.name === "receiving" && state.attempt === 0)
    return poll(state);
  const attempt = state.attempt + 1;
  const wait: SubscriptionEffect = { kind: "wait", attempt };
  const status: SubscriptionEffect = { kind: "status", category: error.category, error };
  return { state: { ...state, name: "waiting", attempt }, effects: attempt === 1 ? [status, wait] : [wait] };
}

function refuse(state: SubscriptionState, { error }: EventOf<"refused">): Transition {
  return {
    state: { ...state, name: "refused", isNew: true, attempt: 0 },
    effects: [{ kind: "status", category: error.category, error }],
  };
}

function stop(state: SubscriptionState): Transition {
  return {
    state: { ...state, name: "stopped", isNew: true, attempt: 0 },
    effects: [{ kind: "cancel" }, { kind: "status", category: STATUS_CATEGORIES.disconnected }],
  };
}

function resume(state: SubscriptionState, { timetoken }: EventOf<"reconnect">): Transition {
  if (state.channels.length === 0) return stay({ ...state, name: "idle" });
  const cursor = timetoken === undefined ? state.cursor : userCursor(timetoken);
  return poll({ ...state, cursor, isNew: true });
}
