import { afterAll, beforeAll, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { LIMITS } from "@longwave/protocol";
import { NOW, ObjectsWire, malformed, malformedIn, refused, succeeded } from "./objects-wire.ts";

let wire: ObjectsWire;
beforeAll(async () => {
  wire = await ObjectsWire.start();
});
afterAll(() => wire[Symbol.asyncDispose]());

const FULL_USER = {
  name: "Ann",
  externalId: "x-1",
  profileUrl: "https://example.com/ann.png",
  email: "ann@example.com",
  type: "t",
  status: "s",
  custom: { b: 1, a: "ä", 1: null },
};
const USER_BODY = JSON.stringify(FULL_USER).replace(
  '"custom":{"1":null,"b":1,"a":"ä"}',
  '"custom":{"b":1.50,"a":"ä","1":null}',
);
const USER_TAG = /"eTag":"([0-9a-f]{32})"/;
const STANDARD = `"name":"Ann","externalId":"x-1","profileUrl":"https://example.com/ann.png","email":"ann@example.com"`;

function tagIn(body: string): string {
  return USER_TAG.exec(body)?.[1] ?? "none";
}

const INCLUDES: readonly (readonly [query: string, members: string])[] = [
  ["", ""],
  ["?include=", ""],
  ["?include=1", ""],
  ["?include=totalCount", ""],
  ["?include=uuid,channel.custom", ""],
  ["?include=custom", `"custom":{"b":1.50,"a":"ä","1":null},`],
  ["?include=status", `"status":"s",`],
  ["?include=type", `"type":"t",`],
  ["?include=custom,status,type", `"type":"t","status":"s","custom":{"b":1.50,"a":"ä","1":null},`],
  ["?include=status,type,status", `"type":"t","status":"s",`],
  ["?include=status%2Ctype", `"type":"t","status":"s",`],
  ["?include=status&include=type", `"type":"t","status":"s",`],
  ["?uuid=me&pnsdk=x&l_obj=0.1&requestid=1&include=status&auth=a", `"status":"s",`],
];

for (const [query, members] of INCLUDES) {
  test(`[OBJ1 OBJ4 OBJ11] a user is answered to set, get and list with ${query || "no query"}`, async () => {
    const set = await wire.ask("PATCH", `/uuids/includes${query}`, USER_BODY);
    const record = `{"id":"includes",${STANDARD},${members}"updated":"${NOW}","eTag":"${tagIn(set.body)}"}`;
    expect(set).toEqual(succeeded(record));
    expect(await wire.get(`/uuids/includes${query}`)).toEqual(succeeded(record));
    const filter = `filter=${encodeURIComponent("id == 'includes'")}`;
    const list = await wire.get(`/uuids${query}${query === "" ? "?" : "&"}${filter}`);
    expect(list).toEqual({ status: 200, body: `{"status":200,"data":[${record}],"next":"MQ"}` });
  });
}

test("[OBJ1 OBJ4 OBJ10] a channel is answered so, null where nothing is set", async () => {
  const path = "/channels/c-1";
  const body = '{"name":"Room","description":"a room","type":"t","email":"ignored","custom":{"x":true}}';
  const set = await wire.ask("PATCH", `${path}?include=custom,status,type`, body);
  const tag = tagIn(set.body);
  const rest = `"updated":"${NOW}","eTag":"${tag}"}`;
  const full = `{"id":"c-1","name":"Room","description":"a room","type":"t","status":null,"custom":{"x":true},${rest}`;
  expect(set).toEqual(succeeded(full));
  expect(await wire.get(path)).toEqual(succeeded(`{"id":"c-1","name":"Room","description":"a room",${rest}`));
  const empty = await wire.ask("PATCH", "/channels/empty?include=custom,status,type", "{}");
  expect(empty).toEqual(
    succeeded(
      `{"id":"empty","name":null,"description":null,"type":null,"status":null,"custom":null,"updated":"${NOW}","eTag":"${tagIn(empty.body)}"}`,
    ),
  );
  expect((await wire.list("/channels")).ids).toBe("c-1 empty");
});

test("[OBJ10 OBJ11] what is absent stays, null clears, custom data is replaced as a whole", async () => {
  const steps: readonly (readonly [body: string, members: string])[] = [
    [
      '{"name":"Ann","email":"a@b.c"}',
      `"name":"Ann","externalId":null,"profileUrl":null,"email":"a@b.c","custom":null`,
    ],
    [
      '{"custom":{"a":1,"b":2}}',
      `"name":"Ann","externalId":null,"profileUrl":null,"email":"a@b.c","custom":{"a":1,"b":2}`,
    ],
    [
      '{"name":null,"custom":{"c":3}}',
      `"name":null,"externalId":null,"profileUrl":null,"email":"a@b.c","custom":{"c":3}`,
    ],
    [
      '{"custom":{"a":1,"b":2,"a":9007199254740991,"__proto__":"p"}}',
      `"name":null,"externalId":null,"profileUrl":null,"email":"a@b.c","custom":{"a":9007199254740991,"b":2,"__proto__":"p"}`,
    ],
    ['{"custom":{},"unknown":[{}]}', `"name":null,"externalId":null,"profileUrl":null,"email":"a@b.c","custom":{}`],
    ['{"custom":null,"email":null}', `"name":null,"externalId":null,"profileUrl":null,"email":null,"custom":null`],
  ];
  for (const [body, members] of steps) {
    const { body: answer } = await wire.ask("PATCH", "/uuids/partial?include=custom", body);
    expect(answer.replace(/,"updated".*/, "")).toBe(`{"status":200,"data":{"id":"partial",${members}`);
  }
});

test("[OBJ12 OBJ13 OBJ15] equal content keeps instant and eTag, another has others, the same again the same eTag", async () => {
  await using own = await ObjectsWire.start();
  const set = async (body: string): Promise<string> => (await own.ask("PATCH", "/uuids/u", body)).body;
  const first = await set('{"name":"Ann","custom":{"a":1,"b":"x"}}');
  own.network.clock.advance(1_000);
  for (const body of ['{"name":"Ann"}', "{}", '{"custom":{"b":"x","a":1}}', '{"email":null}']) {
    expect(await set(body)).toBe(first);
  }
  const second = await set('{"name":"Bob"}');
  expect(second).toContain('"updated":"2024-11-26T07:12:04.456Z"');
  expect(tagIn(second)).not.toBe(tagIn(first));
  expect(tagIn(await set('{"name":"Ann"}'))).toBe(tagIn(first));
  expect(await set('{"name":"Bob"}')).toContain('"updated":"2024-11-26T07:12:04.456002Z"');
  expect(await own.events("u")).toHaveLength(4);
});

test("[OBJ14] If-Match changes what has that eTag and nothing else", async () => {
  const modified = (who: string): object => refused(412, `${who} to update has been modified after it was read.`);
  for (const [path, who] of [
    ["/uuids/matched", "User"],
    ["/channels/matched", "Channel"],
  ] as const) {
    const write = (name: string, tag: string): ReturnType<ObjectsWire["ask"]> =>
      wire.ask("PATCH", path, JSON.stringify({ name }), { "If-Match": tag });
    expect(await write("none", "0".repeat(32))).toEqual(modified(who) as never);
    expect((await wire.get(path)).status).toBe(404);
    const tag = tagIn(await wire.set(path, { name: "first" }));
    for (const wrong of [`"${tag}"`, tag.toUpperCase(), `${tag}0`, "*"]) {
      expect(await write("wrong", wrong)).toEqual(modified(who) as never);
    }
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, at) => write(`at once ${at}`, tag)));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 412)).toHaveLength(7);
    expect((await write("unguarded", "")).status).toBe(200);
  }
});

