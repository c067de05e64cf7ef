/**
 * The subscription as a state machine: pure and total, every state has an answer to every event.
 *
 * It knows neither network nor time: the loop beside it performs its effects and feeds it what came of them. Whatever begins
 * or begins again goes through a handshake, which is answered at once: so a connection is announced when it is there, not
 * when the first message comes. The cursor is kept throughout. Rules: spec/SDK.md SDK11-SDK16, SDK20.
 *
 * @module
 */
import type { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import { NO_NAMES, isEmpty } from "./names.ts";
import type { Notice, NoticeMix } from "./notice.ts";
import {
  type EventOf,
  type Goal,
  INITIAL_STATE,
  type Mix,
  type StateOf,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionState,
  type Transition,
  type Transitions,
} from "./states.ts";

const stay = (state: SubscriptionState): Transition => ({ state, effects: [] });

/** How a handshake begins: what stands behind it, and what its answer means. */
type Beginning = Omit<StateOf<"handshaking">, "name">;

/** Where neither a failed attempt nor an announced loss is behind. */
const FRESH = { goal: "connected", attempt: 0, isLossTold: false } as const;

/** A state that nothing changes. */
const STAYING: Readonly<Record<SubscriptionEvent["kind"], typeof stay>> = {
  changed: stay,
  answered: stay,
  lost: stay,
  refused: stay,
  retry: stay,
  gaveUp: stay,
  disconnect: stay,
  reconnect: stay,
};

/** What every state does about every event. */
export const TRANSITIONS: Transitions = {
  idle: {
    ...STAYING,
    changed: (_, event) => change({ ...FRESH, ...NO_NAMES, timetoken: undefined }, event),
  },
  handshaking: {
    ...STAYING,
    changed: change,
    answered: greet,
    lost: loseHandshake,
    refused: refuse,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...state, ...moved(state, event) }),
  },
  receiving: {
    ...STAYING,
    changed: (state, event) => change({ ...FRESH, ...state, goal: "changed" }, event),
    answered: receive,
    lost: loseReceiving,
    refused: refuse,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...FRESH, ...state, ...moved(state, event), goal: "connected" }),
  },
  waiting: {
    ...STAYING,
    changed: (state, event) => change({ ...state, isLossTold: true }, event),
    retry: (state) => handshake({ ...state, isLossTold: true }),
    gaveUp: (state) => fail(state, { kind: "gaveUp", attempts: state.attempt, ...troubleOf(state, state.error) }),
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...state, ...moved(state, event), isLossTold: true }),
  },
  stopped: {
    ...STAYING,
    changed: remember,
    reconnect: (state, event) => handshake({ ...FRESH, ...moved(state, event) }),
  },
  failed: {
    ...STAYING,
    changed: (state, event) => change({ ...FRESH, ...state }, event),
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...FRESH, ...moved(state, event) }),
  },
};

/**
 * One step of the machine.
 *
 * @returns the state after the event, and the effects on the way, in order.
 * @see spec/SDK.md SDK20
 */
export function transition(state: SubscriptionState, event: SubscriptionEvent): Transition {
  // The table is total over states and kinds; only the pairing of the two is beyond the type system.
  const react = TRANSITIONS[state.name][event.kind] as (
    state: SubscriptionState,
    event: SubscriptionEvent,
  ) => Transition;
  return react(state, event);
}

// A loss that was told stays told, so an application that answers it by subscribing again is not called in a circle.
function change(before: Beginning, event: EventOf<"changed">): Transition {
  const { channels, groups, timetoken = before.timetoken } = event;
  const goal = before.goal === "connected" ? "connected" : "changed";
  if (!isEmpty(event)) return handshake({ ...before, channels, groups, timetoken, goal });
  if (isEmpty(before)) return stay(INITIAL_STATE);
  return { state: INITIAL_STATE, effects: [{ kind: "cancel" }, disconnected(before, wasConnected(before.goal))] };
}

function remember(state: StateOf<"stopped">, event: EventOf<"changed">): Transition {
  const { channels, groups, timetoken = state.timetoken } = event;
  return stay(isEmpty(event) ? INITIAL_STATE : { name: "stopped", channels, groups, timetoken });
}

function moved({ channels, groups, timetoken }: Mix, event: EventOf<"reconnect">): Mix {
  return { channels, groups, timetoken: event.timetoken ?? timetoken };
}

// Another mix is asked for while the network is there; everything else begins with the question whether it is.
function handshake({ channels, groups, timetoken, goal, attempt, isLossTold }: Beginning): Transition {
  const isProbed = isLossTold || goal === "connected";
  return {
    state: { name: "handshaking", channels, groups, timetoken, goal, attempt, isLossTold },
    effects: [{ kind: "handshake", channels, groups, isProbed }],
  };
}

