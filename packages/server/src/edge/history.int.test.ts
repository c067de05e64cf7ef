import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeysetSettings } from "../access/keyset-settings.ts";
import { DEMO_KEYSET, type Keyset } from "../access/keysets.ts";
import { openDataDirectory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { SqliteMessageStore } from "../adapters/embedded/sqlite-message-store.ts";
import { message } from "../conformance/fixtures.ts";
import type { Action, ActionsReader } from "../ports/action-store.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";

function keyset(key: string, settings: Partial<KeysetSettings>): Keyset {
  return {
    ...DEMO_KEYSET,
    name: key,
    subscribeKey: key,
    publishKey: key,
    ...settings,
  };
}
const KEYSETS = [
  keyset("off", { keepsHistory: false }),
  keyset("kept", { allowsDeletion: false, retentionDays: 1 }),
  keyset("endless", { keepsForEver: true }),
];

// Messages of "acted" have two smiles and a receipt on the oldest of the page; one of "busy" fills an answer alone.
const actions: ActionsReader = {
  actionsOf: async ({ channel, from, through, first }) => {
    const action = { messageTimetoken: from, type: "reaction", value: "smile", uuid: "bob" };
    const smiles = [1n, 2n].map((after) => ({ ...action, timetoken: from + after }));
    const receipt: Action = { ...action, type: "receipt", value: "read", uuid: "carol", timetoken: from + 3n };
    if (channel === "acted") return { actions: [...smiles, receipt], completeTo: undefined };
    if (channel !== "busy") return { actions: [], completeTo: undefined };
    return { actions: [], completeTo: first === "newest" ? through : through - 1n };
  },
};

let network: Network;
let clock: ManualClock;
beforeAll(async () => {
  clock = new ManualClock();
  network = await startNetwork(
    { memory: true, port: 0 },
    { log: SILENT_LOG, clock, keysets: KEYSETS, actionsReader: actions },
  );
});
afterAll(() => network.stop());

/** Publishes and gives the timetoken. */
async function publish(channel: string, payload: string, query = "", key = "demo"): Promise<string> {
  const path = `/publish/${key}/${key}/0/${encodeURIComponent(channel)}/0/${encodeURIComponent(payload)}?uuid=me&${query}`;
  const text = await (await fetch(network.url + path)).text();
  const [, timetoken] = /^\[1,"Sent","(\d{17})"\]$/.exec(text) ?? [];
  if (timetoken === undefined) throw new Error(text);
  return timetoken;
}

async function publishTen(channel: string): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let at = 1; at <= 10; at++) tokens.push(await publish(channel, String(at)));
  return tokens;
}

async function ask(path: string, method = "GET"): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(network.url + path, { method });
  return { status: response.status, text: await response.text() };
}

const get = async (path: string): Promise<string> => (await ask(path)).text;
const v2 = (channel: string, query = "", key = "demo"): Promise<string> =>
  get(`/v2/history/sub-key/${key}/channel/${channel}?${query}`);
const v3 = (channels: string, query = ""): Promise<string> =>
  get(`/v3/history/sub-key/demo/channel/${channels}?${query}`);
const counts = (channels: string, query: string): Promise<string> =>
  get(`/v3/history/sub-key/demo/message-counts/${channels}?${query}`);
const remove = (channel: string, query = ""): Promise<{ readonly status: number; readonly text: string }> =>
  ask(`/v3/history/sub-key/demo/channel/${channel}?${query}`, "DELETE");
const ok = (rest: string): string => `{"status":200,"error":false,"error_message":""${rest}}`;

const next = (token: string | undefined, ticks = 1n): string => String(BigInt(token ?? "0") + ticks);

