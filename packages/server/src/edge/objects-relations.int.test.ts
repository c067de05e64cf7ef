import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { NOW, NOW_WITH_NANOSECONDS, ObjectsWire, PLAIN_TAG, malformed, malformedIn, refused } from "./objects-wire.ts";
import type { WireAnswer } from "./wire-network.ts";

const END = `"updated":"${NOW}","eTag":"${PLAIN_TAG}"}`;

function page(items: readonly string[], next: string): WireAnswer {
  return { status: 200, body: `{"status":200,"data":[${items.join(",")}],"next":"${next}"}` };
}

const change = (wire: ObjectsWire, path: string, body: unknown): Promise<WireAnswer> =>
  wire.ask("PATCH", path, JSON.stringify(body));
const toChannels = (...ids: readonly string[]): readonly object[] => ids.map((id) => ({ channel: { id } }));
const toUsers = (...ids: readonly string[]): readonly object[] => ids.map((id) => ({ uuid: { id } }));

// The other end has metadata for the first item and none for the second.
const OWN = `"type":"member","status":null,"custom":{"starred":true},`;
const INCLUDES: readonly (readonly [tokens: string, own: string, other: string | undefined])[] = [
  ["", "", undefined],
  ["custom", `"custom":{"starred":true},`, undefined],
  ["status", `"status":null,`, undefined],
  ["type", `"type":"member",`, undefined],
  ["custom,status,type,status", OWN, undefined],
  ["totalCount,nothing,OTHER.name", "", undefined],
  ["OTHER", "", ""],
  ["OTHER.custom", "", `"custom":{"x":1},`],
  ["OTHER.status", "", `"status":"s",`],
  ["OTHER.type", "", `"type":null,`],
  ["OTHER,OTHER.custom,OTHER.status,OTHER.type", "", `"type":null,"status":"s","custom":{"x":1},`],
  ["OTHER.status,OTHER.type,status", `"status":null,`, `"type":null,"status":"s",`],
];

for (const [tokens, own, otherExtras] of INCLUDES) {
  test(`[OBJ2 OBJ4 OBJ17] memberships and members are shown with ${tokens || "nothing included"}`, async () => {
    await using wire = await ObjectsWire.start();
    const extras = { status: "s", custom: { x: 1 } };
    const metadataTag = async (path: string): Promise<string> =>
      (JSON.parse(await wire.set(path, { name: "N", ...extras })) as { readonly eTag: string }).eTag;
    const ends = [
      { path: "/uuids/u-1/channels", other: "channel", ids: ["c-1", "c-2"], standard: `"name":"N","description":null` },
      {
        path: "/channels/c-1/uuids",
        other: "uuid",
        ids: ["u-1", "u-2"],
        standard: `"name":"N","externalId":null,"profileUrl":null,"email":null`,
      },
    ] as const;
    for (const { path, other, ids, standard } of ends) {
      const [first, second] = ids;
      const tag = await metadataTag(`/${other}s/${first}`);
      const content = { type: "member", custom: { starred: true } };
      const query = tokens === "" ? "" : `?include=${tokens.replaceAll("OTHER", other)}`;
      const body = {
        set: [
          { [other]: { id: first }, ...content },
          { [other]: { id: second }, ...content },
        ],
      };
      const answer = await change(wire, path + query, body);
      const relationTag = /"eTag":"([A-Za-z0-9+/]{14})"\}/.exec(answer.body)?.[1] ?? "none";
      const metadata = `{"id":"${first}",${standard},${otherExtras ?? ""}"updated":"${NOW}","eTag":"${tag}"}`;
      const end = `${own}"updated":"${NOW}","eTag":"${relationTag}"}`;
      const shown = otherExtras === undefined ? `{"id":"${first}"}` : metadata;
      expect(answer).toEqual(page([`{"${other}":${shown},${end}`, `{"${other}":{"id":"${second}"},${end}`], "Mg"));
      expect(await wire.get(path + query)).toEqual(answer);
    }
  });
}