// With a cursor of its own the subscription goes on from there: what the handshake brought comes again.
function greet(state: StateOf<"handshaking">, { cursor, envelopes }: EventOf<"answered">): Transition {
  const { channels, groups, attempt, goal } = state;
  const timetoken = state.timetoken ?? cursor.t;
  const fresh: readonly SubscriptionEffect[] = state.timetoken === undefined ? deliver(envelopes) : [];
  const greeting = goal === "nothing" ? [] : [announce({ channels, groups, timetoken }, { kind: goal })];
  return {
    state: { name: "receiving", channels, groups, timetoken, region: cursor.r, attempt },
    effects: [...greeting, ...fresh, { kind: "receive", channels, groups, cursor: { t: timetoken, r: cursor.r } }],
  };
}

function receive(state: StateOf<"receiving">, { cursor, envelopes, gaps }: EventOf<"answered">): Transition {
  const { channels, groups } = state;
  const missed = gaps.length === 0 ? [] : [announce(state, { kind: "missed", gaps })];
  return {
    state: { name: "receiving", channels, groups, timetoken: cursor.t, region: cursor.r, attempt: 0 },
    effects: [...missed, ...deliver(envelopes), { kind: "receive", channels, groups, cursor }],
  };
}

function deliver(envelopes: EventOf<"answered">["envelopes"]): readonly SubscriptionEffect[] {
  return envelopes.length === 0 ? [] : [{ kind: "deliver", envelopes }];
}

// A loss is told once, however many attempts fail after it.
function loseHandshake(state: StateOf<"handshaking">, event: EventOf<"lost">): Transition {
  const goal = state.goal === "nothing" ? "reconnected" : state.goal;
  return wait({ ...state, goal, attempt: state.attempt + 1 }, event, state.isLossTold);
}

// A poll that ran into its own time limit, or was cut after a while, may be a quiet channel behind a strange proxy, or a dead
// network: a handshake tells.
function loseReceiving(state: StateOf<"receiving">, event: EventOf<"lost">): Transition {
  const { error, isSettled = false } = event;
  const attempt = isSettled ? 0 : state.attempt;
  const isQuiet = isSettled || error.category === STATUS_CATEGORIES.timeout;
  if (isQuiet) return handshake({ ...FRESH, ...state, attempt, goal: "nothing" });
  return wait({ ...state, goal: "reconnected", attempt: attempt + 1 }, event, false);
}

type Pause = Pick<StateOf<"waiting">, "channels" | "groups" | "timetoken" | "goal" | "attempt">;

function wait(pause: Pause, { error, retryAfterMs }: EventOf<"lost">, isTold: boolean): Transition {
  const { channels, groups, timetoken, goal, attempt } = pause;
  const loss = announce(pause, { kind: "lost", error, wasConnected: wasConnected(goal) });
  return {
    state: { name: "waiting", channels, groups, timetoken, goal, attempt, error },
    effects: [...(isTold ? [] : [loss]), { kind: "wait", attempt, retryAfterMs }],
  };
}

function refuse(state: StateOf<"handshaking" | "receiving">, { error }: EventOf<"refused">): Transition {
  return fail(state, { kind: "refused", ...troubleOf(state, error) });
}

function fail(state: Mix, trouble: Unlocated): Transition {
  return { state: { name: "failed", ...mixOf(state) }, effects: [announce(state, trouble)] };
}

function stop(state: Somewhere): Transition {
  const effects = [{ kind: "cancel" }, disconnected(state, isConnected(state))] as const;
  return { state: { name: "stopped", ...mixOf(state) }, effects };
}

type Somewhere = Exclude<SubscriptionState, { readonly name: "idle" }>;

function isConnected(state: Somewhere): boolean {
  return state.name === "receiving" || ("goal" in state && wasConnected(state.goal));
}

function troubleOf(
  state: Somewhere,
  error: PubNubError,
): { readonly error: PubNubError; readonly wasConnected: boolean } {
  return { error, wasConnected: isConnected(state) };
}

/** Whether a subscription with this before it had been connected: only a first connection is still to come. */
function wasConnected(goal: Goal): boolean {
  return goal !== "connected";
}

function disconnected(mix: Mix, isConnected: boolean): SubscriptionEffect {
  return announce(mix, { kind: "disconnected", wasConnected: isConnected });
}

/** A notice without what it is about. */
type Unlocated<Any = Notice> = Any extends Notice ? Omit<Any, keyof NoticeMix> : never;

function announce(mix: Mix, notice: Unlocated): SubscriptionEffect {
  return { kind: "announce", notice: { ...notice, ...mixOf(mix) } as Notice };
}

function mixOf({ channels, groups, timetoken }: Mix): Mix {
  return { channels, groups, timetoken };
}
