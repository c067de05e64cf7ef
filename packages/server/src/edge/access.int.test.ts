import { afterAll, beforeAll, expect, test } from "bun:test";
import { parseToken } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { createLog } from "../observe/log.ts";
import { type HandSigned, type Signer, sendSigned, signedTarget } from "./signed-by-hand.ts";

const clock = new ManualClock();
const lines: string[] = [];
const log = createLog({ clock, format: "json", level: "debug", colour: false, write: (line) => lines.push(line) });
const ADMIN_TOKEN = "a-token-of-the-admin";
let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0, adminToken: ADMIN_TOKEN }, { log, clock });
});
afterAll(async () => {
  await network.stop();
});

interface Keys {
  readonly publishKey: string;
  readonly subscribeKey: string;
  readonly secretKey: string;
}

/** A keyset of its own, so that no test disturbs another. */
async function keyset(name: string, settings: object = { accessManager: true }): Promise<Keys & Signer> {
  const body = { name, publishKey: `pub-${name}`, subscribeKey: `sub-${name}`, secretKey: `sec-${name}`, settings };
  const response = await admin("POST", "/admin/v1/keysets", body);
  expect(response.status).toBe(201);
  return { ...body, url: network.url, nowMs: () => clock.wallMs() };
}

function admin(method: string, path: string, body?: object, token = ADMIN_TOKEN): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, Origin: "https://elsewhere.example" };
  return fetch(network.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

async function grantToken(keys: Keys & Signer, permissions: object, ttl = 60): Promise<string> {
  const response = await postGrant(keys, JSON.stringify({ ttl, permissions }));
  const text = await response.text();
  const { data } = JSON.parse(text) as { data: { token: string } };
  expect(text).toBe(`{"data":{"message":"Success","token":"${data.token}"},"service":"Access Manager","status":200}`);
  return data.token;
}

const postGrant = (keys: Keys & Signer, body: string): Promise<Response> =>
  sendSigned(keys, { method: "POST", path: `/v3/pam/${keys.subscribeKey}/grant`, body });

const revoke = (keys: Keys & Signer, token: string): Promise<Response> =>
  sendSigned(keys, { method: "DELETE", path: `/v3/pam/${keys.subscribeKey}/grant/${encodeURIComponent(token)}` });

const publish = (keys: Keys, channel: string, auth = "", query = ""): Promise<Response> =>
  fetch(
    `${network.url}/publish/${keys.publishKey}/${keys.subscribeKey}/0/${channel}/0/1?uuid=u-1${query}${auth && `&auth=${encodeURIComponent(auth)}`}`,
  );

const subscribe = (keys: Keys, channels: string, auth = "", query = ""): Promise<Response> =>
  fetch(
    `${network.url}/v2/subscribe/${keys.subscribeKey}/${channels}/0?uuid=u-1${query}${auth && `&auth=${encodeURIComponent(auth)}`}`,
  );

async function expectRefused(response: Response, status: number, body: string): Promise<void> {
  expect([response.status, await response.text()]).toEqual([status, body]);
  expect(response.headers.get("content-type")).toStartWith("text/javascript");
}

const forbidden = (payload: object): string =>
  `{"message":"Forbidden","payload":${JSON.stringify(payload)},"error":true,"service":"Access Manager","status":403}\n`;

test("[ACC42] an open keyset needs nothing, and ignores auth and signature", async () => {
  const keys = await keyset("open", {});
  for (const query of ["", "&auth=p0F2AkF0", "&signature=v2.abc&timestamp=1"]) {
    expect((await publish(keys, "room", "", query)).status).toBe(200);
    expect((await subscribe(keys, "room", "", query)).status).toBe(200);
  }
});

test("[ACC45] without credentials every name that was asked for is refused, by kind", async () => {
  const keys = await keyset("bare");
  await expectRefused(await publish(keys, "room"), 403, forbidden({ channels: ["room"] }));
  await expectRefused(
    await subscribe(keys, "a,b-pnpres,c%2Cd", "", "&channel-group=g,%3Ah"),
    403,
    forbidden({ channels: ["a", "b-pnpres", "c", "d"], "channel-groups": [":g", ":h"] }),
  );
  await expectRefused(await subscribe(keys, ",", "", "&channel-group=g"), 403, forbidden({ "channel-groups": [":g"] }));
  const evil = encodeURIComponent('"}}\u0007__proto__');
  const response = await publish(keys, evil);
  expect(((await response.json()) as { payload: object }).payload).toEqual({ channels: ['"}}\u0007__proto__'] });
});

test("[ACC41 ACC48] a request that names nothing, or nothing that can be read, is refused by its handler", async () => {
  const keys = await keyset("nothing");
  expect(await (await subscribe(keys, ",")).text()).toContain("No Channel Specified");
  expect(await (await subscribe(keys, "%zz")).text()).toContain("Could Not Parse Request");
  const unknown = await fetch(`${network.url}/v2/subscribe/unknown/room/0`);
  expect(await unknown.text()).toContain("Invalid Subscribe Key");
});

test("[ACC60 ACC44 ACC47] a token lets its holder do what it says, and nothing else", async () => {
  const keys = await keyset("tokens");
  const permissions = {
    resources: { channels: { room: 1, hall: 3 }, groups: { g: 1 } },
    patterns: { channels: { "^log-[0-9]+$": 2, news: 1 } },
    meta: { role: "guest", deep: [{ a: 1.5 }] },
  };
  const token = await grantToken(keys, permissions);
  const parsed = parseToken(token);
  expect(parsed).toMatchObject({ version: 2, ttlMinutes: 60, meta: permissions.meta, authorizedUuid: undefined });
  expect(parsed.issuedSeconds).toBe(Math.floor(clock.wallMs() / 1_000));
  for (const channel of ["hall", "log-17"]) expect((await publish(keys, channel, token)).status).toBe(200);
  expect((await subscribe(keys, "room,hall,my-news", token, "&channel-group=g")).status).not.toBe(403);
  await expectRefused(await publish(keys, "room", token), 403, forbidden({ channels: ["room"] }));
  await expectRefused(await subscribe(keys, "log-17,room", token), 403, forbidden({ channels: ["log-17"] }));
  await expectRefused(await subscribe(keys, "room-pnpres", token), 403, forbidden({ channels: ["room-pnpres"] }));
  expect((await publish(keys, "hall", token.replaceAll("=", ""))).status).toBe(200);
});

test("[ACC45] a token that is bound to a uuid serves no other", async () => {
  const keys = await keyset("bound");
  const token = await grantToken(keys, { resources: { channels: { room: 3 } }, uuid: "u-2" });
  expect(parseToken(token).authorizedUuid).toBe("u-2");
  await expectRefused(await publish(keys, "room", token), 403, forbidden({ uuids: ["u-1"] }));
  const own = `${network.url}/publish/${keys.publishKey}/${keys.subscribeKey}/0/room/0/1?uuid=u-2&auth=${encodeURIComponent(token)}`;
  expect((await fetch(own)).status).toBe(200);
});

test("[ACC20 ACC44] a token of another keyset, a forged one and an unreadable one are malformed", async () => {
  const [keys, others] = [await keyset("mine"), await keyset("theirs")];
  const foreign = await grantToken(others, { resources: { channels: { room: 255 } } });
  const body = '{"error":true,"status":403,"service":"Access Manager","message":"Invalid token"}';
  const own = await grantToken(keys, { resources: { channels: { hall: 255 } } });
  const forged = Buffer.from(own, "base64url");
  forged.write("room", forged.indexOf("hall"));
  for (const token of [foreign, forged.toString("base64url"), "p0F2AkF0GmB4", `${own}AAAA`]) {
    await expectRefused(await publish(keys, "room", token), 403, body);
  }
});

test("[ACC23 ACC63] a revoked token is refused at once, and an expired one in time", async () => {
  const keys = await keyset("ending");
  const [token, other] = [
    await grantToken(keys, { resources: { channels: { room: 3 } } }, 1),
    await grantToken(keys, { resources: { channels: { room: 3 } } }, 1),
  ];
  expect((await publish(keys, "room", token)).status).toBe(200);
  const revoked = await revoke(keys, token);
  expect([revoked.status, await revoked.text()]).toEqual([
    200,
    '{"data":{"message":"Success"},"service":"Access Manager","status":200}',
  ]);
  const refused = await publish(keys, "room", token);
  expect(refused.headers.get("x-pn-cause")).toBe("4001");
  await expectRefused(
    refused,
    403,
    '{"error":true,"status":403,"service":"Access Manager","message":"Token is revoked"}',
  );
  expect((await publish(keys, "room", other)).status).toBe(200);
  expect((await revoke(keys, token)).status).toBe(200); // twice is no harm
  clock.advance(60_000);
  const expired = '{"error":true,"status":403,"service":"Access Manager","message":"Token is expired"}';
  await expectRefused(await publish(keys, "room", other), 403, expired);
  await expectRefused(
    await revoke(keys, other),
    400,
    '{"error":{"details":[{"location":"token","locationType":"path","message":"Token is expired."}],' +
      '"message":"Invalid token","source":"revoke"},"service":"Access Manager","status":400}',
  );
  expect(await (await revoke(keys, "nonsense")).text()).toContain('"message":"Token is malformed."');
});

test("[ACC63] where the keyset says so, tokens cannot be revoked", async () => {
  const keys = await keyset("lasting", { accessManager: true, revokesTokens: false });
  const token = await grantToken(keys, { resources: { channels: { room: 3 } } });
  expect((await revoke(keys, token)).status).toBe(403);
  expect((await publish(keys, "room", token)).status).toBe(200);
});

const NAMED = { resources: { channels: { room: 1 } } };
const GRANTS: Readonly<Record<string, readonly [body: unknown, message: string]>> = {
  "a ttl of 0": [{ ttl: 0, permissions: NAMED }, "Invalid ttl"],
  "a ttl of 43,201": [{ ttl: 43_201, permissions: NAMED }, "Invalid ttl"],
  "no ttl": [{ permissions: NAMED }, "Invalid ttl"],
  "a ttl with a fraction": [{ ttl: 1.5, permissions: NAMED }, "Invalid ttl"],
  "no permissions": [{ ttl: 1 }, "This grant contains no permissions"],
  "empty permissions": [
    { ttl: 1, permissions: { resources: { channels: {} }, patterns: {} } },
    "This grant contains no permissions",
  ],
  "a mask of 256": [{ ttl: 1, permissions: { resources: { channels: { a: 256 } } } }, "Invalid permissions"],
  "a mask in text": [{ ttl: 1, permissions: { resources: { channels: { a: "1" } } } }, "Invalid permissions"],
  "an empty name": [{ ttl: 1, permissions: { resources: { channels: { "": 1 } } } }, "Invalid permissions"],
  "names in a list": [{ ttl: 1, permissions: { resources: { channels: ["a"] } } }, "Invalid permissions"],
  "meta in a list": [{ ttl: 1, permissions: { ...NAMED, meta: [] } }, "Invalid permissions"],
  "a uuid that is a number": [{ ttl: 1, permissions: { ...NAMED, uuid: 7 } }, "Invalid permissions"],
  "a pattern that is none": [{ ttl: 1, permissions: { patterns: { channels: { "[": 1 } } } }, "Invalid pattern"],
  "a pattern with a back reference": [
    { ttl: 1, permissions: { patterns: { channels: { "(a)\\1": 1 } } } },
    "Invalid pattern",
  ],
  "too many names": [
    {
      ttl: 1,
      permissions: {
        resources: { channels: Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`name${at}`, 1])) },
      },
    },
    "Grant too large",
  ],
  "too many patterns": [
    {
      ttl: 1,
      permissions: { patterns: { channels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`p${at}`, 1])) } },
    },
    "Grant too large",
  ],
  "a list": [[1], "Invalid JSON"],
};
for (const [what, [body, message]] of Object.entries(GRANTS)) {
  test(`[ACC25 ACC60 ACC62] a grant with ${what} is refused`, async () => {
    const keys = { ...WELL_KNOWN, url: network.url };
    const response = await postGrant(keys, JSON.stringify(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message, source: "grant" },
      service: "Access Manager",
      status: 400,
    });
  });
}
const WELL_KNOWN = {
  publishKey: "guarded-pub",
  subscribeKey: "guarded-sub",
  secretKey: "guarded-secret",
  nowMs: () => clock.wallMs(),
};