test("[HIS7 HIS8 HIS9] one channel: items and the timetokens at their edges, in every form", async () => {
  const first = await publish("forms", '{"big":12345678901234567890,"e":1.0e+2,"s":"\\u00e9"}', 'meta={"n":1.50}');
  const last = await publish("forms", "null");
  const [big, meta] = ['{"big":12345678901234567890,"e":1.0e+2,"s":"\\u00e9"}', '{"n":1.50}'];
  expect(await v2("forms")).toBe(`[[${big},null],${first},${last}]`);
  expect(await v2("forms", "include_token=true")).toBe(
    `[[{"message":${big},"timetoken":${first}},{"message":null,"timetoken":${last}}],${first},${last}]`,
  );
  expect(await v2("forms", "include_meta=1")).toBe(
    `[[{"message":${big},"meta":${meta}},{"message":null,"meta":""}],${first},${last}]`,
  );
  expect(await v2("forms", "include_meta=True&include_token=1&count=1")).toBe(
    `[[{"message":null,"meta":"","timetoken":${last}}],${last},${last}]`,
  );
  expect(await v2("forms", "include_token=1&string_message_token=true&stringtoken=1&count=1")).toBe(
    `[[{"message":null,"timetoken":"${last}"}],"${last}","${last}"]`,
  );
  expect(await v2("nowhere")).toBe("[[],0,0]");
  expect(await v2("nowhere", "stringtoken=true")).toBe('[[],"0","0"]');
});

