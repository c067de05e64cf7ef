/**
 * A client's own presence as a state machine: pure and total, every state has an answer to everything that happens.
 *
 * It knows neither network nor time: the loop beside it performs its effects. Heartbeats begin when the subscription is
 * connected, so that a subscriber of its own presence sees itself join. One that is lost is followed by the
 * next one in time; one that is refused ends them until something changes. Rules: spec/SDK.md SDK36.
 *
 * @module
 */
import { type Names, NO_NAMES, difference, isEmpty, union } from "../subscription/names.ts";
import {
  ABSENT,
  type HappeningOf,
  type PresenceHappening,
  type PresenceState,
  type PresenceTransition,
  type PresenceTransitions,
} from "./states.ts";

const stay = (state: PresenceState): PresenceTransition => ({ state, effects: [] });

type Present = Exclude<PresenceState, { readonly name: "inactive" }>;

/** A state that nothing changes. */
const STAYING: Readonly<Record<PresenceHappening["kind"], typeof stay>> = {
  joined: stay,
  left: stay,
  leftAll: stay,
  disconnect: stay,
  offline: stay,
  online: stay,
  succeeded: stay,
  lost: stay,
  refused: stay,
  due: stay,
};

/** What is the same wherever heartbeats have begun. */
const PRESENT = { ...STAYING, joined: join, left: leave, leftAll: leaveAll, disconnect, offline: pause };

/** What every state does about everything that happens. */
export const PRESENCE_TRANSITIONS: PresenceTransitions = {
  inactive: { ...STAYING, joined: (_, event) => rename("arriving", union(NO_NAMES, event)) },
  arriving: {
    ...PRESENT,
    joined: (state, event) => rename("arriving", union(state, event)),
    left: leaveEarly,
    online: beat,
  },
  beating: {
    ...PRESENT,
    succeeded: (state) => rest(state, undefined),
    lost: (state, { error }) => rest(state, error),
    refused: fail,
  },
  resting: { ...PRESENT, due: beat },
  failed: { ...PRESENT, online: beat },
  stopped: {
    ...STAYING,
    joined: (state, event) => rename("stopped", union(state, event)),
    left: (state, event) => rename("stopped", difference(state, event)),
    leftAll: () => stay(ABSENT),
    online: beat,
  },
};

/**
 * One step of the machine.
 *
 * @returns the state after what happened, and the effects on the way, in order.
 * @see spec/SDK.md SDK36
 */
export function presenceTransition(state: PresenceState, event: PresenceHappening): PresenceTransition {
  // The table is total over states and kinds; only the pairing of the two is beyond the type system.
  const react = PRESENCE_TRANSITIONS[state.name][event.kind] as (
    state: PresenceState,
    event: PresenceHappening,
  ) => PresenceTransition;
  return react(state, event);
}

function beat({ channels, groups }: Names): PresenceTransition {
  if (isEmpty({ channels, groups })) return stay(ABSENT);
  return { state: { name: "beating", channels, groups }, effects: [{ kind: "heartbeat", channels, groups }] };
}

function join(state: Present, event: HappeningOf<"joined">): PresenceTransition {
  return beat(union(state, event));
}

// What is left over goes on beating at once, so that a heartbeat under way for the old names is not in between.
function leave(state: Present, event: HappeningOf<"left">): PresenceTransition {
  const rest = difference(state, event);
  const gone = difference(state, rest);
  if (isEmpty(gone)) return stay(state);
  if (isEmpty(rest)) return leaveAll(state);
  const next = beat(rest);
  return { state: next.state, effects: [{ kind: "leave", ...gone }, ...next.effects] };
}

// The network may know of a client before it has answered: its first request says where it is.
function leaveEarly(state: Present, event: HappeningOf<"left">): PresenceTransition {
  const rest = difference(state, event);
  const gone = difference(state, rest);
  if (isEmpty(gone)) return stay(state);
  return isEmpty(rest) ? leaveAll(state) : { ...rename("arriving", rest), effects: [{ kind: "leave", ...gone }] };
}

function leaveAll({ channels, groups }: Present): PresenceTransition {
  return { state: ABSENT, effects: [{ kind: "cancel" }, { kind: "leave", channels, groups }] };
}

function disconnect({ channels, groups }: Present): PresenceTransition {
  return {
    state: { name: "stopped", channels, groups },
    effects: [{ kind: "cancel" }, { kind: "leave", channels, groups }],
  };
}

function pause({ channels, groups }: Present): PresenceTransition {
  return { state: { name: "stopped", channels, groups }, effects: [{ kind: "cancel" }] };
}

function rename(name: "arriving" | "stopped", { channels, groups }: Names): PresenceTransition {
  return stay(isEmpty({ channels, groups }) ? ABSENT : { name, channels, groups });
}

function rest({ channels, groups }: Names, error: HappeningOf<"lost">["error"] | undefined): PresenceTransition {
  return {
    state: { name: "resting", channels, groups },
    effects: [{ kind: "tell", error, channels, groups }, { kind: "wait" }],
  };
}

function fail({ channels, groups }: Names, { error }: HappeningOf<"refused">): PresenceTransition {
  return {
    state: { name: "failed", channels, groups },
    effects: [{ kind: "tell", error, channels, groups }],
  };
}