test("[ACC60 ACC61 ACC62] a grant of no JSON, or nested too deeply, is refused; one of a numeric text and old kinds is taken", async () => {
  const keys = { ...WELL_KNOWN, url: network.url };
  const whole =
    '{"error":{"message":"Invalid JSON","source":"grant","details":[{"message":"Content-Type must be `application/json`.",' +
    '"location":"<root>","locationType":"body"}]},"service":"Access Manager","status":400}';
  for (const body of ["", "{", "1", "[".repeat(200)]) await expectRefused(await postGrant(keys, body), 400, whole);
  const deep = `${'{"a":'.repeat(60)}1${"}".repeat(60)}`;
  const tooDeep = await postGrant(keys, `{"ttl":1,"permissions":{"resources":{"channels":{"a":1}},"meta":${deep}}}`);
  expect(await tooDeep.text()).toContain("Grant too large");
  const old = '{"ttl":"15","permissions":{"resources":{"users":{"u":1},"spaces":{"s":2},"channels":{"__proto__":3}}}}';
  const { data } = (await (await postGrant(keys, old)).json()) as { data: { token: string } };
  const { resources, ttlMinutes } = parseToken(data.token);
  expect([ttlMinutes, ...[resources.users, resources.spaces, resources.channels].map((masks) => [...masks])]).toEqual([
    15,
    [["u", 1]],
    [["s", 2]],
    [["__proto__", 3]],
  ]);
});

