/**
 * What clients ask in the course of a session, request by request, and what they are answered.
 *
 * The checklist of what a server must do for them, and the tests that show each row: in this room where no other is named.
 *
 * | row | shown by |
 * |---|---|
 * | 1 `/time/0` | success [WIRE5]; here, "threads" |
 * | 2 a handshake without `tt`, a region of 1 to 127 | subscribe [SUB1 WIRE3] |
 * | 3 a publish wakes a held poll, `t.t` is `p.t` | subscribe [SUB9 WIRE5]; how fast: bench/ |
 * | 4 a publish between two polls comes with the next | subscribe [SUB2 SUB5] |
 * | 5 an old cursor with other channels | subscribe [SUB2 SUB5] |
 * | 6 more than 100 that wait: ours are paged, the oldest first, and none is lost | subscribe [SUB2 SUB14] |
 * | 7 `b` with several names, none with one | subscribe [SUB12 SUB13 WIRE8 WIRE9]; matched-names |
 * | 8 a channel and a group: two envelopes | here |
 * | 9 `a.*` | subscribe [SUB12 SUB13 WIRE8 WIRE9]; matched-names |
 * | 10 presence events with their occupancies, without `e` | here |
 * | 11 `state={}` keeps state | here; presence [WIRE13] |
 * | 12 a channel is added to a group while it is polled | here |
 * | 13 groups without channels | here |
 * | 14 the forms of here-now | here; presence [PRE52 PRE53 PRE54 PRE55] |
 * | 15 bodies of POST, compressed and labelled | publish, body [WIRE14] |
 * | 16 payloads keep their bytes | publish [PUB1 ENV2 JSN2]; interop/payloads |
 * | 17 what is too large | publish-limits, publish-refusals, answers [EDG12] |
 * | 18 spellings | here; presence [WIRE15]; subscribe [WIRE17] |
 * | 19 preflights | answers [EDG8] |
 * | 20 a poll that is given up frees what it held, and is no leave | here; subscribe [SUB15]; attendance [PRE73] |
 * | 21 an idle poll ends after 280 s | subscribe [SUB3 WIRE18] |
 * | 22 filters | packages/protocol/src/filter [FLT1 FLT2]; filter [FLT11] |
 *
 * @module
 */
import { describe, test } from "bun:test";
import { type Step, replay } from "./wire-session.ts";

const subscribed = (...envelopes: readonly string[]): string => `{"t":{"t":"T","r":12},"m":[${envelopes.join(",")}]}`;
const EMPTY = subscribed();
const ok = (rest = ""): string => `{"status":200,"message":"OK",${rest}"service":"Presence"}`;
const LEFT = ok('"action":"leave",');
const REGISTERED = '{"status":200,"message":"OK","service":"channel-registry","error":false}';
const SENT = '[1,"Sent","T"]';
const REGISTRY = "/v1/channel-registration/sub-key/demo/channel-group";

/** What is published to a channel by alice, as it is told. */
function message(channel: string, payload: string, matched?: string): string {
  const b = matched === undefined ? "" : `,"b":"${matched}"`;
  return `{"a":"1","f":0,"i":"alice","p":{"t":"T","r":12},"k":"demo","c":"${channel}","d":${payload}${b}}`;
}

/** A presence event of the room, as it is told to who asked for more than its presence. */
function event(action: string, uuid: string, occupancy: number, mood?: string): string {
  const [data, state] = mood === undefined ? ["", ""] : [`,"data":{"mood":"${mood}"}`, `,"pn_state_mood":"${mood}"`];
  return (
    `{"a":"1","f":0,"p":{"t":"T","r":12},"k":"demo","c":"room-pnpres","d":{"action":"${action}","uuid":"${uuid}",` +
    `"timestamp":S,"precise_timestamp":MS,"occupancy":${occupancy}${data}},"u":{"pn_action":"${action}",` +
    `"pn_uuid":"${uuid}","pn_timestamp":S,"pn_precise_timestamp":MS,"pn_occupancy":${occupancy},"pn_ispresence":1,` +
    `"pn_channel":"room"${state}},"b":"room-pnpres"}`
  );
}

