import { expect, test } from "bun:test";
import type { Envelope } from "@longwave/protocol";
import fc from "fast-check";
import { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES, type StatusCategory } from "../status.ts";
import { TRANSITIONS, transition } from "./machine.ts";
import type { Names } from "./names.ts";
import {
  INITIAL_STATE,
  type StateName,
  type SubscriptionEvent,
  type SubscriptionState,
  type Transition,
} from "./states.ts";

const failure = (category: StatusCategory, status?: number): PubNubError =>
  new PubNubError("It failed.", { category, operation: "PNSubscribeOperation", status });
const LOST = failure(STATUS_CATEGORIES.networkIssues);
const LATE = failure(STATUS_CATEGORIES.timeout);
const DENIED = failure(STATUS_CATEGORIES.accessDenied, 403);

const MIX = { channels: ["a", "b"], groups: ["g"], timetoken: "17000000000000005" };
const STATES: { readonly [Name in StateName]: SubscriptionState } = {
  idle: INITIAL_STATE,
  handshaking: { name: "handshaking", ...MIX, goal: "connected", attempt: 0, isLossTold: false },
  receiving: { name: "receiving", ...MIX, region: 12, attempt: 0 },
  waiting: { name: "waiting", ...MIX, goal: "reconnected", attempt: 3, error: LOST },
  stopped: { name: "stopped", ...MIX },
  failed: { name: "failed", ...MIX },
};

const ENVELOPES = [{ c: "a", d: 1 } as Envelope];
const EVENTS: { readonly [Kind in SubscriptionEvent["kind"]]: SubscriptionEvent } = {
  changed: { kind: "changed", channels: ["a", "c"], groups: [] },
  answered: { kind: "answered", cursor: { t: "17000000000000009", r: 7 }, envelopes: ENVELOPES, gaps: [] },
  lost: { kind: "lost", error: LOST },
  refused: { kind: "refused", error: DENIED },
  retry: { kind: "retry" },
  gaveUp: { kind: "gaveUp" },
  disconnect: { kind: "disconnect" },
  reconnect: { kind: "reconnect" },
};

const namesOf = ({ channels, groups }: Names): string => [...channels, ...groups].join();

/** A transition in a line: the next state, then the effects in order. */
function lineOf({ state, effects }: Transition): string {
  const facts = effects.map((effect) => {
    switch (effect.kind) {
      case "handshake":
        return `handshake ${namesOf(effect)}`;
      case "receive":
        return `receive ${namesOf(effect)} from ${effect.cursor.t.slice(-1)}/${effect.cursor.r}`;
      case "wait":
        return `wait ${effect.attempt}`;
      case "announce":
        return `${effect.notice.kind} ${namesOf(effect.notice)}`;
      case "cancel":
      case "deliver":
        return effect.kind;
    }
  });
  return [`→ ${state.name}`, ...facts].join(" · ");
}

const STAY = "stays";
const TABLE: { readonly [Name in StateName]: { readonly [Kind in SubscriptionEvent["kind"]]: string } } = {
  idle: {
    changed: "→ handshaking · handshake a,c",
    answered: STAY,
    lost: STAY,
    refused: STAY,
    retry: STAY,
    gaveUp: STAY,
    disconnect: STAY,
    reconnect: STAY,
  },
  handshaking: {
    changed: "→ handshaking · handshake a,c",
    answered: "→ receiving · connected a,b,g · receive a,b,g from 5/7",
    lost: "→ waiting · lost a,b,g · wait 1",
    refused: "→ failed · refused a,b,g",
    retry: STAY,
    gaveUp: STAY,
    disconnect: "→ stopped · cancel · disconnected a,b,g",
    reconnect: "→ handshaking · handshake a,b,g",
  },
  receiving: {
    changed: "→ handshaking · handshake a,c",
    answered: "→ receiving · deliver · receive a,b,g from 9/7",
    lost: "→ waiting · lost a,b,g · wait 1",
    refused: "→ failed · refused a,b,g",
    retry: STAY,
    gaveUp: STAY,
    disconnect: "→ stopped · cancel · disconnected a,b,g",
    reconnect: "→ handshaking · handshake a,b,g",
  },
  waiting: {
    changed: "→ handshaking · handshake a,c",
    answered: STAY,
    lost: STAY,
    refused: STAY,
    retry: "→ handshaking · handshake a,b,g",
    gaveUp: "→ failed · gaveUp a,b,g",
    disconnect: "→ stopped · cancel · disconnected a,b,g",
    reconnect: "→ handshaking · handshake a,b,g",
  },
  stopped: {
    changed: "→ stopped",
    answered: STAY,
    lost: STAY,
    refused: STAY,
    retry: STAY,
    gaveUp: STAY,
    disconnect: STAY,
    reconnect: "→ handshaking · handshake a,b,g",
  },
  failed: {
    changed: "→ handshaking · handshake a,c",
    answered: STAY,
    lost: STAY,
    refused: STAY,
    retry: STAY,
    gaveUp: STAY,
    disconnect: "→ stopped · cancel · disconnected a,b,g",
    reconnect: "→ handshaking · handshake a,b,g",
  },
};
for (const [name, row] of Object.entries(TABLE)) {
  for (const [kind, line] of Object.entries(row)) {
    test(`[SDK20] ${name}, ${kind}: ${line}`, () => {
      const state = STATES[name as StateName];
      const next = transition(state, EVENTS[kind as SubscriptionEvent["kind"]]);
      if (line === STAY) expect(next).toEqual({ state, effects: [] });
      else expect(lineOf(next)).toBe(line);
    });
  }
}