test("[ACC43 ACC18] a signed request may do everything on its own keyset, in every method", async () => {
  const [keys, others] = [await keyset("signed"), await keyset("unsigned")];
  const path = `/publish/${keys.publishKey}/${keys.subscribeKey}/0/room/0`;
  expect((await sendSigned(keys, { path: `${path}/1`, query: { uuid: "u-9", meta: '{"a":"*"}' } })).status).toBe(200);
  expect((await sendSigned(keys, { method: "POST", path, body: '{"text":"ä"}' })).status).toBe(200);
  expect((await sendSigned(keys, { path: `/v2/subscribe/${keys.subscribeKey}/a,b/0` })).status).toBe(200);
  const wrong = '{"message":"Signature Does Not Match","error":true,"service":"Access Manager","status":403}';
  const foreign: HandSigned = { path: `/publish/${others.publishKey}/${others.subscribeKey}/0/room/0/1` };
  await expectRefused(await sendSigned(keys, foreign), 403, wrong);
  const [first, second] = [signedTarget(keys, { method: "POST", path, body: "1" }), "2"];
  await expectRefused(await fetch(network.url + first, { method: "POST", body: second }), 403, wrong);
  const late = { ...keys, nowMs: () => clock.wallMs() - 61_000 };
  const stale = '{"message":"Invalid Timestamp","error":true,"service":"Access Manager","status":400}';
  await expectRefused(await sendSigned(late, { path: `${path}/1` }), 400, stale);
});