test("[OBJ5] what is not there", async () => {
  for (const kind of ["uuids", "channels"]) {
    const unknown = refused(404, "Requested object was not found.");
    expect(await wire.get(`/${kind}/nobody?include=custom`)).toEqual(unknown);
    expect(await wire.ask("DELETE", `/${kind}/nobody`)).toEqual(succeeded("null"));
    await wire.set(`/${kind}/somebody`, {});
    expect(await wire.ask("DELETE", `/${kind}/somebody`)).toEqual(succeeded("null"));
    expect(await wire.get(`/${kind}/somebody`)).toEqual(unknown);
    expect(await wire.get(`/${kind}/nobody/${kind === "uuids" ? "channels" : "uuids"}`)).toEqual({
      status: 200,
      body: '{"status":200,"data":[]}',
    });
  }
});

test("[OBJ8] a client that has what it asks for is told so", async () => {
  const tag = tagIn(await wire.set("/uuids/cached", { name: "x" }));
  const ask = (value: string): ReturnType<ObjectsWire["ask"]> =>
    wire.ask("GET", "/uuids/cached", undefined, { "If-None-Match": value });
  expect(await ask(tag)).toEqual({ status: 304, body: "" });
  expect((await ask("other")).status).toBe(200);
});

test("[OBJ6] answers and refusals are labelled as JSON, long ones compressed; other origins may change objects", async () => {
  const url = wire.network.url("/v2/objects/demo/uuids/labelled");
  await wire.set("/uuids/labelled", { name: "x".repeat(2_000) });
  const plain = await fetch(url, { headers: { "Accept-Encoding": "identity" } });
  expect(plain.headers.get("content-type")).toBe("application/json");
  expect(plain.headers.get("access-control-allow-origin")).toBe("*");
  expect(plain.headers.get("cache-control")).toBe("no-cache");
  const packed = await fetch(url, { headers: { "Accept-Encoding": "gzip" }, decompress: false });
  expect([packed.headers.get("content-type"), packed.headers.get("content-encoding")]).toEqual([
    "application/json",
    "gzip",
  ]);
  expect(gunzipSync(await packed.bytes()).toString()).toBe(await plain.text());
  const missing = await fetch(wire.network.url("/v2/objects/demo/uuids/missing"));
  expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "application/json"]);
  const preflight = await fetch(url, {
    method: "OPTIONS",
    headers: { "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "content-type,if-match" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type,if-match");
  const put = await fetch(url, { method: "PUT" });
  expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, PATCH, DELETE, OPTIONS"]);
});