test("[SDK20] the table of the machine has every cell, and none that is not tested", () => {
  const cells = (table: object): readonly string[] =>
    Object.entries(table).flatMap(([name, row]) => Object.keys(row as object).map((kind) => `${name} ${kind}`));
  expect(cells(TRANSITIONS).toSorted()).toEqual(cells(TABLE).toSorted());
});

/** The lines of one event after another. */
function story(start: SubscriptionState, events: readonly SubscriptionEvent[]): readonly string[] {
  let state = start;
  return events.map((event) => {
    const next = transition(state, event);
    ({ state } = next);
    return lineOf(next);
  });
}

const EMPTIED: SubscriptionEvent = { kind: "changed", channels: [], groups: [] };
const ENDED = "→ idle · cancel · disconnected a,b,g";
const WHEN_EMPTY: { readonly [Name in StateName]: string } = {
  idle: "→ idle",
  handshaking: ENDED,
  receiving: ENDED,
  waiting: ENDED,
  stopped: "→ idle",
  failed: ENDED,
};
for (const [name, line] of Object.entries(WHEN_EMPTY)) {
  test(`[SDK16] the last name goes while ${name}: ${line}`, () => {
    expect(lineOf(transition(STATES[name as StateName], EMPTIED))).toBe(line);
  });
}

test("[SDK12] every change of the mix keeps the cursor, and a timetoken takes its place", () => {
  for (const name of Object.keys(STATES) as StateName[]) {
    if (name === "idle") continue;
    const kept = transition(STATES[name], EVENTS.changed).state;
    const moved = transition(STATES[name], {
      kind: "changed",
      channels: ["a"],
      groups: ["g"],
      timetoken: "17000000000000001",
    }).state;
    const resumed = transition(STATES[name], { kind: "reconnect", timetoken: "17000000000000001" }).state;
    expect([kept, moved, resumed]).toMatchObject([
      { timetoken: "17000000000000005", channels: ["a", "c"] },
      { timetoken: "17000000000000001", channels: ["a"] },
      { timetoken: "17000000000000001", channels: ["a", "b"] },
    ]);
  }
});

test("[SDK11] without a cursor, what the handshake brought is delivered, and its cursor taken", () => {
  const handshaking: SubscriptionState = { ...INITIAL_STATE, ...STATES.handshaking, timetoken: undefined } as never;
  expect(story(handshaking, [EVENTS.answered])).toEqual([
    "→ receiving · connected a,b,g · deliver · receive a,b,g from 9/7",
  ]);
});

test("[SDK13] a loss is told once, however many attempts fail, and its end once", () => {
  const failing = [EVENTS.lost, EVENTS.retry];
  expect(story(STATES.receiving, [...failing, ...failing, ...failing, EVENTS.answered, EVENTS.answered])).toEqual([
    "→ waiting · lost a,b,g · wait 1",
    "→ handshaking · handshake a,b,g",
    "→ waiting · wait 2",
    "→ handshaking · handshake a,b,g",
    "→ waiting · wait 3",
    "→ handshaking · handshake a,b,g",
    "→ receiving · reconnected a,b,g · receive a,b,g from 5/7",
    "→ receiving · deliver · receive a,b,g from 9/7",
  ]);
});

test("[SDK13] a network that was never there is Connected, not Reconnected, when it comes", () => {
  expect(story(STATES.idle, [EVENTS.changed, EVENTS.lost, EVENTS.retry, EVENTS.answered])).toEqual([
    "→ handshaking · handshake a,c",
    "→ waiting · lost a,c · wait 1",
    "→ handshaking · handshake a,c",
    "→ receiving · connected a,c · deliver · receive a,c from 9/7",
  ]);
});

test("[SDK13] an application that answers a loss by reconnecting or subscribing is not called in a circle", () => {
  for (const event of [EVENTS.reconnect, EVENTS.changed]) {
    const lines = story(STATES.receiving, [EVENTS.lost, event, EVENTS.lost, event, EVENTS.lost]);
    expect(lines.filter((line) => line.includes("lost"))).toHaveLength(1);
    expect(lines.at(-1)).toBe("→ waiting · wait 3");
  }
});

test("[SDK13] pauses grow until a poll is answered, not just a handshake", () => {
  const round = [EVENTS.lost, EVENTS.retry, EVENTS.answered];
  const lines = story(STATES.receiving, [...round, ...round, EVENTS.answered, EVENTS.lost]);
  expect(lines.filter((line) => line.includes("wait "))).toEqual([
    "→ waiting · lost a,b,g · wait 1",
    "→ waiting · lost a,b,g · wait 2",
    "→ waiting · lost a,b,g · wait 1",
  ]);
});