test("[ACC64] granting, revoking and auditing need the secret key, also on an open keyset", async () => {
  const keys = await keyset("guardless", {});
  const unsigned = [
    ["POST", `/v3/pam/${keys.subscribeKey}/grant`],
    ["DELETE", `/v3/pam/${keys.subscribeKey}/grant/p0F2AkF0`],
    ["GET", `/v2/auth/grant/sub-key/${keys.subscribeKey}?r=1`],
    ["GET", `/v2/auth/audit/sub-key/${keys.subscribeKey}`],
  ] as const;
  for (const [method, path] of unsigned) {
    expect((await fetch(network.url + path, { method, ...(method === "POST" && { body: "{}" }) })).status).toBe(403);
  }
  const granted = await postGrant(keys, JSON.stringify({ ttl: 1, permissions: NAMED }));
  expect(granted.headers.get("cache-control")).toBe("no-cache, no-store, must-revalidate");
  expect(granted.status).toBe(200);
  const unknown = await sendSigned(keys, { path: "/v2/auth/grant/sub-key/unknown" });
  await expectRefused(
    unknown,
    400,
    '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}',
  );
});

const FLAGS = { r: 1, w: 1, m: 0, d: 0, g: 0, u: 0, j: 0 };
const RW = { r: "1", w: "1" };
const GRANTED: Readonly<Record<string, readonly [query: Readonly<Record<string, string>>, payload: object]>> = {
  "the keyset": [RW, { level: "subkey", ttl: 1_440, ...FLAGS }],
  channels: [
    { ...RW, channel: "c-1,c-2", ttl: "5" },
    { level: "channel", ttl: 5, channels: { "c-1": FLAGS, "c-2": FLAGS } },
  ],
  "one channel and auth keys": [
    { ...RW, channel: "c-1", auth: "k-1,k-2" },
    { level: "user", ttl: 1_440, channel: "c-1", auths: { "k-1": FLAGS, "k-2": FLAGS } },
  ],
  "several channels and an auth key": [
    { ...RW, channel: "c-1,c-2", auth: "k-1" },
    { level: "user", ttl: 1_440, channels: { "c-1": { auths: { "k-1": FLAGS } }, "c-2": { auths: { "k-1": FLAGS } } } },
  ],
  groups: [
    { ...RW, "channel-group": "g-1", ttl: "0" },
    { level: "channel-group", ttl: 0, "channel-groups": { "g-1": FLAGS } },
  ],
  "one group and an auth key": [
    { ...RW, "channel-group": "g-1", auth: "k-1" },
    { level: "channel-group+auth", ttl: 1_440, "channel-groups": "g-1", auths: { "k-1": FLAGS } },
  ],
  "several groups and an auth key": [
    { ...RW, "channel-group": "g-1,g-2", auth: "k-1" },
    {
      level: "channel-group+auth",
      ttl: 1_440,
      "channel-groups": { "g-1": { auths: { "k-1": FLAGS } }, "g-2": { auths: { "k-1": FLAGS } } },
    },
  ],
  "uuids and an auth key": [
    { g: "1", u: "1", j: "1", "target-uuid": "u-1", auth: "k-1" },
    { level: "uuid", ttl: 1_440, uuids: { "u-1": { auths: { "k-1": { r: 0, w: 0, m: 0, d: 0, g: 1, u: 1, j: 1 } } } } },
  ],
  "nothing: a grant taken back": [
    { channel: "c-1", r: "0" },
    { level: "channel", ttl: 1, channels: { "c-1": { ...FLAGS, r: 0, w: 0 } } },
  ],
};
for (const [what, [query, payload]] of Object.entries(GRANTED)) {
  test(`[ACC65 ACC66] an older grant to ${what} is told in the form of its level`, async () => {
    const keys = { ...WELL_KNOWN, url: network.url };
    const response = await sendSigned(keys, { path: "/v2/auth/grant/sub-key/guarded-sub", query });
    const { level, ttl, ...rest } = payload as { level: string; ttl: number };
    const whole = { level, subscribe_key: "guarded-sub", ttl, ...rest };
    expect(await response.text()).toBe(
      `{"message":"Success","payload":${JSON.stringify(whole)},"service":"Access Manager","status":200}`,
    );
  });
}

