import { expect, test } from "bun:test";
import type { PresenceChange } from "../ports/presence-store.ts";
import { intervalEvent, memberEvent } from "./event.ts";

const WALL_MS = 1_732_605_123_456.789;
const CHANGE = { keyset: "sub-key", channel: "room", uuid: 'al"ice', occupancy: 3, isNoted: false, noted: undefined };

const HEAD = '"uuid":"al\\"ice","timestamp":1732605123,"precise_timestamp":1732605123456,"occupancy":3';
const META =
  '"pn_uuid":"al\\"ice","pn_timestamp":1732605123,"pn_precise_timestamp":1732605123456,"pn_occupancy":3,"pn_ispresence":1,"pn_channel":"room"';
const STATE = '{"n":12345678901234567890,"l":[1,"}"]}';
const STATE_META = ',"pn_state_n":12345678901234567890,"pn_state_l":[1,"}"]';

type Case = readonly [action: PresenceChange["action"], state: string | undefined, data: string, meta: string];
const CASES: readonly Case[] = [
  ["join", undefined, "", ""],
  ["join", STATE, `,"data":${STATE}`, STATE_META],
  ["leave", undefined, "", ""],
  ["leave", STATE, `,"data":${STATE}`, STATE_META],
  ["timeout", undefined, "", ""],
  ["timeout", STATE, `,"data":${STATE}`, STATE_META],
  ["state-change", STATE, `,"data":${STATE}`, STATE_META],
  ["state-change", undefined, ',"data":{}', ""],
];
for (const [action, state, data, meta] of CASES) {
  test(`memberEvent() [PRE20 PRE21 PRE22] ${action} ${state ?? "without state"}`, () => {
    const draft = memberEvent({ ...CHANGE, action, state }, WALL_MS);
    expect(draft.payload).toBe(`{"action":"${action}",${HEAD}${data}}`);
    expect(draft.meta).toBe(`{"pn_action":"${action}",${META}${meta}}`);
    const { channel, stored, publisher, sequence, eventType } = draft;
    const plain = { channel: "room-pnpres", stored: false, publisher: undefined, sequence: undefined };
    expect({ channel, stored, publisher, sequence, eventType }).toEqual({ ...plain, eventType: undefined });
  });
}

const DIGEST = { occupancy: 27, join: ["carol"], leave: [], timeout: ["bob", "dave"], isTooLong: false };
const INTERVAL = '{"action":"interval","timestamp":1732605123,"occupancy":27';
const INTERVAL_META =
  '{"pn_action":"interval","pn_timestamp":1732605123,"pn_precise_timestamp":1732605123456,"pn_occupancy":27,"pn_ispresence":1,"pn_channel":"a.*"';

const INTERVALS = {
  "lists what is not empty": [
    DIGEST,
    true,
    ',"join":["carol"],"timeout":["bob","dave"]',
    ',"pn_join":["carol"],"pn_timeout":["bob","dave"]',
  ],
  "without deltas says how many": [DIGEST, false, "", ""],
  "of too much asks for here-now": [
    { ...DIGEST, join: [], timeout: [], isTooLong: true },
    true,
    ',"here_now_refresh":true',
    "",
  ],
} as const;
for (const [what, [digest, hasDeltas, payload, meta]] of Object.entries(INTERVALS)) {
  test(`intervalEvent() [PRE20 PRE22 PRE26 PRE27] ${what}`, () => {
    const draft = intervalEvent({ channel: "a.*", digest, hasDeltas }, WALL_MS);
    expect(draft.channel).toBe("a.*-pnpres");
    expect(draft.payload).toBe(`${INTERVAL}${payload}}`);
    expect(draft.meta).toBe(`${INTERVAL_META}${meta}}`);
  });
}

test("[WIRE19] types of an event's fields", () => {
  const event = JSON.parse(memberEvent({ ...CHANGE, action: "join", state: "{}" }, WALL_MS).payload);
  const types = Object.entries(event).map(([name, value]) => `${name} ${typeof value}`);
  expect(types).toEqual([
    "action string",
    "uuid string",
    "timestamp number",
    "precise_timestamp number",
    "occupancy number",
    "data object",
  ]);
  expect([event.timestamp, event.occupancy].every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
});