test("[OBJ16 OBJ17] set and delete, from both ends, and the answer is the whole list", async () => {
  await using wire = await ObjectsWire.start();
  const item = (other: string, id: string): string => `{"${other}":{"id":"${id}"},${END}`;
  const memberships = (...ids: readonly string[]): string[] => ids.map((id) => item("channel", id));
  const path = "/uuids/u-1/channels";
  expect(await change(wire, path, { set: toChannels("c-1", "c-2") })).toEqual(page(memberships("c-1", "c-2"), "Mg"));
  expect(await change(wire, path, { set: toChannels("c-3") })).toEqual(page(memberships("c-1", "c-2", "c-3"), "Mw"));
  expect(await wire.get("/channels/c-1/uuids")).toEqual(page([item("uuid", "u-1")], "MQ"));
  const both = { set: toChannels("c-4", "c-5"), delete: toChannels("c-1", "c-4", "c-9", "c-9") };
  expect(await change(wire, path, both)).toEqual(page(memberships("c-2", "c-3", "c-5"), "Mw"));
  expect(await change(wire, "/channels/c-2/uuids", { set: toUsers("u-2", "u-1") })).toEqual(
    page([item("uuid", "u-1"), item("uuid", "u-2")], "Mg"),
  );
  expect(await change(wire, "/channels/c-2/uuids", { delete: toUsers("u-1") })).toEqual(
    page([item("uuid", "u-2")], "MQ"),
  );
  for (const body of [{}, { set: [], delete: [] }, { set: null, other: 1 }]) {
    expect(await change(wire, path, body)).toEqual(page(memberships("c-3", "c-5"), "Mg"));
  }
  expect(await change(wire, path, { delete: toChannels("c-3", "c-5") })).toEqual({
    status: 200,
    body: '{"status":200,"data":[]}',
  });
});