const NOT_GRANTED: Readonly<Record<string, readonly [query: Readonly<Record<string, string>>, message: string]>> = {
  "auth keys alone": [{ r: "1", auth: "k" }, "Auth-only grants are reserved for future use"],
  "uuids without auth keys": [{ g: "1", "target-uuid": "u" }, "Could Not Parse Request"],
  "uuids and channels": [{ g: "1", "target-uuid": "u", channel: "c", auth: "k" }, "Could Not Parse Request"],
  "a name with a line break": [{ r: "1", channel: "a\nb" }, "Could Not Parse Request"],
  "a ttl that is too long": [{ r: "1", ttl: "525601" }, "Invalid TTL"],
  "a ttl in words": [{ r: "1", ttl: "soon" }, "Invalid TTL"],
};
for (const [what, [query, message]] of Object.entries(NOT_GRANTED)) {
  test(`[ACC65 ACC66] an older grant of ${what} is refused`, async () => {
    const keys = { ...WELL_KNOWN, url: network.url };
    const response = await sendSigned(keys, { path: "/v2/auth/grant/sub-key/guarded-sub", query });
    await expectRefused(response, 400, `{"message":"${message}","error":true,"service":"Access Manager","status":400}`);
  });
}

const older = (keys: Keys & Signer, query: Readonly<Record<string, string>>): Promise<Response> =>
  sendSigned(keys, { path: `/v2/auth/grant/sub-key/${keys.subscribeKey}`, query });

