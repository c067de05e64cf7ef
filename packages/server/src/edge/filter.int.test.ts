import { expect, test } from "bun:test";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { Filters } from "../channels/filters.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { readSubscribeRequest } from "./subscribe-request.ts";
import { Query } from "./target.ts";
import { type WireAnswer, WireNetwork } from "./wire-network.ts";

test("[FLT11] a subscribe request's filter-expr decides what arrives", async () => {
  const network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
  const publish = (payload: string, meta: string): Promise<Response> =>
    fetch(`${network.url}/publish/demo/demo/0/room/0/${payload}?meta=${encodeURIComponent(meta)}`);
  await publish("1", '{"lang":"en"}');
  await publish("2", '{"lang":"de"}');
  await publish("3", '{"lang":"en","age":33}');
  const expressions = {
    "lang == 'en'": ["1", "3"],
    "(meta.age >= 32)": ["3"],
    "data < 3": ["1", "2"],
    "lang=de": ["2"],
  };
  for (const [expression, expected] of Object.entries(expressions)) {
    const filter = encodeURIComponent(expression);
    const answer = await fetch(`${network.url}/v2/subscribe/demo/room/0?tt=1&filter-expr=${filter}`);
    const { m } = (await answer.json()) as { m: readonly { d: number }[] };
    expect(m.map(({ d }) => String(d))).toEqual(expected);
  }
  await network.stop();
});

// What happens in the room: anna joins, bert joins with a mood, anna's changes, a message without meta, bert leaves.
const HAPPENINGS = ["join anna", "join bert", "state-change anna", "message", "leave bert"] as const;

const PRESENCE_EXPRESSIONS: Readonly<Record<string, readonly (typeof HAPPENINGS)[number][]>> = {
  "pn_action == 'join'": ["join anna", "join bert"],
  "meta.pn_action == 'join'": ["join anna", "join bert"],
  "pn_action != 'join'": ["state-change anna", "message", "leave bert"],
  "pn_uuid LIKE 'B*'": ["join bert", "leave bert"],
  "pn_uuid != 'bert' && pn_action": ["join anna", "state-change anna"],
  "pn_occupancy > 1": ["join bert", "state-change anna"],
  "pn_state_mood == 'glad'": ["join bert", "leave bert"],
  "meta.pn_state_mood CONTAINS 'a'": ["join bert", "state-change anna", "leave bert"],
  "('leave','timeout') contains pn_action": ["leave bert"],
  "pn_channel == 'room' && pn_ispresence == 1": ["join anna", "join bert", "state-change anna", "leave bert"],
  "!pn_ispresence": ["message"],
  "pn_timestamp == 1732605123 && pn_precise_timestamp > 1732605123000 && data.uuid == 'anna'": [
    "join anna",
    "state-change anna",
  ],
  "data.data.mood == 'sad'": ["state-change anna"],
  "data.action == 'interval'": [],
};

for (const [expression, expected] of Object.entries(PRESENCE_EXPRESSIONS)) {
  test(`[FLT11 PRE22] of presence and messages, ${expression} lets ${expected.length} through`, async () => {
    await using network = await WireNetwork.start();
    const filtered = `filter-expr=${encodeURIComponent(expression)}`;
    const cursor = await network.handshake();
    const held = network.poll("room,room-pnpres", `tt=${cursor}&${filtered}`);
    await network.holds(1);
    await network.poll("room", "uuid=anna");
    await network.poll("room", `uuid=bert&state=${encodeURIComponent('{"room":{"mood":"glad"}}')}`);
    const state = encodeURIComponent('{"mood":"sad"}');
    await network.ask(`/v2/presence/sub-key/demo/channel/room/uuid/anna/data?state=${state}`);
    await network.publish("room", '"message"');
    await network.ask("/v2/presence/sub-key/demo/channel/room/leave?uuid=bert");
    if (expected.length === 0) network.clock.advance(281_000); // ends the poll that nothing matches
    const first = happenings(await held); // one, or those of one turn
    expect(first).toEqual(expected.slice(0, Math.max(1, first.length)));
    const unfiltered = async (): Promise<number> =>
      happenings(await network.poll("room,room-pnpres", `tt=${cursor}`)).length;
    while ((await unfiltered()) < HAPPENINGS.length); // until the last one is visible
    const whole = network.poll("room,room-pnpres", `tt=${cursor}&${filtered}`);
    await network.takes(whole);
    network.clock.advance(281_000);
    expect(happenings(await whole)).toEqual([...expected]);
  });
}

interface Envelope {
  readonly d: string | { readonly action: string; readonly uuid: string };
}

function happenings({ body }: WireAnswer): readonly string[] {
  const { m } = JSON.parse(body) as { readonly m: readonly Envelope[] };
  return m.map(({ d }) => (typeof d === "string" ? d : `${d.action} ${d.uuid}`));
}

test("[FLT12] a malformed filter holds the poll, or is 481 where the keyset says so", () => {
  const url = "http://h/?tt=1&filter-expr=a+%3D%3D";
  const request = {
    channels: "room",
    query: new Query(url, url.indexOf("?"), url.length),
    filters: new Filters(),
    judge: () => () => true,
  };
  const lenient = readSubscribeRequest({ ...request, keyset: DEMO_KEYSET });
  expect(lenient.filter?.({ meta: { a: 1 }, data: 1 })).toBe(false);
  const keyset = { ...DEMO_KEYSET, refusesMalformedFilters: true };
  expect(() => readSubscribeRequest({ ...request, keyset })).toThrow("filterMalformed");
});
