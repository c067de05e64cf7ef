import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { count, seed } from "../../../../tools/counts.ts";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { Objects } from "../objects/objects.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import { ObjectsWire, malformed, refused } from "./objects-wire.ts";
import type { Services } from "./services.ts";

let wire: ObjectsWire;
beforeAll(async () => {
  wire = await ObjectsWire.start();
  const users: Readonly<Record<string, object>> = {
    "u-1": { name: "Anna", email: "anna@example.com", status: "active", custom: { age: 30, vip: true, city: "Köln" } },
    "u-2": { name: "bert", externalId: "x-2", status: "idle", type: "staff", custom: { age: 4.5, vip: false } },
    "u-3": { name: "Änne", profileUrl: "https://example.com/3", status: "active", custom: { age: "30", "a b": 1 } },
    "u-4": { name: "a*b", type: "guest", custom: { age: -7 } },
    "u-5": {},
  };
  for (const [id, user] of Object.entries(users)) {
    await wire.set(`/uuids/${id}`, user);
    wire.network.clock.advance(1_000);
  }
  const channels = {
    "c-1": { name: "Red", description: "first" },
    "c-2": { name: "green", status: "open", custom: { n: 2 } },
  };
  for (const [id, channel] of Object.entries(channels)) await wire.set(`/channels/${id}`, channel);
  const set = [
    { channel: { id: "c-1" }, status: "active", custom: { starred: true } },
    { channel: { id: "c-2" }, type: "owner" },
    { channel: { id: "c-3" } },
  ];
  await wire.ask("PATCH", "/uuids/u-1/channels", JSON.stringify({ set }));
  await wire.ask("PATCH", "/uuids/u-2/channels", JSON.stringify({ set: [{ channel: { id: "c-1" }, status: "idle" }] }));
});
afterAll(() => wire[Symbol.asyncDispose]());

type Filters = readonly (readonly [filter: string, ids: string])[];

const USER_FILTERS: Filters = [
  ["id == 'u-1'", "u-1"],
  ["id > 'u-3'", "u-4 u-5"],
  ["id LIKE 'U-*'", "u-1 u-2 u-3 u-4 u-5"],
  ["name == 'Anna'", "u-1"],
  ['name == "Anna"', "u-1"],
  ["name == 'anna'", ""],
  ["name != 'Anna'", "u-2 u-3 u-4"],
  ["!(name == 'Anna')", "u-2 u-3 u-4"],
  ["!name == 'Anna'", "u-2 u-3 u-4"],
  ["!!name == 'Anna'", "u-1"],
  ["name < 'B'", "u-1 u-4"],
  ["name >= 'BERT'", "u-2 u-3"],
  ["name LIKE 'AN*'", "u-1"],
  ["name like '*n*'", "u-1 u-3"],
  ["name LIKE 'ä*'", "u-3"],
  ["name LIKE '*\\**'", "u-4"],
  ["name LIKE 'bert'", "u-2"],
  ["name LIKE ''", ""],
  ["!(name LIKE 'a*')", "u-2 u-3"],
  ["name == null", "u-5"],
  ["name != null", "u-1 u-2 u-3 u-4"],
  ["externalId == 'x-2'", "u-2"],
  ["profileUrl LIKE 'https*'", "u-3"],
  ["email LIKE '*@EXAMPLE.com'", "u-1"],
  ["email == null && status == null", "u-4 u-5"],
  ["status == 'active'", "u-1 u-3"],
  ["type == 'staff' || type == 'guest'", "u-2 u-4"],
  ["status == 'active' && (name == 'Anna' || name == 'bert')", "u-1"],
  ["status == 'idle' || status == 'active' && name == 'Anna'", "u-1 u-2"],
  ["custom.age == 30", "u-1"],
  ["custom.age == '30'", "u-3"],
  ["custom.age != 30", "u-2 u-4"],
  ["custom.age > -8 && custom.age < 5", "u-2 u-4"],
  ["custom.age >= 4.5", "u-1 u-2"],
  ["custom.vip == true", "u-1"],
  ["custom.vip != true", "u-2"],
  ["custom.vip == 1", ""],
  ["custom.age == null", "u-5"],
  ["custom.vip != null", "u-1 u-2"],
  ["custom.city LIKE 'KÖ*'", "u-1"],
  ["custom.age LIKE '3*'", "u-3"],
  ['custom["a b"] == 1', "u-3"],
  ["updated >= '2024-11-26T07:12:06.456Z'", "u-4 u-5"],
  ["updated < '2024-11-26T08:12:05+01:00'", "u-1 u-2"],
  ["updated > '2024-11-26' && updated < '2024-11-27'", "u-1 u-2 u-3 u-4 u-5"],
  ["updated == '2024-11-26T07:12:03.456Z'", "u-1"],
  ["updated != '2024-11-26T07:12:03.456Z'", "u-2 u-3 u-4 u-5"],
  ["name == 'x\\' OR 1=1 --'", ""],
  ["   ", "u-1 u-2 u-3 u-4 u-5"],
];

