import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { LIMITS, type SubscribeAnswer } from "@longwave/protocol";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { Actions } from "../actions/actions.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import type { Action, ActionStore } from "../ports/action-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";

const MESSAGE = "17326051234560000";
const BASE = "/v1/message-actions/demo/channel";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

interface WireAction {
  readonly messageTimetoken: string;
  readonly type: string;
  readonly uuid: string;
  readonly value: string;
  readonly actionTimetoken: string;
}

interface Place {
  readonly url: string;
  readonly channel: string;
}

const post = (url: string, body: BodyInit, headers = {}): Promise<Response> =>
  fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json", ...headers } });

function add({ url, channel }: Place, value: string, uuid = "alice", message = MESSAGE): Promise<Response> {
  const body = JSON.stringify({ type: "reaction", value });
  return post(`${url}${BASE}/${channel}/message/${message}?uuid=${uuid}`, body);
}

async function added(place: Place, value: string, uuid = "alice", message = MESSAGE): Promise<WireAction> {
  const response = await add(place, value, uuid, message);
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: WireAction }).data;
}

function remove({ url, channel }: Place, action: WireAction, uuid = action.uuid): Promise<Response> {
  const path = `${BASE}/${channel}/message/${action.messageTimetoken}/action/${action.actionTimetoken}`;
  return fetch(`${url}${path}?uuid=${uuid}`, { method: "DELETE" });
}

async function get({ url, channel }: Place, query = ""): Promise<string> {
  return (await fetch(`${url}${BASE}/${channel}?${query}`)).text();
}

async function received({ url, channel }: Place, cursor = "1"): Promise<SubscribeAnswer> {
  const answer = await fetch(`${url}/v2/subscribe/demo/${channel}/0?tt=${cursor}`);
  return (await answer.json()) as SubscribeAnswer;
}

const at = (channel: string): Place => ({ url: network.url, channel });

test("[ACT1 ACT3 ACT5 ACT6 EDG7] add, get and remove answer exactly so", async () => {
  const place = at("exact");
  const adding = await add(place, "smiley");
  expect(adding.headers.get("content-type")).toBe('text/javascript; charset="UTF-8"');
  const text = await adding.text();
  const { actionTimetoken } = (JSON.parse(text) as { data: WireAction }).data;
  expect(actionTimetoken).toMatch(/^\d{17}$/);
  const data = `{"messageTimetoken":"${MESSAGE}","type":"reaction","uuid":"alice","value":"smiley","actionTimetoken":"${actionTimetoken}"}`;
  expect(text).toBe(`{"status":200,"data":${data}}`);
  const again = await add(place, "smiley");
  expect([again.status, await again.text()]).toEqual([
    409,
    '{"status":409,"error":{"source":"actions","message":"Action Already Added"}}',
  ]);
  expect(await get(place)).toBe(`{"status":200,"data":[${data}]}`);
  const action = JSON.parse(data) as WireAction;
  const wrong = await remove(place, action, "bert");
  expect([wrong.status, wrong.headers.get("content-type"), await wrong.text()]).toEqual([
    400,
    'text/javascript; charset="UTF-8"',
    '{"status":400,"error":{"source":"actions","message":"Not deleting message action: wrong uuid specified"}}',
  ]);
  const removing = await remove(place, action);
  expect([removing.status, await removing.text()]).toEqual([200, '{"status":200,"data":{}}']);
  const gone = await remove(place, action);
  expect([gone.status, await gone.text()]).toEqual([
    400,
    '{"status":400,"error":{"source":"actions","message":"No matching message actions to delete"}}',
  ]);
  expect(await get(place)).toBe('{"status":200,"data":[]}');
});

test("[ACT3 ACT9] of equal requests at the same time one succeeds, and there is one event", async () => {
  const place = at("together");
  const statuses = await Promise.all(Array.from({ length: 16 }, async () => (await add(place, "once")).status));
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, ...Array<number>(15).fill(409)]);
  expect((await received(place)).m).toHaveLength(1);
});

