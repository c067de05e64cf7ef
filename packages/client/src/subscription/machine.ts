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
import { STATUS_CATEGORIES, type StatusCategory, type StatusEvent } from "../status.ts";
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
    changed: (_, event) => change({ ...FRESH, channels: [], timetoken: undefined }, event),
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    disconnect: stay,
    reconnect: stay,
  },
  handshaking: {
    changed: change,
    answered: greet,
    lost: loseHandshake,
    refused: refuse,
    retry: stay,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...state, ...moved(state, event), goal: "connected" }),
  },
  receiving: {
    changed: (state, event) => change({ ...FRESH, ...state }, event),
    answered: receive,
    lost: loseReceiving,
    refused: refuse,
    retry: stay,
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...FRESH, ...state, ...moved(state, event) }),
  },
  waiting: {
    changed: (state, event) => change({ ...state, isLossTold: true }, event),
    answered: stay,
    lost: stay,
    refused: stay,
    retry: (state) => handshake({ ...state, isLossTold: true }),
    disconnect: stop,
    reconnect: (state, event) => handshake({ ...state, ...moved(state, event), isLossTold: true }),
  },
  stopped: {
    changed: remember,
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
    disconnect: stay,
    reconnect: (state, event) => handshake({ ...FRESH, ...moved(state, event) }),
  },
  refused: {
    changed: (state, event) => change({ ...FRESH, ...state }, event),
    answered: stay,
    lost: stay,
    refused: stay,
    retry: stay,
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
function change(before: Beginning, { channels, timetoken = before.timetoken }: EventOf<"changed">): Transition {
  if (channels.length > 0) return handshake({ ...before, channels, timetoken, goal: "connected" });
  if (before.channels.length === 0) return stay(INITIAL_STATE);
  return { state: INITIAL_STATE, effects: [{ kind: "cancel" }, announce("disconnected", before)] };
}

function remember(
  state: StateOf<"stopped">,
  { channels, timetoken = state.timetoken }: EventOf<"changed">,
): Transition {
  return stay(channels.length === 0 ? INITIAL_STATE : { name: "stopped", channels, timetoken });
}

function moved({ channels, timetoken }: Mix, event: EventOf<"reconnect">): Mix {
  return { channels, timetoken: event.timetoken ?? timetoken };
}

function handshake({ channels, timetoken, goal, attempt, isLossTold }: Beginning): Transition {
  return {
    state: { name: "handshaking", channels, timetoken, goal, attempt, isLossTold },
    effects: [{ kind: "handshake", channels }],
  };
}

// With a cursor of its own the subscription goes on from there: what the handshake brought comes again.
function greet(state: StateOf<"handshaking">, { cursor, envelopes }: EventOf<"answered">): Transition {
  const { channels, attempt, goal } = state;
  const timetoken = state.timetoken ?? cursor.t;
  const fresh: readonly SubscriptionEffect[] = state.timetoken === undefined ? deliver(envelopes) : [];
  const greeting = goal === "nothing" ? [] : [announce(goal, { channels, timetoken })];
  return {
    state: { name: "receiving", channels, timetoken, region: cursor.r, attempt },
    effects: [...greeting, ...fresh, { kind: "receive", channels, cursor: { t: timetoken, r: cursor.r } }],
  };
}

function receive({ channels }: StateOf<"receiving">, { cursor, envelopes }: EventOf<"answered">): Transition {
  return {
    state: { name: "receiving", channels, timetoken: cursor.t, region: cursor.r, attempt: 0 },
    effects: [...deliver(envelopes), { kind: "receive", channels, cursor }],
  };
}

function deliver(envelopes: EventOf<"answered">["envelopes"]): readonly SubscriptionEffect[] {
  return envelopes.length === 0 ? [] : [{ kind: "deliver", envelopes }];
}

// A loss is told once, however many attempts fail after it.
function loseHandshake(state: StateOf<"handshaking">, { error }: EventOf<"lost">): Transition {
  const goal = state.goal === "connected" ? "connected" : "reconnected";
  return wait(state, goal, state.attempt + 1, state.isLossTold ? undefined : error);
}

// A poll that ran into its own time limit may be a quiet channel behind a strange proxy, or a dead network: a handshake tells.
function loseReceiving(state: StateOf<"receiving">, { error }: EventOf<"lost">): Transition {
  if (error.category === STATUS_CATEGORIES.timeout) return handshake({ ...FRESH, ...state, goal: "nothing" });
  return wait(state, "reconnected", state.attempt + 1, error);
}

function wait({ channels, timetoken }: Mix, goal: Goal, attempt: number, error: PubNubError | undefined): Transition {
  const pause: SubscriptionEffect = { kind: "wait", attempt };
  return {
    state: { name: "waiting", channels, timetoken, goal, attempt },
    effects: error === undefined ? [pause] : [announceError(error, { channels, timetoken }), pause],
  };
}

function refuse({ channels, timetoken }: Mix, { error }: EventOf<"refused">): Transition {
  return {
    state: { name: "refused", channels, timetoken },
    effects: [announceError(error, { channels, timetoken })],
  };
}

function stop({ channels, timetoken }: Mix): Transition {
  return {
    state: { name: "stopped", channels, timetoken },
    effects: [{ kind: "cancel" }, announce("disconnected", { channels, timetoken })],
  };
}

function announce(name: "connected" | "reconnected" | "disconnected", mix: Mix): SubscriptionEffect {
  const operation = name === "disconnected" ? "PNUnsubscribeOperation" : "PNSubscribeOperation";
  return { kind: "announce", status: statusOf(STATUS_CATEGORIES[name], operation, mix) };
}

function announceError(error: PubNubError, mix: Mix): SubscriptionEffect {
  const facts = statusOf(error.category, "PNSubscribeOperation", mix);
  const code = error.status === undefined ? {} : { statusCode: error.status };
  return { kind: "announce", status: { ...facts, error: true, errorData: error, ...code } };
}

function statusOf(category: StatusCategory, operation: StatusEvent["operation"], mix: Mix): StatusEvent {
  const { channels, timetoken } = mix;
  const cursor = timetoken === undefined ? {} : { currentTimetoken: timetoken };
  return { category, operation, error: false, affectedChannels: channels, ...cursor };
}
