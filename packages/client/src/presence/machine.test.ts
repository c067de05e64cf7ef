import { expect, test } from "bun:test";
import fc from "fast-check";
import { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import { isEmpty } from "../subscription/names.ts";
import { PRESENCE_TRANSITIONS, presenceTransition } from "./machine.ts";
import {
  ABSENT,
  type PresenceHappening,
  type PresenceState,
  type PresenceStateName,
  type PresenceTransition,
} from "./states.ts";

const ERROR = new PubNubError("It failed.", { category: STATUS_CATEGORIES.networkIssues });
const NAMES = { channels: ["a", "b"], groups: ["g"] };
const STATES: { readonly [Name in PresenceStateName]: PresenceState } = {
  inactive: ABSENT,
  arriving: { name: "arriving", ...NAMES },
  beating: { name: "beating", ...NAMES },
  resting: { name: "resting", ...NAMES },
  failed: { name: "failed", ...NAMES },
  stopped: { name: "stopped", ...NAMES },
};
const HAPPENINGS: { readonly [Kind in PresenceHappening["kind"]]: PresenceHappening } = {
  joined: { kind: "joined", channels: ["c"], groups: [] },
  left: { kind: "left", channels: ["a"], groups: ["unknown"] },
  leftAll: { kind: "leftAll" },
  disconnect: { kind: "disconnect" },
  offline: { kind: "offline" },
  online: { kind: "online" },
  succeeded: { kind: "succeeded" },
  lost: { kind: "lost", error: ERROR },
  refused: { kind: "refused", error: ERROR },
  due: { kind: "due" },
};

/** A transition in a line: the next state with its names, then the effects in order. */
function lineOf({ state, effects }: PresenceTransition): string {
  const namesOf = ({ channels, groups }: typeof NAMES): string => [...channels, ...groups].join();
  const facts = effects.map((effect) => {
    if (effect.kind === "tell") return effect.error === undefined ? "tell success" : "tell failure";
    return "channels" in effect ? `${effect.kind} ${namesOf(effect as never)}` : effect.kind;
  });
  const names = state.name === "inactive" ? "" : ` ${namesOf(state as never)}`;
  return [`→ ${state.name}${names}`, ...facts].join(" · ");
}

const STAY = "stays";
const JOINED = "→ beating a,b,c,g · heartbeat a,b,c,g";
const LEFT = "→ beating b,g · leave a · heartbeat b,g";
const AGAIN = "→ beating a,b,g · heartbeat a,b,g";
const GONE = "→ inactive · cancel · leave a,b,g";
const STOPPED = "→ stopped a,b,g · cancel · leave a,b,g";
const PAUSED = "→ stopped a,b,g · cancel";
const DEAF = { succeeded: STAY, lost: STAY, refused: STAY };
const TABLE: {
  readonly [Name in PresenceStateName]: { readonly [Kind in PresenceHappening["kind"]]: string };
} = {
  inactive: {
    joined: "→ arriving c",
    left: STAY,
    leftAll: STAY,
    disconnect: STAY,
    offline: STAY,
    online: STAY,
    ...DEAF,
    due: STAY,
  },
  arriving: {
    joined: "→ arriving a,b,c,g",
    left: "→ arriving b,g · leave a",
    leftAll: GONE,
    disconnect: STOPPED,
    offline: PAUSED,
    online: AGAIN,
    ...DEAF,
    due: STAY,
  },
  beating: {
    joined: JOINED,
    left: LEFT,
    leftAll: GONE,
    disconnect: STOPPED,
    offline: PAUSED,
    online: STAY,
    succeeded: "→ resting a,b,g · tell success · wait",
    lost: "→ resting a,b,g · tell failure · wait",
    refused: "→ failed a,b,g · tell failure",
    due: STAY,
  },
  resting: {
    joined: JOINED,
    left: LEFT,
    leftAll: GONE,
    disconnect: STOPPED,
    offline: PAUSED,
    online: STAY,
    ...DEAF,
    due: AGAIN,
  },
  failed: {
    joined: JOINED,
    left: LEFT,
    leftAll: GONE,
    disconnect: STOPPED,
    offline: PAUSED,
    online: AGAIN,
    ...DEAF,
    due: STAY,
  },
  stopped: {
    joined: "→ stopped a,b,c,g",
    left: "→ stopped b,g",
    leftAll: "→ inactive",
    disconnect: STAY,
    offline: STAY,
    online: AGAIN,
    ...DEAF,
    due: STAY,
  },
};
for (const [name, row] of Object.entries(TABLE)) {
  for (const [kind, line] of Object.entries(row)) {
    test(`[SDK36] ${name}, ${kind}: ${line}`, () => {
      const state = STATES[name as PresenceStateName];
      const next = presenceTransition(state, HAPPENINGS[kind as PresenceHappening["kind"]]);
      if (line === STAY) expect(next).toEqual({ state, effects: [] });
      else expect(lineOf(next)).toBe(line);
    });
  }
}

test("[SDK36] the table of the machine has every cell, and none that is not tested", () => {
  const cells = (table: object): readonly string[] =>
    Object.entries(table).flatMap(([name, row]) => Object.keys(row as object).map((kind) => `${name} ${kind}`));
  expect(cells(PRESENCE_TRANSITIONS).toSorted()).toEqual(cells(TABLE).toSorted());
});

test("[SDK36] whatever leaves last ends presence; what was never there leaves nothing", () => {
  const all: PresenceHappening = { kind: "left", ...NAMES };
  expect(lineOf(presenceTransition(STATES.resting, all))).toBe(GONE);
  expect(lineOf(presenceTransition(STATES.arriving, all))).toBe(GONE);
  expect(lineOf(presenceTransition(STATES.stopped, all))).toBe("→ inactive");
  const unknown: PresenceHappening = { kind: "left", channels: ["x"], groups: [] };
  for (const state of [STATES.resting, STATES.arriving]) {
    expect(presenceTransition(state, unknown)).toEqual({ state, effects: [] });
  }
});

test("[SDK36] in every story: names are the joined less the left, and one thing is under way where there should be", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 });
  const happenings = fc.oneof(
    names.map((channels): PresenceHappening => ({ kind: "joined", channels, groups: [] })),
    names.map((channels): PresenceHappening => ({ kind: "left", channels, groups: [] })),
    fc.constantFrom(...Object.values(HAPPENINGS).filter(({ kind }) => kind !== "joined" && kind !== "left")),
  );
  fc.assert(
    fc.property(fc.array(happenings, { maxLength: 40 }), (story) => {
      let state = ABSENT;
      let present = new Set<string>();
      for (const event of story) {
        const next = presenceTransition(state, event);
        ({ state } = next);
        if (event.kind === "joined") present = new Set([...present, ...event.channels]);
        if (event.kind === "left") present = new Set([...present].filter((name) => !event.channels.includes(name)));
        if (event.kind === "leftAll") present = new Set();
        expect(state.name === "inactive" ? [] : [...state.channels]).toEqual([...present].toSorted());
        if (state.name !== "inactive") expect(isEmpty(state)).toBe(false);
        const started = next.effects.filter(({ kind }) => ["heartbeat", "wait", "cancel"].includes(kind));
        expect(started.length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 1_000 },
  );
});