test("[ACC30 ACC31 ACC32 ACC33] older grants permit, cover wildcards, are taken back, and end", async () => {
  const keys = await keyset("older");
  await older(keys, { channel: "room", auth: "k-1", w: "1", ttl: "1" });
  await older(keys, { channel: "a.*", r: "1", ttl: "0" });
  expect((await publish(keys, "room", "k-1")).status).toBe(200);
  expect((await publish(keys, "room", "k-2")).status).toBe(403);
  expect((await subscribe(keys, "a.b,a.*,a.b.c")).status).toBe(200);
  await expectRefused(await subscribe(keys, "a.b-pnpres,b.c"), 403, forbidden({ channels: ["a.b-pnpres", "b.c"] }));
  await older(keys, { channel: "a.*" });
  expect((await subscribe(keys, "a.b")).status).toBe(403);
  clock.advance(60_000);
  expect((await publish(keys, "room", "k-1")).status).toBe(403);
});

test("[ACC67] an audit tells what is in force", async () => {
  const keys = await keyset("audited");
  const audit = async (query: Readonly<Record<string, string>>): Promise<unknown> => {
    const response = await sendSigned(keys, { path: `/v2/auth/audit/sub-key/${keys.subscribeKey}`, query });
    const { payload } = (await response.json()) as { payload: object };
    return payload;
  };
  await older(keys, { channel: "c-1", r: "1", w: "1", ttl: "10" });
  await older(keys, { channel: "c-1", auth: "k-1", r: "1", ttl: "0" });
  await older(keys, { "channel-group": "g-1", r: "1", m: "1" });
  await older(keys, { channel: "gone", r: "1", ttl: "1" });
  clock.advance(90_000);
  const key = { subscribe_key: "sub-audited" };
  const [all, forKey] = [
    { ...FLAGS, ttl: 9 },
    { ...FLAGS, w: 0, ttl: 0 },
  ];
  const c1 = { ...all, auths: { "k-1": forKey } };
  const g1 = { ...FLAGS, w: 0, m: 1, ttl: 1_439 };
  expect(await audit({})).toEqual({
    level: "subkey",
    ...key,
    channels: { "c-1": c1 },
    objects: {},
    "channel-groups": { "g-1": g1 },
  });
  expect(await audit({ channel: "c-1" })).toEqual({ level: "channel", ...key, channels: { "c-1": c1 } });
  expect(await audit({ channel: "none" })).toEqual({ level: "channel", ...key, channels: {} });
  expect(await audit({ channel: "c-1", auth: "k-1" })).toEqual({
    level: "user",
    ...key,
    channel: "c-1",
    auths: { "k-1": forKey },
  });
  expect(await audit({ channel: "c-1", auth: "k-2" })).toEqual({ level: "user", ...key, channel: "c-1", auths: {} });
  expect(await audit({ "channel-group": "g-1" })).toEqual({
    level: "channel-group",
    ...key,
    "channel-groups": { "g-1": g1 },
  });
  expect(await audit({ "channel-group": "g-1", auth: "k" })).toEqual({
    level: "channel-group+auth",
    ...key,
    "channel-group": "g-1",
    auths: {},
  });
});