test("[ACT2] any body that is such an object is read, whatever its label", async () => {
  const text = '{ "value" : "a\\u0000\\n🦊", "more": [1], "type": "fifteen_letters" }';
  const long = `{"type":"t","value":"${"x".repeat(LIMITS.actionValueBytesMax)}"}`;
  const bodies: readonly [BodyInit, Record<string, string>][] = [
    [text, {}],
    [text, { "Content-Type": "text/plain", "Content-Encoding": "deflate" }],
    [deflateSync(text), { "Content-Encoding": "gzip" }],
    [gzipSync(text), {}],
    [long, {}],
  ];
  for (const [index, [body, headers]] of bodies.entries()) {
    const response = await post(`${network.url}${BASE}/bodies/message/${index}?uuid=u`, body, headers);
    const { data } = (await response.json()) as { data: WireAction };
    expect(data).toMatchObject(JSON.parse(body === long ? long : '{"type":"fifteen_letters","value":"a\\u0000\\n🦊"}'));
    expect(data.messageTimetoken).toBe(String(index));
  }
});

const field = (location: string, locationType: string, message = "Invalid field"): object => ({
  message,
  location,
  locationType,
});
const missing = (location: string): object => field(location, "body", "Missing field");
const wrong = (location: string): object => field(location, "body");
const MALFORMED_BODIES: readonly [string, string, readonly object[]][] = [
  ["nothing", "", [wrong("body")]],
  ["no JSON", "{", [wrong("body")]],
  ["a list", "[]", [wrong("body")]],
  ["null", "null", [wrong("body")]],
  ["a string", '"reaction"', [wrong("body")]],
  ["an empty object", "{}", [missing("type"), missing("value")]],
  ["no value", '{"type":"reaction"}', [missing("value")]],
  ["no type", '{"value":"v"}', [missing("type")]],
  ["empty texts", '{"type":"","value":""}', [missing("type"), missing("value")]],
  ["null texts", '{"type":null,"value":null}', [missing("type"), missing("value")]],
  ["numbers", '{"type":1,"value":2}', [wrong("type"), wrong("value")]],
  ["an object", '{"type":"t","value":{}}', [wrong("value")]],
  ["16 characters of type", '{"type":"sixteen_letters_","value":"v"}', [wrong("type")]],
  ["a control character in the type", '{"type":"a\\nb","value":"v"}', [wrong("type")]],
  ["half a character", '{"type":"\\ud83e","value":"\\ud83e"}', [wrong("type"), wrong("value")]],
  ["a value too long", `{"type":"t","value":"ä${"x".repeat(LIMITS.actionValueBytesMax - 1)}"}`, [wrong("value")]],
  ["what every object has", '{"__proto__":{"type":"t","value":"v"}}', [missing("type"), missing("value")]],
];
for (const [what, body, details] of MALFORMED_BODIES) {
  test(`[ACT2 ACT14] a body of ${what} is refused, and says why`, async () => {
    const response = await post(`${network.url}${BASE}/malformed/message/${MESSAGE}?uuid=u`, body);
    const error = { source: "actions", message: "Request payload contained invalid input.", details };
    expect([response.status, await response.text()]).toEqual([400, JSON.stringify({ status: 400, error })]);
    expect(await get(at("malformed"))).toBe('{"status":200,"data":[]}');
  });
}