for (const [filter, ids] of USER_FILTERS) {
  test(`[OBJ22 OBJ23 OBJ24] users where ${filter}`, async () => {
    const { ids: found, rest } = await wire.list("/uuids", { filter, count: "true" });
    expect(found).toBe(ids);
    const total = ids === "" ? 0 : ids.split(" ").length;
    expect(rest).toStartWith(`,"totalCount":${total}`);
  });
}

const RELATION_FILTERS: readonly (readonly [path: string, filter: string, ids: string])[] = [
  ["/uuids/u-1/channels", "status == 'active'", "c-1"],
  ["/uuids/u-1/channels", "type LIKE 'OWN*'", "c-2"],
  ["/uuids/u-1/channels", "custom.starred == true", "c-1"],
  ["/uuids/u-1/channels", "channel.id != 'c-1'", "c-2 c-3"],
  ["/uuids/u-1/channels", "channel.name LIKE 'r*'", "c-1"],
  ["/uuids/u-1/channels", "channel.name == null", "c-3"],
  ["/uuids/u-1/channels", "channel.description == 'first'", "c-1"],
  ["/uuids/u-1/channels", "channel.status == 'open' && channel.custom.n == 2", "c-2"],
  ["/uuids/u-1/channels", "channel.updated > '2024-01-01' || status == 'x'", "c-1 c-2"],
  ["/uuids/u-1/channels", "updated > '2024-01-01'", "c-1 c-2 c-3"],
  ["/channels/c-1/uuids", "uuid.name LIKE 'B*'", "u-2"],
  ["/channels/c-1/uuids", "uuid.custom.age > 5 && status == 'active'", "u-1"],
  ["/channels/c-1/uuids", "uuid.email != null", "u-1"],
  ["/channels/c-1/uuids", "uuid.id == 'u-2' || uuid.externalId == 'none'", "u-2"],
];

for (const [path, filter, ids] of RELATION_FILTERS) {
  test(`[OBJ22] ${path} where ${filter}`, async () => {
    expect((await wire.list(path, { filter })).ids).toBe(ids);
  });
}

const UNKNOWN = "Filter names a field that does not exist here.";
const OTHER_TYPE = "Filter compares a field with a constant of another type.";
const MALFORMED_FILTERS: readonly (readonly [path: string, filter: string, message: string])[] = [
  ["/uuids", "name ==", "Filter is malformed: a value is missing, at character 7."],
  ["/uuids", "name == 'a", "Filter is malformed: a string without its end, at character 8."],
  ["/uuids", "name == 'a' )", "Filter is malformed: something behind the end of the expression, at character 12."],
  ["/uuids", "name § 'a'", "Filter is malformed: a character that begins nothing, at character 5."],
  ["/uuids", "name", "Filter must compare fields with constants."],
  ["/uuids", "'a'", "Filter must compare fields with constants."],
  ["/uuids", "'a' == name", "Filter must have a field on the left of each operator."],
  ["/uuids", "name == email", "Filter must have a constant on the right of each operator."],
  ["/uuids", "name == ('a','b')", "Filter must have a constant on the right of each operator."],
  ["/uuids", "name CONTAINS 'a'", "Filter has an operator that does not exist here."],
  ["/uuids", "name = 'a'", "Filter has an operator that does not exist here."],
  ["/uuids", "custom.age + 1 == 2", "Filter must have a field on the left of each operator."],
  ["/uuids", "nick == 'a'", UNKNOWN],
  ["/uuids", "description == 'a'", UNKNOWN],
  ["/uuids", "custom == 'a'", UNKNOWN],
  ["/uuids", "custom.a.b == 'a'", UNKNOWN],
  ["/uuids", "custom[0] == 'a'", UNKNOWN],
  ["/uuids", "uuid.name == 'a'", UNKNOWN],
  ["/uuids", "data.name == 'a'", UNKNOWN],
  ["/channels", "email == 'a'", UNKNOWN],
  ["/uuids/u-1/channels", "name == 'a'", UNKNOWN],
  ["/uuids/u-1/channels", "id == 'a'", UNKNOWN],
  ["/uuids/u-1/channels", "uuid.name == 'a'", UNKNOWN],
  ["/channels/c-1/uuids", "channel.name == 'a'", UNKNOWN],
  ["/uuids", "name == 5", OTHER_TYPE],
  ["/uuids", "name == true", OTHER_TYPE],
  ["/uuids", "updated > 5", OTHER_TYPE],
  ["/uuids", "updated LIKE '2024*'", OTHER_TYPE],
  ["/uuids", "custom.age LIKE 5", OTHER_TYPE],
  ["/uuids", "updated > 'yesterday'", "Filter must compare updated with an ISO 8601 date and time."],
  ["/uuids", "updated > '2024-13-01'", "Filter must compare updated with an ISO 8601 date and time."],
  ["/uuids", "name < null", "Filter can only test null for being equal or not."],
  ["/uuids", "name LIKE null", "Filter can only test null for being equal or not."],
  ["/uuids", "custom.vip > true", "Filter can only test true and false for being equal or not."],
  [
    "/uuids",
    `name == '${"x".repeat(4_096)}'`,
    "Filter is malformed: more characters than a filter may have, at character 0.",
  ],
  [
    "/uuids",
    `${"!".repeat(65)}name == 'a'`,
    "Filter is malformed: deeper nesting than a filter may have, at character 64.",
  ],
];