test("[ACC68 ACC11] grants on an open keyset come with a warning, and count once Access Manager is on", async () => {
  const keys = await keyset("later", {});
  const response = await older(keys, { channel: "room", w: "1" });
  expect(await response.json()).toMatchObject({
    message: "WARNING: Access manager is not enabled for this sub key.",
    payload: { level: "channel" },
    status: 200,
    warning: true,
  });
  expect((await admin("PATCH", `/admin/v1/keysets/${keys.subscribeKey}`, { accessManager: true })).status).toBe(200);
  expect((await publish(keys, "room")).status).toBe(200);
  expect((await publish(keys, "hall")).status).toBe(403);
});

test("[ACC70 ACC73] the admin API answers to its token alone, and to no page of another origin", async () => {
  const asked: readonly (readonly [string, string])[] = [
    ["GET", "/admin/v1/keysets"],
    ["POST", "/admin/v1/keysets"],
    ["PATCH", "/admin/v1/keysets/demo"],
    ["POST", "/admin/v1/keysets/demo/rotate"],
    ["DELETE", "/admin/v1/keysets/demo"],
    ["GET", "/admin/v1/audit"],
  ];
  for (const [method, path] of asked) {
    for (const token of ["", "wrong", `${ADMIN_TOKEN}x`, ADMIN_TOKEN.slice(1), "demo-secret"]) {
      const response = await admin(method, path, undefined, token);
      expect(response.status).toBe(401);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
    }
  }
  const others = [
    await admin("GET", "/admin/v1/keysets"),
    await admin("GET", "/admin/v1/nothing"),
    await admin("PUT", "/admin/v1/keysets"),
    await admin("OPTIONS", "/admin/v1/keysets"),
    await admin("DELETE", "/admin/v1/keysets/unknown"),
    await admin("POST", "/admin/v1/keysets", {}),
  ];
  expect(others.map(({ status }) => status)).toEqual([200, 404, 405, 403, 404, 400]);
  for (const { headers } of others) {
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("cache-control")).toBe("no-store");
  }
});

test("[ACC72 ACC16] keysets are listed, made, set, rotated and deleted, and the trail tells it", async () => {
  const made = (await (await admin("POST", "/admin/v1/keysets", { name: "shop" })).json()) as {
    keyset: { publishKey: string; subscribeKey: string; settings: object };
    secretKey: string;
  };
  const { publishKey, subscribeKey } = made.keyset;
  const path = `/admin/v1/keysets/${subscribeKey}`;
  expect(made.keyset.settings).toMatchObject({ accessManager: false });
  const listed = await (await admin("GET", "/admin/v1/keysets")).text();
  expect(listed).toContain(`"name":"shop","publishKey":"${publishKey}","subscribeKey":"${subscribeKey}"`);
  expect(listed).not.toContain(made.secretKey);
  const keys = { publishKey, subscribeKey, secretKey: made.secretKey, url: network.url, nowMs: () => clock.wallMs() };
  await admin("PATCH", path, { accessManager: true });
  const token = await grantToken(keys, { resources: { channels: { room: 3 } } });
  expect((await publish(keys, "room", token)).status).toBe(200);
  await admin("POST", `${path}/rotate`, { what: "tokenKey", keepOld: true });
  expect((await publish(keys, "room", token)).status).toBe(200);
  await admin("POST", `${path}/rotate`, { what: "tokenKey" });
  expect((await publish(keys, "room", token)).status).toBe(403);
  const rotated = (await (await admin("POST", `${path}/rotate`, { what: "secretKey" })).json()) as {
    secretKey: string;
  };
  expect((await older(keys, { r: "1" })).status).toBe(403);
  expect((await older({ ...keys, secretKey: rotated.secretKey }, { r: "1", w: "1" })).status).toBe(200);
  expect((await publish(keys, "room")).status).toBe(200);
  expect((await admin("DELETE", path)).status).toBe(200);
  expect((await publish(keys, "room")).status).toBe(400);
  const again = { name: "shop", subscribeKey, publishKey, settings: { accessManager: true } };
  expect((await admin("POST", "/admin/v1/keysets", again)).status).toBe(201);
  expect((await publish(keys, "room")).status).toBe(403); // it inherits nothing
  const { entries } = (await (await admin("GET", `/admin/v1/audit?keyset=${subscribeKey}`)).json()) as {
    entries: readonly { actor: string; action: string }[];
  };
  expect(entries.map(({ actor, action }) => `${actor}: ${action}`)).toEqual([
    "admin: keyset created",
    "admin: keyset deleted",
    "secret key: grants changed",
    "admin: secret key rotated",
    "admin: token key rotated",
    "admin: token key rotated",
    "admin: settings changed",
    "admin: keyset created",
  ]);
});