const NO_UUID = field("uuid", "query", "Missing field");
const MALFORMED: readonly [string, string, object][] = [
  ["POST", `${BASE}/a%2Cb/message/1?uuid=u`, field("channel", "path")],
  ["POST", `${BASE}/a-pnpres/message/1?uuid=u`, field("channel", "path")],
  ["POST", `${BASE}/a.*/message/1?uuid=u`, field("channel", "path")],
  ["POST", `${BASE}/${"c".repeat(93)}/message/1?uuid=u`, field("channel", "path")],
  ["POST", `${BASE}/room/message/?uuid=u`, field("messageTimetoken", "path")],
  ["POST", `${BASE}/room/message/-1?uuid=u`, field("messageTimetoken", "path")],
  ["POST", `${BASE}/room/message/123456789012345678?uuid=u`, field("messageTimetoken", "path")],
  ["POST", `${BASE}/room/message/1`, NO_UUID],
  ["POST", `${BASE}/room/message/1?uuid=`, NO_UUID],
  ["POST", `${BASE}/room/message/1?uuid=${"u".repeat(93)}`, field("uuid", "query")],
  ["POST", `${BASE}/room/message/1?uuid=a%0Ab`, field("uuid", "query")],
  ["DELETE", `${BASE}/a%2Cb/message/1/action/1?uuid=u`, field("channel", "path")],
  ["DELETE", `${BASE}/room/message/x/action/1?uuid=u`, field("messageTimetoken", "path")],
  ["DELETE", `${BASE}/room/message/1/action/1.0?uuid=u`, field("actionTimetoken", "path")],
  ["DELETE", `${BASE}/room/message/1/action/1`, NO_UUID],
  ["GET", `${BASE}/a%2Cb`, field("channel", "path")],
  ["GET", `${BASE}/room?start=now`, field("start", "query")],
  ["GET", `${BASE}/room?start=123456789012345678`, field("start", "query")],
  ["GET", `${BASE}/room?end=-1`, field("end", "query")],
  ["GET", `${BASE}/room?limit=0`, field("limit", "query")],
  ["GET", `${BASE}/room?limit=-1`, field("limit", "query")],
  ["GET", `${BASE}/room?limit=1.5`, field("limit", "query")],
  ["GET", `${BASE}/room?limit=ten`, field("limit", "query")],
];
for (const [method, path, detail] of MALFORMED) {
  test(`[ACT14] ${method} ${path.slice(0, 80)} is refused, and says why`, async () => {
    const body = method === "POST" ? '{"type":"t","value":"v"}' : null;
    const response = await fetch(network.url + path, { method, body });
    const error = { source: "actions", message: "Request payload contained invalid input.", details: [detail] };
    expect([response.status, await response.text()]).toEqual([400, JSON.stringify({ status: 400, error })]);
  });
}

test("[ACT14 EDG3 EDG8] unknown keys, large bodies, other methods and preflights", async () => {
  const path = "/v1/message-actions/nobody/channel/room";
  for (const [method, rest] of [
    ["GET", ""],
    ["POST", "/message/1"],
    ["DELETE", "/message/1/action/1"],
  ] as const) {
    const response = await fetch(`${network.url}${path}${rest}?uuid=u`, { method });
    const body = '{"status":400,"error":{"source":"actions","message":"Invalid Subkey"}}';
    expect([response.status, await response.text()]).toEqual([400, body]);
  }
  const large = await post(`${network.url}${BASE}/room/message/1?uuid=u`, "x".repeat(LIMITS.bodyBytesMax + 1));
  expect([large.status, await large.text()]).toEqual([
    413,
    '{"status":413,"error":{"source":"actions","message":"Request Entity Too Large"}}',
  ]);
  const other = await fetch(`${network.url}${BASE}/room/message/1/action/1`, { method: "PATCH" });
  expect([other.status, other.headers.get("allow")]).toEqual([405, "DELETE, OPTIONS"]);
  const preflight = await fetch(`${network.url}${BASE}/room/message/1/action/1`, { method: "OPTIONS" });
  expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([
    204,
    "GET, POST, DELETE, PATCH, OPTIONS",
  ]);
});

test("[ACT6] a page is the newest of the range, oldest first", async () => {
  const place = at("pages");
  const tokens: string[] = [];
  for (let index = 0; index < 5; index++) tokens.push((await added(place, `${index}`)).actionTimetoken);
  const values = async (query: string): Promise<string> => {
    const { data, ...rest } = JSON.parse(await get(place, query)) as { data: readonly WireAction[] };
    expect(rest).toEqual({ status: 200 } as object);
    return data.map(({ value }) => value).join("");
  };
  const [, second, , fourth] = tokens;
  const cases: Readonly<Record<string, string>> = {
    "": "01234",
    "start=&end=&limit=": "01234",
    "limit=2": "34",
    "limit=101": "01234",
    [`start=${fourth}`]: "012",
    [`start=${fourth}&limit=1`]: "2",
    [`end=${fourth}`]: "34",
    [`start=${fourth}&end=${second}`]: "12",
    [`start=${second}&end=${fourth}`]: "",
    "start=1": "",
    "uuid=u&unknown=1&l_msga=0.1": "01234",
  };
  for (const [query, expected] of Object.entries(cases))
    expect([query, await values(query)]).toEqual([query, expected]);
});