test("[OBJ31 OBJ34] bodies: whatever the label; not JSON is 415, no object is 400, too large is 413", async () => {
  const path = "/uuids/bodies";
  const notJson = refused(415, "Request payload must be in JSON format.");
  for (const body of [
    "",
    "{",
    "name=Ann",
    '{"name":"Ann"} x',
    `${"[".repeat(200)}${"]".repeat(200)}`,
    '{"name":"\u0001"}',
  ]) {
    expect([body, await wire.ask("PATCH", path, body)]).toEqual([body, notJson]);
  }
  expect(await wire.ask("PATCH", path)).toEqual(notJson);
  for (const body of ["[]", "null", '"Ann"', "1"]) {
    expect(await wire.ask("PATCH", path, body)).toEqual(malformed("Payload must be an object.", "user", "body"));
  }
  const url = wire.network.url(`/v2/objects/demo${path}`);
  const huge = await fetch(url, { method: "PATCH", body: " ".repeat(LIMITS.bodyBytesMax + 1) });
  expect([huge.status, await huge.text()]).toEqual([413, refused(413, "Request Entity Too Large").body]);
  const broken = await fetch(url, { method: "PATCH", body: new Uint8Array([0xff, 0xfe]) });
  expect(broken.status).toBe(415);
  const packed = await fetch(url, {
    method: "PATCH",
    body: gzipSync(' { "name" : "packed" } '),
    headers: { "Content-Type": "text/plain" },
  });
  expect(await packed.text()).toContain('"name":"packed"');
});

const user = (name: string, sentence: string): object => ({
  message: `User ${name} must ${sentence}`,
  location: `user.${name}`,
  locationType: "body",
});
const NAME = user("name", "be a string of 1 to 2048 characters, not only white space.");
const EMAIL = user("email", "be a valid email address.");
const URI = user("profileUrl", "be a valid URI of at most 2048 characters.");
const EXTERNAL_ID = user("externalId", "be a string of at most 2048 characters.");
const TYPE = user("type", "be a string of at most 50 characters.");
const STATUS = user("status", "be a string of at most 50 characters.");
const CUSTOM = user(
  "custom",
  "be an object of strings, numbers, booleans and nulls, integers within 9007199254740991.",
);