for (const [path, filter, message] of MALFORMED_FILTERS) {
  test(`[OBJ25] ${path} where ${filter.slice(0, 40)} is refused`, async () => {
    expect(await wire.get(`${path}?filter=${encodeURIComponent(filter)}`)).toEqual(
      malformed(message, "filter", "query"),
    );
  });
}

const SORT = "Sort must name fields that exist here, each with :asc, :desc or nothing.";
const PAGE = "Page must be the next or prev of an earlier answer.";
const MALFORMED_QUERIES: readonly (readonly [query: string, message: string, location: string])[] = [
  ["limit=-1", "Limit must be a whole number.", "limit"],
  ["limit=ten", "Limit must be a whole number.", "limit"],
  ["limit=1.5", "Limit must be a whole number.", "limit"],
  ["start=10", PAGE, "start"],
  ["start=MQ==x", PAGE, "start"],
  ["start=LTE", PAGE, "start"],
  ["start=MDE", PAGE, "start"],
  ["end=%00", PAGE, "end"],
  ["end=MTAwMDAwMDE", PAGE, "end"],
  ["count=maybe", "Count must be true or false.", "count"],
  ["sort=nick", SORT, "sort"],
  ["sort=name:up", SORT, "sort"],
  ["sort=name:asc:desc", SORT, "sort"],
  ["sort=custom", SORT, "sort"],
  ["sort=uuid.name", SORT, "sort"],
  [`sort=${Array.from({ length: 11 }, (_, at) => `custom.k${at}`).join(",")}`, SORT, "sort"],
];

for (const [query, message, location] of MALFORMED_QUERIES) {
  test(`[OBJ25] ${query.slice(0, 40)} is refused`, async () => {
    expect(await wire.get(`/uuids?${query}`)).toEqual(malformed(message, location, "query"));
  });
}

const SORTS: readonly (readonly [path: string, sort: string, ids: string])[] = [
  ["/uuids", "", "u-1 u-2 u-3 u-4 u-5"],
  ["/uuids", "id:desc", "u-5 u-4 u-3 u-2 u-1"],
  ["/uuids", "name", "u-4 u-1 u-2 u-3 u-5"],
  ["/uuids", "name:asc", "u-4 u-1 u-2 u-3 u-5"],
  ["/uuids", "name:desc", "u-3 u-2 u-1 u-4 u-5"],
  ["/uuids", "updated:desc", "u-5 u-4 u-3 u-2 u-1"],
  ["/uuids", "status", "u-1 u-3 u-2 u-4 u-5"],
  ["/uuids", "status:desc", "u-2 u-3 u-1 u-5 u-4"],
  ["/uuids", "status,name:desc", "u-3 u-1 u-2 u-4 u-5"],
  ["/uuids", "status,updated:desc", "u-3 u-1 u-2 u-5 u-4"],
  ["/uuids", "custom.age", "u-4 u-2 u-1 u-3 u-5"],
  ["/uuids", "profileUrl,externalId,type,email", "u-3 u-2 u-4 u-1 u-5"],
  ["/uuids", "name,name:desc", "u-4 u-1 u-2 u-3 u-5"],
  ["/channels", "description", "c-1 c-2"],
  ["/channels", "description:desc", "c-1 c-2"],
  ["/uuids/u-1/channels", "channel.name", "c-2 c-1 c-3"],
  ["/uuids/u-1/channels", "channel.name:desc", "c-1 c-2 c-3"],
  ["/uuids/u-1/channels", "channel.id:desc", "c-3 c-2 c-1"],
  ["/uuids/u-1/channels", "status:desc,type", "c-1 c-2 c-3"],
  ["/uuids/u-1/channels", "channel.custom.n,channel.description,channel.updated,updated", "c-2 c-1 c-3"],
  ["/channels/c-1/uuids", "uuid.name:desc", "u-2 u-1"],
  ["/channels/c-1/uuids", "status:desc", "u-2 u-1"],
];