const TRACES: Readonly<Record<string, readonly Step[]>> = {
  "an event engine": [
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?ee=", body: EMPTY },
    { ask: "/v2/presence/sub-key/demo/channel/room/heartbeat?heartbeat=300", body: ok() },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?ee=&tt={cursor}&tr=12", body: subscribed(event("join", "alice", 1)) },
    { hold: "/v2/subscribe/demo/room,room-pnpres/0?ee=&tt={cursor}&tr=12" },
    { abort: true },
    { hold: "/v2/subscribe/demo/lobby,room,room-pnpres/0?ee=&tt={cursor}&tr=12" },
    { ask: "/v2/presence/sub-key/demo/channel/room,lobby/heartbeat?heartbeat=300", body: ok() },
    { ask: "/v2/presence/sub-key/demo/uuid/alice", body: ok('"payload":{"channels":["room","lobby"]},') },
    { abort: true },
    { ask: "/v2/presence/sub-key/demo/channel/lobby,room/leave", body: LEFT },
    { ask: "/v2/presence/sub-key/demo/uuid/alice", body: ok('"payload":{"channels":[]},') },
  ],
  threads: [
    { ask: "/v2/subscribe/demo/room/0?tt=0", body: EMPTY },
    { hold: "/v2/subscribe/demo/room/0?tt={cursor}&tr=12" },
    { ask: "/publish/demo/demo/0/room/0/%7B%22text%22%3A%22hi%22%7D", body: SENT },
    { answers: subscribed(message("room", '{"text":"hi"}')) },
    { hold: "/v2/subscribe/demo/room/0?tt={cursor}&tr=12" },
    { abort: true },
    { ask: "/publish/demo/demo/0/room/0/2", body: SENT },
    { ask: "/time/0", body: "[T]" },
    { ask: "/v2/subscribe/demo/room/0?tt={cursor}&tr=12", body: subscribed(message("room", "2")) },
    { hold: "/v2/subscribe/demo/room/0?tt={cursor}&tr=12" },
    { abort: true },
    { ask: "/v2/presence/sub-key/demo/channel/room/leave", body: LEFT },
  ],
  "groups alone, denied": [
    {
      ask: "/v2/subscribe/guarded-sub/,/0?channel-group=g1&tt=0",
      status: 403,
      body: '{"message":"Forbidden","payload":{"channel-groups":[":g1"]},"error":true,"service":"Access Manager","status":403}\n',
    },
  ],
  "forms of publish": [
    {
      ask: "/publish/demo/demo/0/room/0/%7B%22text%22%3A%22hi%22%7D?meta=%7B%22lang%22%3A%22en%22%7D&custom_message_type=chat",
      body: SENT,
    },
    { ask: "/publish/demo/demo/0/room/0", post: '{"text":"hi"}', body: SENT },
    { ask: "/signal/demo/demo/0/room/0/%22typing%22", body: SENT },
    { ask: "/publish/wrong/demo/0/room/0/1", status: 400, body: '[0,"Invalid Key","T"]' },
    {
      ask: "/v2/subscribe/demo/room/0?tt=1",
      body: subscribed(
        message("room", '{"text":"hi"}').replace(/}$/, ',"u":{"lang":"en"},"cmt":"chat"}'),
        message("room", '{"text":"hi"}'),
        message("room", '"typing"').replace('"f":0,', '"f":0,"e":1,'),
      ),
    },
  ],
};

describe("sessions of clients", () => {
  for (const [name, steps] of Object.entries(TRACES)) {
    test(`[SUB1 SUB3 SUB9 SUB15 PRE70 PUB1 PUB5] ${name}`, () => replay(steps));
  }
});

const ADD = `${REGISTRY}/g?add`;