const ADMIN_REFUSED: Readonly<
  Record<string, readonly [method: string, path: string, body: object | undefined, status: number, reason?: string]>
> = {
  "a keyset without a name": ["POST", "/keysets", {}, 400, "name is 1 to 92 characters"],
  "a keyset of something else": ["POST", "/keysets", { name: "x", tokenKeys: [] }, 400, "a keyset is made of"],
  "a name that is a number": ["POST", "/keysets", { name: 1 }, 400, "name must be a text"],
  "a setting that does not exist": ["PATCH", "/keysets/demo", { speed: 1 }, 400, "there is no such setting"],
  "a setting of the wrong type": [
    "PATCH",
    "/keysets/demo",
    { accessManager: "on" },
    400,
    "accessManager must be true or false",
  ],
  "a prototype among the settings": [
    "PATCH",
    "/keysets/demo",
    JSON.parse('{"__proto__":{"accessManager":true}}') as object,
    400,
  ],
  "a rotation of nothing": ["POST", "/keysets/demo/rotate", {}, 400, "what must be"],
  "a body that is a list": ["POST", "/keysets", [], 400, "no JSON object"],
  "no body": ["POST", "/keysets", undefined, 400, "no JSON object"],
  "a name that exists": ["POST", "/keysets", { name: "demo" }, 409],
  "an unknown keyset": ["PATCH", "/keysets/unknown", {}, 404],
  "a limit of 0": ["GET", "/audit?limit=0", undefined, 400, "limit must be"],
  "a limit of 1,001": ["GET", "/audit?limit=1001", undefined, 400, "limit must be"],
};
for (const [what, [method, path, body, status, reason = ""]] of Object.entries(ADMIN_REFUSED)) {
  test(`[ACC74] the admin API refuses ${what}`, async () => {
    const response = await admin(method, `/admin/v1${path}`, body);
    expect(response.status).toBe(status);
    const told = (await response.json()) as { reason?: string; service: string };
    expect(told.service).toBe("Longwave Admin");
    expect(told.reason ?? "").toContain(reason);
  });
}

test("[ACC71] the admin API is off where others reach the address, unless it is asked for", async () => {
  const statusOf = async (options: Parameters<typeof startNetwork>[0]): Promise<number> => {
    const other = await startNetwork({ memory: true, port: 0, adminToken: ADMIN_TOKEN, ...options }, { log });
    const url = other.url.replace("0.0.0.0", "127.0.0.1");
    const response = await fetch(`${url}/admin/v1/keysets`, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    await other.stop();
    return response.status;
  };
  expect(await statusOf({ host: "0.0.0.0" })).toBe(404);
  expect(await statusOf({ host: "0.0.0.0", admin: "on" })).toBe(200);
  expect(await statusOf({ host: "127.0.0.1" })).toBe(200);
  expect(await statusOf({ host: "127.0.0.1", admin: "off" })).toBe(404);
});

test("[ACC80 OPS7] nothing of all this is in the log, at any level, or in the metrics", async () => {
  const metrics = await (await fetch(`${network.url}/metrics`)).text();
  expect(metrics).toContain("tokenRevoked");
  const text = lines.join("\n") + metrics;
  for (const secret of ["p0F2AkF0", "qEF2AkF0", "sec-", "guarded-secret", "k-1", "v2.", ADMIN_TOKEN]) {
    expect(text).not.toContain(secret);
  }
});