for (const [path, sort, ids] of SORTS) {
  test(`[OBJ26 OBJ29] ${path} sorted by ${sort || "nothing"}`, async () => {
    expect((await wire.list(path, { sort })).ids).toBe(ids);
    const repeated = sort.split(",").map((key) => `sort=${encodeURIComponent(key)}`);
    const { body } = await wire.get(`${path}?${repeated.join("&")}`);
    expect(body).toBe((await wire.get(`${path}?sort=${sort}`)).body);
  });
}

const PAGES: readonly (readonly [query: string, ids: string, rest: string])[] = [
  ["", "u-1 u-2 u-3 u-4 u-5", `,"next":"NQ"`],
  ["limit=2", "u-1 u-2", `,"next":"Mg"`],
  ["limit=2&count=true", "u-1 u-2", `,"totalCount":5,"next":"Mg"`],
  ["limit=2&count=1&start=Mg", "u-3 u-4", `,"totalCount":5,"next":"NA","prev":"Mg"`],
  ["limit=2&count=True&start=NA", "u-5", `,"totalCount":5,"next":"NQ","prev":"NA"`],
  ["limit=2&count=false&start=NQ", "", `,"prev":"NQ"`],
  ["limit=2&count=0&start=NQ==", "", `,"prev":"NQ"`],
  ["limit=2&start=OTk", "", `,"prev":"OTk"`],
  ["limit=2&end=NA", "u-3 u-4", `,"next":"NA","prev":"Mg"`],
  ["limit=2&end=Mg", "u-1 u-2", `,"next":"Mg"`],
  ["limit=2&end=MQ", "u-1", `,"next":"MQ"`],
  ["limit=2&end=MA", "", ""],
  ["limit=2&start=Mg&end=NA", "u-3 u-4", `,"next":"NA","prev":"Mg"`],
  ["limit=2&start=&end=&count=&sort=&filter=&include=", "u-1 u-2", `,"next":"Mg"`],
  ["limit=0", "", ""],
  ["limit=0&count=true", "", `,"totalCount":5`],
  ["limit=1000", "u-1 u-2 u-3 u-4 u-5", `,"next":"NQ"`],
  [
    "limit=1&start=MQ&count=true&filter=status%20%3D%3D%20%22active%22",
    "u-3",
    `,"totalCount":2,"next":"Mg","prev":"MQ"`,
  ],
];

for (const [query, ids, rest] of PAGES) {
  test(`[OBJ20 OBJ21] the page of ${query || "no query"}`, async () => {
    expect(await wire.list("/uuids", Object.fromEntries(new URLSearchParams(query)))).toEqual({ ids, rest });
  });
}

test("[OBJ20] a page has 100 items and no more, forwards and backwards a listing is walked without a gap", async () => {
  await using own = await ObjectsWire.start();
  const all = Array.from({ length: 250 }, (_, at) => `u-${String(at).padStart(3, "0")}`);
  await Promise.all(all.map((id) => own.set(`/uuids/${id}`, { name: id })));
  const cursorIn = (rest: string, name: string): string => new RegExp(`"${name}":"([^"]+)"`).exec(rest)?.[1] ?? "";
  const seen: string[][] = [];
  let [start, last] = ["", ""];
  for (;;) {
    const { ids, rest } = await own.list("/uuids", {
      limit: "101",
      sort: "name:desc",
      ...(start === "" ? {} : { start }),
    });
    if (ids === "") break;
    seen.push(ids.split(" "));
    last = start = cursorIn(rest, "next");
  }
  expect(seen.map(({ length }) => length)).toEqual([100, 100, 50]);
  expect(seen.flat()).toEqual(all.toReversed());
  const back: string[][] = [];
  for (let end = last; end !== "";) {
    const { ids, rest } = await own.list("/uuids", { end, sort: "name:desc" });
    back.unshift(ids.split(" "));
    end = cursorIn(rest, "prev");
  }
  expect(back.map(({ length }) => length)).toEqual([50, 100, 100]);
  expect(back.flat()).toEqual(all.toReversed());
});