const CHECKLIST: Readonly<Record<string, readonly Step[]>> = {
  "[SUB12 SUB18] row 8: a channel and a group give two envelopes": [
    { ask: `${ADD}=room,other`, body: REGISTERED },
    { ask: "/v2/subscribe/demo/room/0?channel-group=g", body: EMPTY },
    { hold: "/v2/subscribe/demo/room/0?channel-group=g&tt={cursor}&tr=12" },
    { ask: "/publish/demo/demo/0/room/0/1", body: SENT },
    { answers: subscribed(message("room", "1", "room"), message("room", "1", "g")) },
  ],
  "[PRE20 PRE21 PRE22 PRE70 WIRE1 WIRE19] row 10: joins, a state-change, a timeout and a leave": [
    { ask: "/v2/subscribe/demo/room,room-pnpres/0", body: EMPTY },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(event("join", "alice", 1)) },
    { ask: "/v2/subscribe/demo/room/0?uuid=bob&heartbeat=20", body: EMPTY },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(event("join", "bob", 2)) },
    {
      ask: "/v2/presence/sub-key/demo/channel/room/uuid/bob/data?state=%7B%22mood%22%3A%22glad%22%7D&uuid=bob",
      body: ok('"payload":{"mood":"glad"},'),
    },
    {
      ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}",
      body: subscribed(event("state-change", "bob", 2, "glad")),
    },
    { hold: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}" },
    { advanceMs: 22_000 },
    { answers: subscribed(event("timeout", "bob", 1, "glad")) },
    { ask: "/v2/presence/sub-key/demo/channel/room/heartbeat?uuid=bob", body: ok() },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(event("join", "bob", 2)) },
    { ask: "/v2/presence/sub-key/demo/channel/room/leave?uuid=bob", body: LEFT },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(event("leave", "bob", 1)) },
    { ask: "/v2/presence/sub-key/demo/channel/room/leave?uuid=bob", body: LEFT },
    { ask: "/publish/demo/demo/0/room/0/1", body: SENT },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(message("room", "1", "room")) },
  ],
  "[PRE14 WIRE13] row 11: state={} on heartbeats and polls keeps state": [
    { ask: "/v2/subscribe/demo/room/0?state=%7B%22room%22%3A%7B%22mood%22%3A%22glad%22%7D%7D", body: EMPTY },
    { ask: "/v2/presence/sub-key/demo/channel/room/heartbeat?state=%7B%7D", body: ok() },
    { ask: "/v2/subscribe/demo/room/0?state=%7B%7D", body: EMPTY },
    { ask: "/v2/presence/sub-key/demo/channel/room/heartbeat?state=%7B%22room%22%3A%7B%7D%7D", body: ok() },
    {
      ask: "/v2/presence/sub-key/demo/channel/room/uuid/alice",
      body: ok('"payload":{"mood":"glad"},"uuid":"alice","channel":"room",'),
    },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt=1", body: subscribed(event("join", "alice", 1, "glad")) },
  ],
  "[SUB18 SUB19 WIRE9] row 12: a channel that is added while its group is polled": [
    { ask: `${ADD}=a`, body: REGISTERED },
    { ask: "/v2/subscribe/demo/,/0?channel-group=g", body: EMPTY },
    { hold: "/v2/subscribe/demo/,/0?channel-group=g&tt={cursor}&tr=12" },
    { ask: `${ADD}=b`, body: REGISTERED },
    { answers: EMPTY },
    { hold: "/v2/subscribe/demo/,/0?channel-group=g&tt={cursor}&tr=12" },
    { ask: "/publish/demo/demo/0/b/0/1", body: SENT },
    { answers: subscribed(message("b", "1", "g")) },
  ],
  "[SUB18 WIRE16] row 13: groups without channels": [
    {
      ask: "/v2/subscribe/demo/,/0?channel-group=g,h&tt=0",
      status: 400,
      body: '{"message":"Channel group or groups result in empty subscription set","error":true,"service":"Access Manager","status":400}',
    },
    { ask: "/v2/subscribe/demo/room/0?channel-group=g,h&tt=0", body: EMPTY },
  ],
  "[PRE52 PRE53 PRE54 PRE55] row 14: here-now of subscribers, flat and by channel": [
    { ask: `${ADD}=room`, body: REGISTERED },
    { ask: "/v2/subscribe/demo/room/0?state=%7B%22room%22%3A%7B%22a%22%3A1%7D%7D", body: EMPTY },
    { ask: "/v2/subscribe/demo/,/0?channel-group=g&uuid=bob", body: EMPTY },
    ...hereNow("room", '"occupancy":2,"uuids":["alice","bob"],'),
    ...hereNow("room?disable_uuids=1", '"occupancy":2,'),
    ...hereNow("room?state=1", '"occupancy":2,"uuids":[{"uuid":"alice","state":{"a":1}},{"uuid":"bob"}],'),
    ...hereNow("room?limit=1&offset=1", '"occupancy":2,"uuids":["bob"],'),
    ...hereNow(
      ",?channel-group=g",
      '"payload":{"channels":{"room":{"occupancy":2,"uuids":["alice","bob"]}},"total_channels":1,"total_occupancy":2},',
    ),
  ],
  "[WIRE15 WIRE16 WIRE17] row 18: sub_key, the cursor as JSON, a lone comma": [
    { ask: `${ADD}=room`, body: REGISTERED },
    { ask: "/v2/presence/sub_key/demo/channel/room/heartbeat?heartbeat=300", body: ok() },
    { ask: "/v2/presence/sub_key/demo/uuid/alice", body: ok('"payload":{"channels":["room"]},') },
    { ask: "/v2/subscribe/demo/,/0?channel-group=g&t=%7B%22t%22%3A%220%22%2C%22r%22%3A0%7D", body: EMPTY },
    { hold: "/v2/subscribe/demo/,/0?channel-group=g&t=%7B%22t%22%3A%22{cursor}%22%2C%22r%22%3A12%7D" },
    { ask: "/publish/demo/demo/0/room/0/1", body: SENT },
    { answers: subscribed(message("room", "1", "g")) },
    { ask: "/v2/presence/sub_key/demo/channel/,/leave?channel-group=g", body: LEFT },
    { ask: "/v2/presence/sub_key/demo/channel/room", body: ok('"occupancy":0,"uuids":[],') },
  ],
  "[SUB15 PRE73] row 20: a poll that is given up is no leave": [
    { ask: "/v2/subscribe/demo/room,room-pnpres/0", body: EMPTY },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(event("join", "alice", 1)) },
    { hold: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}" },
    { abort: true },
    { ask: "/v2/presence/sub-key/demo/channel/room", body: ok('"occupancy":1,"uuids":["alice"],') },
    { ask: "/publish/demo/demo/0/room/0/1", body: SENT },
    { ask: "/v2/subscribe/demo/room,room-pnpres/0?tt={cursor}", body: subscribed(message("room", "1", "room")) },
  ],
};

function hereNow(asked: string, body: string): readonly Step[] {
  return [{ ask: `/v2/presence/sub-key/demo/channel/${asked}`, body: ok(body) }];
}

for (const [name, steps] of Object.entries(CHECKLIST)) test(`checklist ${name}`, () => replay(steps));