const MALFORMED: readonly (readonly [why: string, body: string, wrong: readonly object[]])[] = [
  ["a name that is a number", '{"name":1}', [NAME]],
  ["an empty name", '{"name":""}', [NAME]],
  ["a name of white space", '{"name":" \\t\\u3000"}', [NAME]],
  ["a name too long", `{"name":"${"x".repeat(2_049)}"}`, [NAME]],
  ["half a character", '{"name":"\\ud83e"}', [NAME]],
  ["an external id too long", `{"externalId":"${"x".repeat(2_049)}"}`, [EXTERNAL_ID]],
  ["an external id that is a list", '{"externalId":[]}', [EXTERNAL_ID]],
  ["a URI without a scheme", '{"profileUrl":"example.com/a"}', [URI]],
  ["a URI with a space", '{"profileUrl":"https://example.com/a b"}', [URI]],
  ["a URI with broken encoding", '{"profileUrl":"https://example.com/%zz"}', [URI]],
  ["a URI with a letter beyond ASCII", '{"profileUrl":"https://example.com/ä"}', [URI]],
  ["an empty URI", '{"profileUrl":""}', [URI]],
  ["an email address without a domain", '{"email":"ann"}', [EMAIL]],
  ["an email address with a display name", '{"email":"Ann <ann@example.com>"}', [EMAIL]],
  ["an email address with two dots", '{"email":"a..b@example.com"}', [EMAIL]],
  ["an email address too long", `{"email":"${"x".repeat(310)}@example.com"}`, [EMAIL]],
  ["an email address with a line", '{"email":"a@b.c\\nd"}', [EMAIL]],
  ["labels too long", `{"type":"${"x".repeat(51)}","status":"${"ä".repeat(51)}"}`, [TYPE, STATUS]],
  ["a label that is true", '{"status":true}', [STATUS]],
  ["custom data in a list", '{"custom":["a"]}', [CUSTOM]],
  ["custom data as a text", '{"custom":"{}"}', [CUSTOM]],
  ["custom data that is not flat", '{"custom":{"a":{}}}', [CUSTOM]],
  ["a list in custom data", '{"custom":{"a":[1]}}', [CUSTOM]],
  ["a large integer in custom data", '{"custom":{"a":9007199254740992}}', [CUSTOM]],
  ["a number beyond all in custom data", '{"custom":{"a":1e999}}', [CUSTOM]],
  ["half a character in custom data", '{"custom":{"a":"\\ud83e"}}', [CUSTOM]],
  ["half a character in a name of custom data", '{"custom":{"\\ud83e":1}}', [CUSTOM]],
  [
    "everything",
    '{"custom":1,"status":2,"type":3,"email":4,"profileUrl":5,"externalId":6,"name":7}',
    [NAME, EXTERNAL_ID, URI, EMAIL, TYPE, STATUS, CUSTOM],
  ],
];

for (const [why, body, wrong] of MALFORMED) {
  test(`[OBJ32] ${why} is refused by name`, async () => {
    expect(await wire.ask("PATCH", "/uuids/malformed", body)).toEqual(malformedIn(wrong));
    expect((await wire.get("/uuids/malformed")).status).toBe(404);
  });
}

test("[OBJ32] a channel's parts are named as a channel's", async () => {
  const channel = (name: string, sentence: string): object => ({
    message: `Channel ${name} must ${sentence}`,
    location: `channel.${name}`,
    locationType: "body",
  });
  expect(await wire.ask("PATCH", "/channels/malformed", '{"name":"","description":{},"email":5}')).toEqual(
    malformedIn([
      channel("name", "be a string of 1 to 2048 characters, not only white space."),
      channel("description", "be a string of at most 2048 characters."),
    ]),
  );
});

const ACCEPTED: readonly object[] = [
  { name: "x".repeat(2_048) },
  { name: "🦊".repeat(2_048) },
  { externalId: "" },
  { profileUrl: "mailto:ann@example.com" },
  { profileUrl: "http://[::1]:80/a%20b?c=d#e" },
  { email: "a@b" },
  { email: '"a b"@example.com' },
  { email: "ä.ö+tag@exämple.com" },
  { email: `${"x".repeat(308)}@example.com` },
  { email: "a@[127.0.0.1]" },
  { type: "🦊".repeat(50), status: "" },
  { custom: { a: -9_007_199_254_740_991, b: 1e-7, c: 0.1, d: "", "": true } },
];