test("[HIS5 HIS6] one channel: ranges", async () => {
  const tokens = await publishTen("ranges");
  const at = (number: number): string => tokens[number - 1] ?? "";
  const cases: readonly (readonly [query: string, items: readonly number[]])[] = [
    ["count=3", [8, 9, 10]],
    [`start=${at(9)}&count=2`, [7, 8]],
    [`start=${next(at(3))}&count=2`, [2, 3]],
    [`end=${at(8)}`, [8, 9, 10]],
    ["reverse=true&count=5", [1, 2, 3, 4, 5]],
    [`reverse=true&start=${at(3)}&count=3`, [4, 5, 6]],
    [`start=${at(9)}&end=${at(3)}&count=3`, [6, 7, 8]],
    [`start=${at(1)}&end=${at(9)}&count=4`, [2, 3, 4, 5]],
    [`start=${at(1)}&end=${at(2)}&reverse=1`, [2]],
    [`start=${at(5)}&end=${at(5)}`, []],
    [`start=${at(5)}&end=${at(3)}&reverse=1`, []],
    ["start=&end=&count=&reverse=", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ];
  for (const [query, items] of cases) {
    const edges = items.length === 0 ? ["0", "0"] : [at(items[0] ?? 0), at(items.at(-1) ?? 0)];
    expect([query, await v2("ranges", query)]).toEqual([query, `[[${items.join(",")}],${edges.join(",")}]`]);
  }
  expect(await v3("ranges", `start=${at(4)}&end=${at(3)}`)).toBe(
    ok(`,"channels":{"ranges":[{"message":3,"timetoken":"${at(3)}"}]}`),
  );
});

test("[HIS10] no more than 100 come, whatever is asked for", async () => {
  for (let at = 0; at < 105; at++) await publish("hundred", String(at));
  for (const query of ["", "count=100", "count=101", "count=999999999"]) {
    expect(JSON.parse(await v2("hundred", query))[0]).toHaveLength(100);
  }
  expect(JSON.parse(await v3("hundred")).channels.hundred).toHaveLength(100);
  expect(JSON.parse(await v3("hundred", "max=1000")).channels.hundred).toHaveLength(100);
});

test("[HIS11 HIS13] several channels: 1 of each, 25 at most, none of those that have none", async () => {
  for (let at = 0; at < 30; at++) await publish(at < 28 ? "many-a" : "many-b", String(at));
  const numbers = async (query: string): Promise<object> => {
    const { channels } = JSON.parse(await v3("many-a,many-none,many-b,many-a", query));
    return Object.fromEntries(Object.entries(channels as object).map(([channel, items]) => [channel, items.length]));
  };
  expect(await numbers("")).toEqual({ "many-a": 1, "many-b": 1 });
  expect(await numbers("max=25")).toEqual({ "many-a": 25, "many-b": 2 });
  expect(await numbers("max=100")).toEqual({ "many-a": 25, "many-b": 2 });
  expect(await v3("many-none,many-nobody")).toBe(ok(',"channels":{}'));
  const five = Array.from({ length: 500 }, (_, at) => `c${at}`);
  expect(await v3(five.join(","))).toBe(ok(',"channels":{}'));
});

test("[HIS12 HIS9] several channels: what an item shows", async () => {
  const token = await publish("items", "12345678901234567890", 'meta={"n":1.0}&custom_message_type=text-msg');
  const bare = await publish("items", "2");
  const answer = (items: readonly string[]): string => ok(`,"channels":{"items":[${items.join(",")}]}`);
  const first = `"message":12345678901234567890,"timetoken":"${token}"`;
  const second = `"message":2,"timetoken":"${bare}"`;
  expect(await v3("items")).toBe(answer([`{${first}}`, `{${second}}`]));
  expect(await v3("items", "string_message_token=true&reverse=true")).toBe(answer([`{${first}}`, `{${second}}`]));
  const all = "include_meta=true&include_uuid=true&include_message_type=true&include_custom_message_type=true";
  expect(await v3("items", all)).toBe(
    answer([
      `{${first},"meta":{"n":1.0},"uuid":"me","message_type":null,"custom_message_type":"text-msg"}`,
      `{${second},"meta":"","uuid":"me","message_type":null}`,
    ]),
  );
});

test("[HIS13] names of channels are percent-encoded, unless they shall not be", async () => {
  const name = "channel|encoded::1(ä)!~'";
  const token = await publish(name, "1");
  const item = `[{"message":1,"timetoken":"${token}"}]`;
  const asked = encodeURIComponent(name);
  expect(await v3(asked)).toBe(ok(`,"channels":{"channel%7Cencoded%3A%3A1%28%C3%A4%29%21~%27":${item}}`));
  expect(await v3(asked, "encode_channels=false")).toBe(ok(`,"channels":{"${name}":${item}}`));
  await publish("plain-A.b_1", "1");
  expect(await v3("plain-A.b_1")).toContain('{"plain-A.b_1":');
});

test("[HIS1] signals, fires and what is not stored are not in history", async () => {
  await publish("kinds", "1");
  await publish("kinds", "2", "store=0");
  await publish("kinds", "3", "store=0&norep=true");
  await get("/signal/demo/demo/0/kinds/0/4");
  await publish("kinds", "5", "store=1");
  expect(await v2("kinds")).toMatch(/^\[\[1,5\],/);
  expect(await counts("kinds", "timetoken=0")).toBe(ok(',"channels":{"kinds":2}'));
});

test("[HIS1 HIS12 HIS18 OPS1] files are in history, and a restart changes nothing of it", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-history-"));
  const storage = openDataDirectory(dataDir, "normal");
  const store = new SqliteMessageStore(clock, storage.reading, storage.writer, { committed: () => {} });
  const base = BigInt(clock.wallMs()) * 10_000n;
  const file = message({ keyset: "demo", channel: "files", timetoken: base, payload: '{"file":{}}', eventType: 4 });
  await Promise.all([store.commit(file), store.commit({ ...file, timetoken: base + 1n, eventType: undefined })]);
  await store.stop(base + 1n);
  storage.close();
  const answers: string[] = [];
  for (let start = 0; start < 2; start++) {
    const again = await startNetwork({ dataDir, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
    const url = `${again.url}/v3/history/sub-key/demo/channel/files`;
    answers.push(await (await fetch(`${url}?include_message_type=true`)).text());
    if (start === 0) await fetch(`${url}?end=${base + 1n}`, { method: "DELETE" });
    await again.stop();
  }
  const first = `{"message":{"file":{}},"timetoken":"${base}","message_type":4}`;
  const second = `{"message":{"file":{}},"timetoken":"${base + 1n}","message_type":null}`;
  expect(answers).toEqual([ok(`,"channels":{"files":[${first},${second}]}`), ok(`,"channels":{"files":[${first}]}`)]);
  rmSync(dataDir, { recursive: true });
});

test("[HIS15] with actions: 25 at most, type to value to who and when", async () => {
  const tokens: string[] = [];
  for (let at = 0; at < 27; at++) tokens.push(await publish("acted", String(at)));
  const path = "/v3/history-with-actions/sub-key/demo/channel/";
  const { channels } = JSON.parse(await get(`${path}acted`)) as { channels: { acted: unknown[] } };
  expect(channels.acted).toHaveLength(25);
  const token = next(tokens.at(-2), 0n);
  const smile = (after: bigint): string => `{"uuid":"bob","actionTimetoken":"${next(token, after)}"}`;
  const read = `{"uuid":"carol","actionTimetoken":"${next(token, 3n)}"}`;
  const added = `{"reaction":{"smile":[${smile(1n)},${smile(2n)}]},"receipt":{"read":[${read}]}}`;
  expect(await get(`${path}acted?max=2&include_uuid=true&include_message_type=true`)).toBe(
    ok(
      `,"channels":{"acted":[{"message":25,"timetoken":"${token}","uuid":"me","message_type":null,"actions":${added}},` +
        `{"message":26,"timetoken":"${tokens.at(-1)}","uuid":"me","message_type":null}]}`,
    ),
  );
  const plain = await publish("plain", "1");
  expect(await get(`${path}plain`)).toBe(ok(`,"channels":{"plain":[{"message":1,"timetoken":"${plain}"}]}`));
  expect(await get(`${path}nowhere`)).toBe(ok(',"channels":{}'));
});

test("[HIS16] with actions: more than an answer holds end it, and it says where to go on", async () => {
  const [first, second, third] = [await publish("busy", "1"), await publish("busy", "2"), await publish("busy", "3")];
  const path = "/v3/history-with-actions/sub-key/demo/channel/busy";
  const backwards = JSON.parse(await get(`${path}?max=9`));
  expect(backwards.channels.busy).toHaveLength(1); // the newest has too many, and comes alone
  const url = `/v3/history-with-actions/sub-key/demo/channel/busy?start=${third}&max=8`;
  expect(backwards.more).toEqual({ url, start: third, max: 8 });
  const forwards = await get(`${path}?start=1&end=${third}`);
  expect(JSON.parse(forwards).channels.busy).toHaveLength(2);
  const on = `/v3/history-with-actions/sub-key/demo/channel/busy?start=${second}&end=${third}&max=23`;
  expect(forwards).toEndWith(`,"more":{"url":"${on}","start":"${second}","max":23}}`);
  expect(first < second).toBe(true);
});

test("[HIS14 HIS25] an answer holds 16 MiB; what is left out is announced and can be asked for", async () => {
  const large = JSON.stringify("x".repeat(2_000_000));
  const tokens: string[] = [];
  for (let at = 0; at < 10; at++) {
    const url = `${network.url}/v2/publish/demo/demo/0/${at < 9 ? "large" : "large-2"}/0`;
    const sent = (await (await fetch(url, { method: "POST", body: large })).json()) as [number, string, string];
    tokens.push(sent[2]);
  }
  const one = JSON.parse(await v3("large", "max=20"));
  expect(one.channels.large.map((item: { timetoken: string }) => item.timetoken)).toEqual(tokens.slice(1, 9));
  const url = `/v3/history/sub-key/demo/channel/large?start=${tokens[1]}&max=12`;
  expect(one.more).toEqual({ url, start: tokens[1] ?? "", max: 12 });
  expect(JSON.parse(await get(url)).channels.large).toHaveLength(1);
  const both = JSON.parse(await v3("large,large-2,forms", "max=9"));
  expect(both.channels.large).toHaveLength(8);
  expect(both.channels["large-2"]).toHaveLength(1); // the one message more
  expect(both.more).toEqual({ url: "/v3/history/sub-key/demo/channel/large,forms?max=9", max: 9 });
  expect(JSON.parse(await v3("forms,large", "max=8")).channels.forms).toHaveLength(2);
  const [items, first, last] = JSON.parse(await v2("large", "stringtoken=1")) as [unknown[], string, string];
  expect([items.length, first, last]).toEqual([8, tokens[1] ?? "", tokens[8] ?? ""]);
});

test("[HIS17] deletion: which messages a range takes", async () => {
  const cases: readonly (readonly [bounds: (at: (number: number) => string) => string, left: readonly number[]])[] = [
    [() => "", []],
    [(at) => `start=${at(5)}`, [5, 6, 7, 8, 9, 10]],
    [(at) => `end=${at(5)}`, [1, 2, 3, 4]],
    [(at) => `start=${at(1)}&end=${at(8)}`, [1, 9, 10]],
    [(at) => `start=${at(8)}&end=${at(3)}`, [1, 2, 8, 9, 10]],
    [(at) => `start=${at(5)}&end=${at(5)}`, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [(at) => `start=${next(at(5))}&end=${at(5)}`, [1, 2, 3, 4, 6, 7, 8, 9, 10]],
    [(at) => `start=${next(at(5), -1n)}&end=${at(5)}`, [1, 2, 3, 4, 6, 7, 8, 9, 10]],
  ];
  for (const [index, [bounds, left]] of cases.entries()) {
    const channel = `delete-${index}`;
    const tokens = await publishTen(channel);
    const query = bounds((number) => tokens[number - 1] ?? "");
    for (let again = 0; again < 2; again++) {
      expect(await remove(channel, query)).toEqual({ status: 200, text: ok("") });
      expect([query, JSON.parse(await v2(channel))[0]]).toEqual([query, left]);
    }
    expect(await counts(channel, "timetoken=0")).toBe(ok(`,"channels":{"${channel}":${left.length}}`));
  }
  expect(await remove("a%20name%20with%20*")).toEqual({ status: 200, text: ok("") });
});

test("[HIS18] deletion covers what is committing, and nothing that is published later", async () => {
  const publishing = Array.from({ length: 50 }, (_, at) => publish("race", String(at)));
  await Promise.all(publishing);
  const deleting = remove("race");
  await publish("race-other", "1");
  expect(await deleting).toEqual({ status: 200, text: ok("") });
  await publish("race", "51");
  expect(await v2("race")).toMatch(/^\[\[51\],/);
});

test("[HIS19] a subscriber may still be given what was deleted while it is in memory", async () => {
  const token = await publish("deleted", "1");
  await remove("deleted");
  expect(await get(`/v2/subscribe/demo/deleted/0?tt=${next(token, -1n)}`)).toContain('"d":1');
});

test("[HIS21 HIS22] counts: one instant for all, or one for each", async () => {
  const tokens = await publishTen("counted");
  await publish("counted-2", "1");
  expect(await counts("counted,counted-2,counted-none", `timetoken=${tokens[2]}`)).toBe(
    ok(',"channels":{"counted":7,"counted-2":1,"counted-none":0}'),
  );
  expect(await counts("counted,counted-2", `channelsTimetoken=${tokens[9]}%2C0`)).toBe(
    ok(',"channels":{"counted":0,"counted-2":1}'),
  );
  expect(await counts("counted,counted-2", `channelsTimetoken=${tokens[8]},0`)).toBe(
    ok(',"channels":{"counted":1,"counted-2":1}'),
  );
  expect(await counts("counted", `channelsTimetoken=${tokens[0]}`)).toBe(ok(',"channels":{"counted":9}'));
  const most = Array.from({ length: 100 }, (_, at) => `count-${at}`);
  expect(Object.keys(JSON.parse(await counts(most.join(","), "timetoken=0")).channels)).toEqual(most);
});

test("[HIS2 HIS3] expired messages are gone at once from history, counts and backlogs", async () => {
  const keys = ["demo", "kept", "endless"];
  const tokens = new Map<string, string>();
  for (const key of keys) {
    tokens.set(key, await publish("ttl", '"keyset"', "", key));
    await publish("ttl", '"hour"', "ttl=1", key);
    await publish("ttl", '"minutes"', "ttl=0.1", key);
    await publish("ttl", '"ever"', "ttl=0&store=1", key);
    await publish("ttl", '"zero alone"', "ttl=0", key);
    await publish("ttl", '"negative"', "ttl=-1", key);
  }
  const kept = async (key: string): Promise<readonly string[]> => {
    const items = JSON.parse(await v2("ttl", "", key))[0] as readonly string[];
    const answer = await get(`/v3/history/sub-key/${key}/message-counts/ttl?timetoken=0`);
    expect(answer).toBe(ok(`,"channels":{"ttl":${items.length}}`));
    return items;
  };
  const byKeyset = ["keyset", "zero alone", "negative"];
  const ordered = (left: readonly string[]): readonly string[] =>
    ["keyset", "hour", "minutes", "ever", "zero alone", "negative"].filter((text) => left.includes(text));
  expect(await kept("demo")).toEqual(ordered([...byKeyset, "hour", "minutes", "ever"]));
  clock.setWall(clock.wallMs() + 361_000);
  for (const key of keys) {
    expect(await kept(key)).toEqual(ordered([...byKeyset, "hour", "ever"]));
    const backlog = await get(`/v2/subscribe/${key}/ttl/0?tt=${next(tokens.get(key), -1n)}`);
    expect(JSON.parse(backlog).m).toHaveLength(5);
    expect(backlog).not.toContain("minutes");
  }
  clock.setWall(clock.wallMs() + 3_600_000);
  for (const key of keys) expect(await kept(key)).toEqual(ordered([...byKeyset, "ever"]));
  clock.setWall(clock.wallMs() + 86_400_000);
  expect(await kept("kept")).toEqual(["ever"]);
  expect(await kept("demo")).toEqual(ordered([...byKeyset, "ever"]));
  clock.setWall(clock.wallMs() + 7 * 86_400_000);
  expect(await kept("demo")).toEqual(["ever"]);
  expect(await kept("endless")).toEqual(ordered([...byKeyset, "ever"]));
});

test("[HIS3] a backlog whose first pages have expired is read on to what has not", async () => {
  const first = await publish("stale", "0", "ttl=0.1");
  for (let at = 1; at < 130; at++) await publish("stale", String(at), "ttl=0.1");
  await publish("stale", '"alive"');
  clock.setWall(clock.wallMs() + 361_000);
  const backlog = JSON.parse(await get(`/v2/subscribe/demo/stale/0?tt=${next(first, -1n)}`));
  expect(backlog.m.map(({ d }: { d: unknown }) => d)).toEqual(["alive"]);
});

const HISTORY_OFF =
  "Use of the history API requires the Storage & Playback which is not enabled for this subscribe key. Login to your " +
  "PubNub Dashboard Account and enable Storage & Playback. Contact support@pubnub.com if you require further assistance.";
const DELETION_OFF =
  "Use of the history Delete API requires both Storage & Playback and Storage Delete enabled, one of which is not " +
  "enabled for this subscribe key. Login to your PubNub Dashboard Account and enable both Storage & Playback and " +
  "Storage Delete. Contact support@pubnub.com if you require further assistance.";
const OFF: readonly (readonly [method: string, path: string, body: string])[] = [
  ["GET", "/v2/history/sub-key/off/channel/a", `{"status":403,"error":true,"error_message":"${HISTORY_OFF}"}`],
  ...["history/sub-key/off/channel/a,b", "history-with-actions/sub-key/off/channel/a"].map(
    (path) =>
      ["GET", `/v3/${path}`, `{"status":403,"error":true,"error_message":"${HISTORY_OFF}","channels":{}}`] as const,
  ),
  [
    "GET",
    "/v3/history/sub-key/off/message-counts/a?timetoken=1",
    `{"status":403,"error":true,"error_message":"${HISTORY_OFF}","channels":{}}`,
  ],
  ["DELETE", "/v3/history/sub-key/off/channel/a", `{"status":403,"error":true,"error_message":"${DELETION_OFF}"}`],
  ["DELETE", "/v3/history/sub-key/kept/channel/a", `{"status":403,"error":true,"error_message":"${DELETION_OFF}"}`],
];
for (const [method, path, body] of OFF) {
  test(`[HIS4] switched off: ${method} ${path}`, async () => {
    expect(await ask(path, method)).toEqual({ status: 403, text: body });
  });
}

test("[HIS4] a keyset without history keeps nothing, and publishes as ever", async () => {
  const committed = async (): Promise<string | undefined> =>
    /^longwave_messages_committed_total \d+$/m.exec(await get("/metrics"))?.[0];
  const before = await committed();
  await publish("a", "1", "store=1", "off");
  expect(await committed()).toBe(before);
  await publish("a", "1", "store=1", "kept");
  expect(await committed()).not.toBe(before);
});

const DELETE = "DELETE /v3/history/sub-key/demo/channel/a";
const MALFORMED: Readonly<Record<string, string>> = {
  "GET /v2/history/sub-key/demo/channel/a?start=abc": "start",
  "GET /v2/history/sub-key/demo/channel/a?start=-1": "start",
  "GET /v2/history/sub-key/demo/channel/a?end=1.5": "end",
  "GET /v2/history/sub-key/demo/channel/a?end=123456789012345678": "end",
  "GET /v2/history/sub-key/demo/channel/a?count=0": "count",
  "GET /v2/history/sub-key/demo/channel/a?count=-1": "count",
  "GET /v2/history/sub-key/demo/channel/a?count=1e2": "count",
  "GET /v2/history/sub-key/demo/channel/a?reverse=yes": "reverse",
  "GET /v2/history/sub-key/demo/channel/a?include_token=2": "include_token",
  "GET /v2/history/sub-key/demo/channel/a?include_meta=TRUE": "include_meta",
  "GET /v2/history/sub-key/demo/channel/a?stringtoken=x": "stringtoken",
  "GET /v2/history/sub-key/demo/channel/a?string_message_token=x": "string_message_token",
  "GET /v2/history/sub-key/demo/channel/": "channel",
  "GET /v2/history/sub-key/demo/channel/a,b": "channel",
  [`${DELETE}?start=x`]: "start",
  [`${DELETE}?end=x`]: "end",
  [`${DELETE},b`]: "channel",
  "GET /v3/history/sub-key/demo/channel/a?start=x": "start,",
  "GET /v3/history/sub-key/demo/channel/a?end=x": "end,",
  "GET /v3/history/sub-key/demo/channel/a?max=x": "max,",
  "GET /v3/history/sub-key/demo/channel/a?max=0": "max,",
  "GET /v3/history/sub-key/demo/channel/a?include_meta=x": "include_meta,",
  "GET /v3/history/sub-key/demo/channel/a?include_uuid=x": "include_uuid,",
  "GET /v3/history/sub-key/demo/channel/a?include_message_type=x": "include_message_type,",
  "GET /v3/history/sub-key/demo/channel/a?include_custom_message_type=x": "include_custom_message_type,",
  "GET /v3/history/sub-key/demo/channel/a?encode_channels=x": "encode_channels,",
  "GET /v3/history/sub-key/demo/channel/,": "channel,",
  [`GET /v3/history/sub-key/demo/channel/${Array.from({ length: 501 }, (_, at) => at).join(",")}`]: "channel,",
  "GET /v3/history-with-actions/sub-key/demo/channel/a,b": "channel,",
  "GET /v3/history-with-actions/sub-key/demo/channel/a?max=x": "max,",
};
for (const [request, argument] of Object.entries(MALFORMED)) {
  test(`[HIS10 HIS11 HIS15] malformed: ${request.slice(0, 90)}`, async () => {
    const [method, path = ""] = request.split(" ");
    const channels = argument.endsWith(",") ? ',"channels":{}' : "";
    const text = `{"status":400,"error":true,"error_message":"Invalid Arguments: ${argument.replace(",", "")}"${channels}}`;
    expect(await ask(path, method)).toEqual({ status: 400, text });
  });
}

const MALFORMED_COUNTS: readonly string[] = [
  "a",
  "a?timetoken=",
  "a?timetoken=x",
  "a?timetoken=-1",
  "a?timetoken=123456789012345678",
  "a?timetoken=1&channelsTimetoken=1",
  "a,b?channelsTimetoken=1",
  "a?channelsTimetoken=1,2",
  "a,b?channelsTimetoken=1,",
  "a,b?channelsTimetoken=1,x",
  ",?timetoken=1",
  "a,,b?timetoken=1",
  `${Array.from({ length: 101 }, (_, at) => at).join(",")}?timetoken=1`,
];
for (const request of MALFORMED_COUNTS) {
  test(`[HIS21] malformed counts: ${request.slice(0, 60)}`, async () => {
    expect(await ask(`/v3/history/sub-key/demo/message-counts/${request}`)).toEqual({
      status: 400,
      text: '{"status":400,"error":true,"error_message":"Invalid Arguments","channels":{}}',
    });
  });
}

const UNKNOWN_KEY = '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}';
for (const path of ["/v2/history/sub-key/x/channel/a", "/v3/history/sub-key/x/message-counts/a"]) {
  test(`[PUB5 HIS4] an unknown subscribe key: ${path}`, async () => {
    expect(await ask(path)).toEqual({ status: 400, text: UNKNOWN_KEY });
  });
}

test("[HIS23] a callback in the query wraps the body", async () => {
  expect(await v2("nowhere", "callback=show")).toBe("show([[],0,0])");
  expect(await v3("nowhere", "callback=a.b")).toBe(`a.b(${ok(',"channels":{}')})`);
  expect(await counts("nowhere", "timetoken=1&callback=f")).toBe(`f(${ok(',"channels":{"nowhere":0}')})`);
  expect(await v2("nowhere", "callback=")).toBe("[[],0,0]");
  expect((await ask("/v2/history/sub-key/demo/channel/a?callback=alert(1)")).status).toBe(400);
});

test("[EDG9 HIS7] a long page is compressed where that is accepted", async () => {
  await publish("zipped", JSON.stringify("y".repeat(3_000)));
  const response = await fetch(`${network.url}/v2/history/sub-key/demo/channel/zipped`, {
    headers: { "Accept-Encoding": "gzip" },
  });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(await response.text()).toContain("y".repeat(3_000));
});