test("[ACT6] a page has at most a hundred actions, also where nobody says how many", async () => {
  const place = at("many");
  await Promise.all(Array.from({ length: 120 }, (_, index) => added(place, `${index}`)));
  for (const query of ["", "limit=1000"]) {
    const answer = JSON.parse(await get(place, query)) as { data: readonly WireAction[] };
    expect(answer.data).toHaveLength(LIMITS.actionsPerPageMax);
    expect(answer).not.toHaveProperty("more");
  }
});

test("[ACT7] a page that was cut for its bytes says how to go on", async () => {
  const place = at("l%C3%B6ng");
  const long = (letter: string): string => letter.repeat(LIMITS.actionValueBytesMax);
  for (let index = 0; index < 40; index++) {
    await added(place, long(String.fromCharCode(0x41 + index)), "alice", `${1_000 + index}`);
  }
  const first = JSON.parse(await get(place, "end=1&limit=50")) as {
    data: readonly WireAction[];
    more: Readonly<Record<string, unknown>>;
  };
  const fitting = Math.floor(LIMITS.actionPageBytesMax / (LIMITS.actionValueBytesMax + "reactionalice".length));
  expect(first.data).toHaveLength(fitting);
  const start = first.data[0]?.actionTimetoken;
  const end = "00000000000000001";
  const limit = 50 - fitting;
  expect(first.more).toEqual({ url: `${BASE}/l%C3%B6ng?start=${start}&end=${end}&limit=${limit}`, start, end, limit });
  const next = await (await fetch(`${network.url}${String(first.more["url"])}`)).json();
  expect((next as { data: readonly WireAction[] }).data).toHaveLength(Math.min(40 - fitting, fitting));
  expect(JSON.parse(await get(place)).more).not.toHaveProperty("end");
});

test("[ACT4 ACT9] subscribers get each change once, in order, with its tokens and its author", async () => {
  const place = at("events");
  const published = await fetch(`${network.url}/publish/demo/demo/0/events/0/%22hi%22?uuid=bert`);
  const [, , messageTimetoken] = (await published.json()) as readonly [number, string, string];
  const one = await added(place, "one", "alice", messageTimetoken);
  await add(place, "one", "alice", messageTimetoken);
  const two = await added(place, "two", "bert", messageTimetoken);
  await remove(place, one, "bert");
  await remove(place, one);
  await remove(place, one);
  const three = await added(place, "one", "alice", messageTimetoken);
  const { m } = await received(place, messageTimetoken);
  const event = (name: string, { uuid: i, type, value, actionTimetoken }: WireAction): object => ({
    e: 3,
    i,
    c: "events",
    d: { source: "actions", version: "1.0", event: name, data: { type, value, actionTimetoken, messageTimetoken } },
  });
  expect(m).toMatchObject([event("added", one), event("added", two), event("removed", one), event("added", three)]);
  expect(m[0]?.d).toEqual((event("added", one) as { d: unknown }).d);
  expect(m.every((envelope) => !("u" in envelope) && !("s" in envelope))).toBe(true);
  const rising = [messageTimetoken, one, two, three].map((token) =>
    BigInt(typeof token === "string" ? token : token.actionTimetoken),
  );
  expect(rising.slice(1).every((token, index) => token >= (rising[index] ?? 0n))).toBe(true);
  expect(new Set(rising.slice(1)).size).toBe(3);
});