test("[OBJ10 OBJ12 OBJ16] a membership is changed field by field, from either end, and keeps what is the same", async () => {
  await using wire = await ObjectsWire.start();
  const fromUser = "/uuids/u/channels?include=custom,status,type";
  const fromChannel = "/channels/c/uuids?include=custom,status,type";
  const content = (answer: WireAnswer): string => /"type".*(?=,"updated)/.exec(answer.body)?.[0] ?? "";
  const user = { channel: { id: "c" } };
  const channel = { uuid: { id: "u" } };
  const first = await change(wire, fromUser, { set: [{ ...user, type: "t", status: "s", custom: { a: 1, b: 2 } }] });
  expect(content(first)).toBe('"type":"t","status":"s","custom":{"a":1,"b":2}');
  const cleared = await change(wire, fromChannel, { set: [{ ...channel, status: null, custom: { c: 3 } }] });
  expect(content(cleared)).toBe('"type":"t","status":null,"custom":{"c":3}');
  wire.network.clock.advance(5_000);
  const same = await change(wire, fromUser, { set: [{ ...user, type: "t" }, user] });
  expect(same.body).toContain(NOW.slice(0, -1));
  const other = await change(wire, fromUser, {
    set: [
      { ...user, type: "u" },
      { ...user, custom: null },
    ],
  });
  expect(content(other)).toBe('"type":"u","status":null,"custom":null');
  expect(other.body).toContain('"updated":"2024-11-26T07:12:08.456Z"');
});

test("[OBJ17 OBJ20 OBJ21] the answer to a change is paged, filtered and sorted as a list is", async () => {
  await using wire = await ObjectsWire.start();
  const query = new URLSearchParams({
    count: "true",
    limit: "1",
    sort: "channel.id:desc",
    filter: "channel.id != 'c-3'",
  });
  const answer = await change(wire, `/uuids/u/channels?${query}`, { set: toChannels("c-1", "c-2", "c-3") });
  expect(answer.body).toBe(`{"status":200,"data":[{"channel":{"id":"c-2"},${END}],"totalCount":2,"next":"MQ"}`);
});

const place = (location: string, message: string): object => ({ message, location, locationType: "body" });
const listSentence = (name: string): object => place(name, `Memberships to ${name} must be a list of at most 1000.`);
const idSentence = (location: string): object =>
  place(location, "Channel id must be 1 to 92 bytes without any of , / \\ * : and control characters.");

const MALFORMED: readonly (readonly [why: string, body: string, wrong: readonly object[]])[] = [
  ["a set that is no list", '{"set":{}}', [listSentence("set")]],
  ["a delete that is no list", '{"delete":"c-1"}', [listSentence("delete")]],
  ["an entry that is no object", '{"set":["c-1"]}', [idSentence("set.0.channel.id")]],
  ["an entry without a channel", '{"set":[{}]}', [idSentence("set.0.channel.id")]],
  ["a user where a channel belongs", '{"set":[{"uuid":{"id":"u"}}]}', [idSentence("set.0.channel.id")]],
  ["a channel that is a text", '{"delete":[{"channel":"c"}]}', [idSentence("delete.0.channel.id")]],
  ["an id that is a number", '{"delete":[{"channel":{"id":1}}]}', [idSentence("delete.0.channel.id")]],
  ["an id with a slash", '{"set":[{"channel":{"id":"a/b"}}]}', [idSentence("set.0.channel.id")]],
  [
    "everything",
    '{"set":[{"channel":{"id":"c"}},{"channel":{"id":""},"type":1,"status":"' +
      `${"x".repeat(51)}","custom":[]}],"delete":[{"channel":{"id":"d"}},null]}`,
    [
      idSentence("set.1.channel.id"),
      place("set.1.type", "Membership type must be a string of at most 50 characters."),
      place("set.1.status", "Membership status must be a string of at most 50 characters."),
      place(
        "set.1.custom",
        "Membership custom must be an object of strings, numbers, booleans and nulls, integers within 9007199254740991.",
      ),
      idSentence("delete.1.channel.id"),
    ],
  ],
];

for (const [why, body, wrong] of MALFORMED) {
  test(`[OBJ32] a change of memberships with ${why} is refused by its place`, async () => {
    await using wire = await ObjectsWire.start();
    expect(await wire.ask("PATCH", "/uuids/u/channels", body)).toEqual(malformedIn(wrong));
    expect(await wire.get("/uuids/u/channels")).toEqual({ status: 200, body: '{"status":200,"data":[]}' });
  });
}

test("[OBJ31 OBJ32] a body that is no object, and one with too much wrong to name", async () => {
  await using wire = await ObjectsWire.start();
  expect(await wire.ask("PATCH", "/channels/c/uuids", "[]")).toEqual(
    malformed("Payload must be an object.", "body", "body"),
  );
  const { body } = await change(wire, "/channels/c/uuids", { set: Array.from({ length: 200 }, () => ({})) });
  expect((JSON.parse(body) as { error: { details: unknown[] } }).error.details).toHaveLength(100);
});

test("[OBJ19] a request has so many entries, a user so many memberships, and no more", async () => {
  await using wire = await ObjectsWire.start();
  const ids = (from: number, count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `c-${from + at}`);
  const { relationsPerChangeMax, membershipsPerUserMax } = LIMITS;
  const over = await change(wire, "/uuids/u/channels", { set: toChannels(...ids(0, relationsPerChangeMax + 1)) });
  expect(over).toEqual(malformedIn([listSentence("set")]));
  for (let from = 0; from < membershipsPerUserMax; from += relationsPerChangeMax) {
    const some = toChannels(...ids(from, relationsPerChangeMax));
    expect((await change(wire, "/uuids/u/channels?limit=0&count=1", { set: some })).status).toBe(200);
  }
  const tooMany = refused(400, "Maximum number of memberships of a user reached.");
  expect(await change(wire, "/channels/one-more/uuids", { set: toUsers("other", "u") })).toEqual(tooMany);
  expect((await wire.list("/channels/one-more/uuids")).ids).toBe("");
  const exchanged = { set: toChannels("one-more"), delete: toChannels("c-0") };
  expect((await change(wire, "/uuids/u/channels?limit=0", exchanged)).status).toBe(200);
  expect((await wire.list("/uuids/u/channels", { count: "true", limit: "0" })).rest).toBe(
    `,"totalCount":${membershipsPerUserMax}`,
  );
});

test("[OBJ33] a membership is bounded in bytes", async () => {
  await using wire = await ObjectsWire.start();
  const set = [{ channel: { id: "c" }, custom: { a: "x".repeat(33_000) } }];
  const tooLarge = malformed("Membership must not be larger than 32768 bytes.", "set", "body");
  expect(await change(wire, "/uuids/u/channels", { set })).toEqual(tooLarge);
});

test("[OBJ18] without integrity memberships need no metadata and survive it", async () => {
  await using wire = await ObjectsWire.start();
  await wire.set("/uuids/u", {});
  await change(wire, "/uuids/u/channels", { set: toChannels("c") });
  await wire.ask("DELETE", "/uuids/u");
  expect((await wire.list("/uuids/u/channels")).ids).toBe("c");
});

test("[OBJ18 OBJ36] with integrity both ends must exist, and memberships go with either, without events of their own", async () => {
  await using wire = await ObjectsWire.start({ enforcesIntegrity: true });
  const unknown = refused(404, "Requested object was not found.");
  const set = (...ids: readonly string[]): Promise<WireAnswer> =>
    change(wire, "/uuids/u/channels", { set: toChannels(...ids) });
  expect(await set("c")).toEqual(unknown);
  await wire.set("/uuids/u", {});
  expect(await set("c")).toEqual(unknown);
  await wire.set("/channels/c", {});
  await wire.set("/channels/d", {});
  expect((await set("c", "d")).status).toBe(200);
  expect(await set("c", "e")).toEqual(unknown);
  await wire.ask("DELETE", "/channels/c");
  expect((await wire.list("/uuids/u/channels")).ids).toBe("d");
  await wire.ask("DELETE", "/uuids/u");
  expect((await wire.list("/channels/d/uuids")).ids).toBe("");
  const types = (await wire.events("c", "d")).map(([channel, payload]) => {
    const { event, type } = JSON.parse(payload) as { readonly event: string; readonly type: string };
    return `${channel} ${type} ${event}`;
  });
  expect(types).toEqual([
    "c channel set",
    "d channel set",
    "c membership set",
    "d membership set",
    "c channel delete",
    "d uuid delete",
  ]);
});

test("[OBJ30 OBJ35] a membership is told on its channel and on its user's, each once, with what is set", async () => {
  await using wire = await ObjectsWire.start();
  const set = [{ channel: { id: "c" }, status: "s", custom: { b: 1, a: 2 } }, { channel: { id: "u" } }];
  const { body } = await change(wire, "/uuids/u/channels", { set });
  const tag = /"channel":\{"id":"c"\}[^}]*"eTag":"([^"]{14})"/.exec(body)?.[1] ?? "none";
  await change(wire, "/channels/c/uuids", { delete: toUsers("u", "nobody") });
  const event = (name: string, data: string): string =>
    `{"source":"objects","version":"2.0","event":"${name}","type":"membership","data":${data}}`;
  const made = event(
    "set",
    `{"channel":{"id":"c"},"custom":{"b":1,"a":2},"eTag":"${tag}","status":"s","updated":"${NOW_WITH_NANOSECONDS}","uuid":{"id":"u"}}`,
  );
  const own = event(
    "set",
    `{"channel":{"id":"u"},"eTag":"${PLAIN_TAG}","updated":"${NOW_WITH_NANOSECONDS}","uuid":{"id":"u"}}`,
  );
  const gone = event("delete", '{"channel":{"id":"c"},"uuid":{"id":"u"}}');
  expect(await wire.events("c", "u")).toEqual([
    ["c", made],
    ["u", made],
    ["u", own],
    ["c", gone],
    ["u", gone],
  ]);
});