for (const body of ACCEPTED) {
  test(`[OBJ32] ${JSON.stringify(body).slice(0, 60)} is accepted and answered as it came`, async () => {
    const [name = ""] = Object.keys(body);
    const data = await wire.set("/uuids/accepted?include=custom,type,status", body);
    expect(data).toContain(JSON.stringify(body).slice(1, -1).split(',"status"')[0] ?? name);
  });
}

test("[OBJ33] a record has 32 KiB and no more, also by several changes", async () => {
  const large = JSON.stringify({ custom: { a: "x".repeat(32_000) } });
  expect((await wire.ask("PATCH", "/uuids/large", large)).status).toBe(200);
  const more = JSON.stringify({ name: "y".repeat(800) });
  const tooLarge = malformed("User must not be larger than 32768 bytes.", "user", "body");
  expect(await wire.ask("PATCH", "/uuids/large", more)).toEqual(tooLarge);
  expect((await wire.ask("PATCH", "/uuids/large", '{"name":"y"}')).status).toBe(200);
});

const IDS: readonly (readonly [why: string, segment: string])[] = [
  ["nothing", ""],
  ["a comma", "a%2Cb"],
  ["a slash", "a%2Fb"],
  ["a backslash", "a%5Cb"],
  ["a star", "a*"],
  ["a colon", "a:b"],
  ["a control character", "a%07"],
  ["93 bytes", "x".repeat(93)],
  ["93 bytes in 47 characters", encodeURIComponent(`${"ä".repeat(46)}x`)],
  ["a presence name", "room-pnpres"],
];

for (const [why, segment] of IDS) {
  test(`[OBJ3] ${why} is no id`, async () => {
    const sentence = (who: string): string =>
      `${who} id must be 1 to 92 bytes without any of , / \\ * : and control characters.`;
    expect(await wire.get(`/uuids/${segment}`)).toEqual(malformed(sentence("User"), "uuid", "path"));
    expect(await wire.ask("PATCH", `/channels/${segment}`, "{}")).toEqual(
      malformed(sentence("Channel"), "channel", "path"),
    );
    expect(await wire.get(`/channels/${segment}/uuids`)).toEqual(malformed(sentence("Channel"), "channel", "path"));
    expect(await wire.ask("DELETE", `/uuids/${segment}`)).toEqual(malformed(sentence("User"), "uuid", "path"));
  });
}

test("[OBJ3] other characters make ids, and stay what they are", async () => {
  for (const id of [
    "x".repeat(92),
    "ä".repeat(46),
    "a b",
    "Grüße&100%",
    "it's(1)!~+",
    'quo"te',
    "🦊",
    "a.b",
    "__proto__",
  ]) {
    const data = await wire.set(`/uuids/${encodeURIComponent(id)}`, { name: "n" });
    expect((JSON.parse(data) as { readonly id: string }).id).toBe(id);
  }
});

test("[OBJ34] the key comes before everything, the id before the query, the query before the body", async () => {
  const unknownKey = '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}';
  const bad = { method: "PATCH", body: "{" };
  expect(await wire.network.ask("/v2/objects/nobody/uuids/a:b/channels?limit=x", bad)).toEqual({
    status: 400,
    body: unknownKey,
  });
  expect((await wire.ask("PATCH", "/uuids/a:b/channels?limit=x", "{")).body).toContain('"location":"uuid"');
  expect((await wire.ask("PATCH", "/uuids/a/channels?limit=x", "{")).body).toContain('"location":"limit"');
  expect((await wire.ask("PATCH", "/uuids/a/channels", "{")).status).toBe(415);
});

test("[OBJ7] a keyset may have no App Context, or may refuse to list everybody", async () => {
  await using none = await ObjectsWire.start({ hasObjects: false });
  const disabled = refused(403, "App Context is not enabled for this subscribe key.");
  for (const path of ["/uuids", "/channels/c", "/uuids/u/channels"]) expect(await none.get(path)).toEqual(disabled);
  const forbidden = refused(
    403,
    "Supplied authorization key does not have the permissions required to perform this operation.",
  );
  await using closed = await ObjectsWire.start({ refusesAllUsers: true });
  expect(await closed.get("/uuids")).toEqual(forbidden);
  expect((await closed.get("/channels")).status).toBe(200);
  await using others = await ObjectsWire.start({ refusesAllChannels: true });
  expect(await others.get("/channels")).toEqual(forbidden);
  expect((await others.get("/uuids")).status).toBe(200);
});