test("[ACT9] a held poll and a wildcard are told at once", async () => {
  const place = at("held.room");
  const handshake = await received({ ...place, channel: "held.*" }, "0");
  const held = received({ ...place, channel: "held.*" }, handshake.t.t);
  while (network.heldPolls === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  const { actionTimetoken } = await added(place, "like");
  expect((await held).m).toMatchObject([{ e: 3, c: "held.room", b: "held.*", d: { data: { actionTimetoken } } }]);
});

test("[ACT4 ACT9 ACT11] a restart on a directory keeps actions and events, and gives no timetoken again", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-actions-"));
  const clock = new ManualClock();
  const start = (): Promise<Network> => startNetwork({ dataDir, port: 0 }, { log: SILENT_LOG, clock });
  const first = await start();
  const place = { url: first.url, channel: "room" };
  const kept = await added(place, "kept");
  const gone = await added(place, "gone");
  await remove(place, gone);
  await first.stop();
  clock.setWall(clock.wallMs() - 3_600_000);
  const second = await start();
  const later = { url: second.url, channel: "room" };
  expect(JSON.parse(await get(later)).data).toEqual([kept]);
  expect((await add(later, "kept")).status).toBe(409);
  const { actionTimetoken } = await added(later, "gone");
  expect(BigInt(actionTimetoken)).toBeGreaterThan(BigInt(gone.actionTimetoken));
  const { m } = await received(later);
  expect(m.map(({ d }) => (d as { event: string }).event)).toEqual(["added", "added", "removed", "added"]);
  expect((await remove(later, kept)).status).toBe(200);
  await second.stop();
  rmSync(dataDir, { recursive: true });
});

const ACTION: Action = { messageTimetoken: 5n, type: "t", value: "v", uuid: "u", timetoken: 17_326_051_234_567_890n };
const OUTCOMES: readonly [Partial<ActionStore>, number, string, string][] = [
  [
    { add: async () => ({ kind: "added", action: ACTION }), remove: async () => ({ kind: "removed", action: ACTION }) },
    207,
    '{"status":207,"data":{"messageTimetoken":"5","type":"t","uuid":"u","value":"v","actionTimetoken":"17326051234567890"},' +
      '"error":{"message":"Stored but failed to publish message action.","source":"actions"}}',
    '{"status":207,"error":{"source":"actions","message":"Deleted but failed to publish removed events."}}',
  ],
  ...(
    [
      ["unavailable", "Storage unavailable: nothing was changed; send it again"],
      ["overloaded", "Overloaded: nothing was changed; send it again"],
    ] as const
  ).map(([kind, message]): [Partial<ActionStore>, number, string, string] => {
    const body = `{"status":503,"error":{"source":"actions","message":"${message}"}}`;
    return [{ add: async () => ({ kind }), remove: async () => ({ kind }) }, 503, body, body];
  }),
  [
    { add: async () => ({ kind: "tooMany" }), remove: async () => ({ kind: "none" }) },
    400,
    '{"status":400,"error":{"source":"actions","message":"Maximum number of message actions reached."}}',
    '{"status":400,"error":{"source":"actions","message":"No matching message actions to delete"}}',
  ],
];
test("[ACT8 ACT10 ACT11 EDG14] what the store and the broker may say has its answer", async () => {
  for (const [store, status, addBody, removeBody] of OUTCOMES) {
    const actions = new Actions({
      store: store as ActionStore,
      broker: { position: async () => 1n },
      emit: async () => false,
    });
    const keysets = directoryOf(DEMO_KEYSET);
    const traced = <Result>(_: string, work: () => Result): Result => work();
    const parts = {
      actions,
      keysets,
      traced,
      clock: new ManualClock(),
      log: SILENT_LOG,
      metrics: new Metrics(),
      admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
      turns: new Turns(new ManualClock()),
    };
    const services = parts as unknown as Services; // the others are not reached
    const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
    const adding = await add({ url: edge.url, channel: "room" }, "v");
    const removing = await fetch(`${edge.url}${BASE}/room/message/5/action/6?uuid=u`, { method: "DELETE" });
    expect([adding.status, await adding.text()]).toEqual([status, addBody]);
    expect([removing.status, await removing.text()]).toEqual([status, removeBody]);
    expect(adding.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    expect(adding.headers.get("content-type")).toBe('text/javascript; charset="UTF-8"');
    await edge.stop();
  }
});