test("[SDK13] after Reconnected the next loss is told, also when the mix changed in between", () => {
  const events = [EVENTS.lost, EVENTS.retry, EVENTS.answered, EVENTS.changed, EVENTS.lost];
  expect(story(STATES.receiving, events).at(-1)).toBe("→ waiting · lost a,c · wait 2");
});

test("[SDK15] a poll that runs into its time limit is followed by a handshake; nothing is told while that succeeds", () => {
  const late: SubscriptionEvent = { kind: "lost", error: LATE };
  expect(story(STATES.receiving, [late, EVENTS.answered])).toEqual([
    "→ handshaking · handshake a,b,g",
    "→ receiving · receive a,b,g from 5/7",
  ]);
  expect(story(STATES.receiving, [late, late, EVENTS.retry, EVENTS.answered])).toEqual([
    "→ handshaking · handshake a,b,g",
    "→ waiting · lost a,b,g · wait 1",
    "→ handshaking · handshake a,b,g",
    "→ receiving · reconnected a,b,g · receive a,b,g from 5/7",
  ]);
});

test("[SDK14] a refusal is told with its error, and whether there had been a connection", () => {
  const noticeOf = (state: SubscriptionState): unknown =>
    transition(state, EVENTS.refused).effects.map((effect) => effect.kind === "announce" && effect.notice);
  const refused = { kind: "refused", error: DENIED, ...MIX };
  expect(noticeOf(STATES.receiving)).toEqual([{ ...refused, wasConnected: true }]);
  expect(noticeOf(STATES.handshaking)).toEqual([{ ...refused, wasConnected: false }]);
});

test("[SDK13 SDK16 SDK20] in every story: one thing under way where there should be, the cursor kept, each loss ended", () => {
  const events = fc.array(fc.constantFrom(...Object.values(EVENTS), EMPTIED, { kind: "lost", error: LATE } as const));
  fc.assert(
    fc.property(events, (events) => {
      let state = INITIAL_STATE;
      let isLost = false;
      for (const event of events) {
        const next = transition(state, event);
        const started = next.effects.filter(({ kind }) => ["handshake", "receive", "wait", "cancel"].includes(kind));
        expect(started.length).toBeLessThanOrEqual(1);
        if (next.state.name === "waiting") expect(next.state.attempt).toBeGreaterThan(0);
        if (state.name !== "idle" && next.state.name !== "idle" && state.timetoken !== undefined) {
          const cursors = event.kind === "answered" ? [state.timetoken, event.cursor.t] : [state.timetoken];
          expect(cursors).toContain(next.state.timetoken ?? "none");
        }
        for (const effect of next.effects) {
          if (effect.kind !== "announce") continue;
          const { kind } = effect.notice;
          if (kind === "reconnected" || kind === "gaveUp") expect(isLost).toBe(true);
          if (kind === "lost") expect(isLost).toBe(false);
          isLost = kind === "lost";
        }
        ({ state } = next);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("[SDK15] a poll that had been held for a while and is cut is followed by a handshake, and pauses begin anew", () => {
  const cut: SubscriptionEvent = { kind: "lost", error: LOST, isSettled: true };
  const story6 = story({ ...STATES.receiving, attempt: 5 } as SubscriptionState, [cut, EVENTS.answered, cut, cut]);
  expect(story6).toEqual([
    "→ handshaking · handshake a,b,g",
    "→ receiving · receive a,b,g from 5/7",
    "→ handshaking · handshake a,b,g",
    "→ waiting · lost a,b,g · wait 1",
  ]);
});

test("[SDK38] a handshake is preceded by a probe where the network may not be there", () => {
  const isProbed = (state: SubscriptionState, event: SubscriptionEvent): unknown =>
    transition(state, event).effects.find(({ kind }) => kind === "handshake");
  expect(isProbed(STATES.idle, EVENTS.changed)).toMatchObject({ isProbed: true });
  expect(isProbed(STATES.waiting, EVENTS.retry)).toMatchObject({ isProbed: true });
  expect(isProbed(STATES.stopped, EVENTS.reconnect)).toMatchObject({ isProbed: true });
  expect(isProbed(STATES.failed, EVENTS.reconnect)).toMatchObject({ isProbed: true });
  expect(isProbed(STATES.receiving, EVENTS.changed)).toMatchObject({ isProbed: false });
});

test("[SDK38] what the network said to wait goes with the pause", () => {
  const { effects } = transition(STATES.receiving, { kind: "lost", error: LOST, retryAfterMs: 7_000 });
  expect(effects.at(-1)).toEqual({ kind: "wait", attempt: 1, retryAfterMs: 7_000 });
});

test("[SDK42] what can no longer be delivered is told before what comes after it", () => {
  const gaps = [{ channel: "a", from: "17000000000000005", to: "17000000000000008" }];
  const answered: SubscriptionEvent = { ...EVENTS.answered, gaps } as SubscriptionEvent;
  expect(story(STATES.receiving, [answered])).toEqual([
    "→ receiving · missed a,b,g · deliver · receive a,b,g from 9/7",
  ]);
});
