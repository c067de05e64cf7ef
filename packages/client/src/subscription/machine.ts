/**
 * The subscription as a state machine: pure and total, every state has an answer to every event.
 *
 * It knows neither network nor time: the loop beside it performs its effects and feeds it what came of them. Whatever begins
 * or begins again goes through a handshake, which is answered at once: so a connection is announced when it is there, not
 * when the first message comes. The cursor is kept throughout. Rules: spec/SDK.md SDK11-SDK16, SDK20.
 *
 * @module
 */
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

/** What every state does about every event. */
export const TRANSITIONS: Transitions = {
  idle: {
    changed: (_, event) => change({ ...FRESH, ...NO_NAMES, timetoken: undefined }, event),
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    gaveUp: stay,
    disconnect: stay,
    reconnect: stay,
  },
  handshaking: {
    changed: change,
    answered: greet,
    lost: loseHandshake,
    refused: refuse,
    retry: stay,
    gaveUp: stay,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...state, ...moved(state, event) }),
  },
  receiving: {
    changed: (state, event) => change({ ...FRESH, ...state, goal: "changed" }, event),
    answered: receive,
    lost: loseReceiving,
    refused: refuse,
    retry: stay,
    gaveUp: stay,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...FRESH, ...state, ...moved(state, event), goal: "connected" }),
  },
  waiting: {
    changed: (state, event) => change({ ...state, isLossTold: true }, event),
    answered: stay,
    lost: stay,
    refused: stay,
    retry: (state) => handshake({ ...state, isLossTold: true }),
    gaveUp: giveUp,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...state, ...moved(state, event), isLossTold: true }),
  },
  stopped: {
    changed: remember,
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    gaveUp: stay,
    disconnect: stay,
    reconnect: (state, event) => handshake({ ...FRESH, ...moved(state, event) }),
  },
  failed: {
    changed: (state, event) => change({ ...FRESH, ...state }, event),
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    gaveUp: stay,
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
  const greeting = goal === "nothing" ? [] : [announce({ kind: goal, ...mixOf({ ...state, timetoken }) })];
  return {
    state: { name: "receiving", channels, groups, timetoken, region: cursor.r, attempt },
    effects: [...greeting, ...fresh, { kind: "receive", channels, groups, cursor: { t: timetoken, r: cursor.r } }],
  };
}

function receive(state: StateOf<"receiving">, { cursor, envelopes, gaps }: EventOf<"answered">): Transition {
  const { channels, groups } = state;
  const missed = gaps.length === 0 ? [] : [announce({ kind: "missed", gaps, ...mixOf(state) })];
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
  const loss = announce({ kind: "lost", error, wasConnected: wasConnected(goal), ...mixOf(pause) });
  return {
    state: { name: "waiting", channels, groups, timetoken, goal, attempt, error },
    effects: [...(isTold ? [] : [loss]), { kind: "wait", attempt, retryAfterMs }],
  };
}

function giveUp(state: StateOf<"waiting">): Transition {
  const { error, attempt, goal } = state;
  const trouble = { error, attempts: attempt, wasConnected: wasConnected(goal) };
  return {
    state: { name: "failed", ...mixOf(state) },
    effects: [announce({ kind: "gaveUp", ...trouble, ...mixOf(state) })],
  };
}

function refuse(state: StateOf<"handshaking" | "receiving">, { error }: EventOf<"refused">): Transition {
  const trouble = { error, wasConnected: state.name === "receiving" || wasConnected(state.goal) };
  return {
    state: { name: "failed", ...mixOf(state) },
    effects: [announce({ kind: "refused", ...trouble, ...mixOf(state) })],
  };
}

function stop(state: Exclude<SubscriptionState, { readonly name: "idle" }>): Transition {
  const isConnected = state.name === "receiving" || ("goal" in state && wasConnected(state.goal));
  return {
    state: { name: "stopped", ...mixOf(state) },
    effects: [{ kind: "cancel" }, disconnected(state, isConnected)],
  };
}

/** Whether a subscription with this before it had been connected: only a first connection is still to come. */
function wasConnected(goal: Goal): boolean {
  return goal !== "connected";
}

function disconnected(mix: NoticeMix, isConnected: boolean): SubscriptionEffect {
  return announce({ kind: "disconnected", wasConnected: isConnected, ...mixOf(mix) });
}

function announce(notice: Notice): SubscriptionEffect {
  return { kind: "announce", notice };
}

function mixOf({ channels, groups, timetoken }: Mix): Mix {
  return { channels, groups, timetoken };
}