test("[OBJ25] no text is anything but a filter or refused", async () => {
  const pieces = fc.constantFrom(
    ..."name == 'a' custom . id ! ( ) && || LIKE null true -1 5e3 updated '2024-01-01' , [ ] \" \\ \u0000 % * ' < channel".split(
      " ",
    ),
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 12 }).map((words) => words.join(" ")),
  );
  const property = fc.asyncProperty(texts, fc.constantFrom("/uuids", "/uuids/u-1/channels"), async (filter, path) => {
    const { status, body } = await wire.get(`${path}?filter=${encodeURIComponent(filter.toWellFormed())}`);
    expect([200, 400]).toContain(status);
    if (status === 400) expect(body).toContain('"location":"filter"');
  });
  await fc.assert(property, { numRuns: count({ quick: 300, full: 20_000 }), seed: seed() });
});

test("[OBJ45] everything is there after a restart on the same directory", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-objects-"));
  const paths = [
    "/uuids?include=custom",
    "/channels/c",
    "/uuids/u/channels?include=channel,status",
    "/channels/c/uuids",
  ];
  const answers: string[][] = [];
  for (const isFirst of [true, false]) {
    await using own = await ObjectsWire.start({}, { memory: false, dataDir });
    if (isFirst) {
      await own.set("/uuids/u", { name: "Ann", custom: { a: 1.5 } });
      await own.set("/channels/c", { name: "Room" });
      await own.ask("PATCH", "/uuids/u/channels", '{"set":[{"channel":{"id":"c"},"status":"s"}]}');
    }
    answers.push(await Promise.all(paths.map(async (path) => (await own.get(path)).body)));
  }
  rmSync(dataDir, { recursive: true });
  expect(answers[1]).toEqual(answers[0] ?? []);
  expect(answers[0]?.[2]).toContain('"name":"Room"');
});

const STORE_REFUSALS = [
  ["unavailable", refused(503, "Storage unavailable: nothing was changed; send it again")],
  ["overloaded", refused(503, "Overloaded: nothing was changed; send it again")],
] as const;

for (const [kind, expected] of STORE_REFUSALS) {
  test(`[OBJ31 OBJ43 OBJ44] a store that is ${kind} is 503, and a list that needs too much is 400 [OBJ28]`, async () => {
    const store: ObjectStore = {
      setMetadata: async () => ({ kind }),
      removeMetadata: async () => ({ kind }),
      changeRelations: async () => ({ kind }),
      metadata: async () => undefined,
      listMetadata: async () => ({ kind: "tooManyRows" }),
      listRelations: async () => ({ kind: "tooManyRows" }),
      stop: async () => {},
    };
    const clock = new ManualClock();
    const objects = new Objects({ store, clock, emit: async () => Promise.reject(new Error("told")) });
    const keysets = directoryOf(DEMO_KEYSET);
    const traced = async <Result>(_name: string, work: () => Promise<Result> | Result): Promise<Result> => work();
    const services = {
      objects,
      keysets,
      traced,
      clock,
      log: SILENT_LOG,
      metrics: new Metrics(),
      admission: new Admission(clock, UNLIMITED_ADDRESSES),
      turns: new Turns(clock),
    } as unknown as Services;
    const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 10, tls: undefined });
    const ask = async (method: string, path: string): Promise<object> => {
      const body = method === "PATCH" ? { body: "{}" } : {};
      const response = await fetch(`${edge.url}/v2/objects/demo${path}`, { method, ...body });
      return { status: response.status, body: await response.text() };
    };
    for (const path of ["/uuids/u", "/channels/c/uuids"]) expect(await ask("PATCH", path)).toEqual(expected);
    expect(await ask("DELETE", "/channels/c")).toEqual(expected);
    const tooMany = refused(
      400,
      "Listing needs to examine too many rows: filter or sort by an indexed field, or narrow the filter.",
    );
    for (const path of ["/uuids", "/uuids/u/channels"]) expect(await ask("GET", path)).toEqual(tooMany);
    await edge.stop();
  });
}
