import { expect, test } from "bun:test";
import tokens from "../../../../spec/vectors/tokens.json" with { type: "json" };
import { clientByHand, until } from "../by-hand.ts";
import type { PubNub } from "../pubnub.ts";

const signed = { secretKey: "sec-key" } as const;
type Do = (client: PubNub) => Promise<unknown>;

/** Makes a call and answers it. */
async function answered(call: Do, text: string) {
  const { client, network } = clientByHand(signed);
  const result = call(client).catch((failure: unknown) => failure);
  await until(() => network.requests.length > 0);
  network.last.answer(text);
  return [network.last, await result] as const;
}

interface Row {
  readonly call: Do;
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly answer: string;
  readonly result: unknown;
}

const GRANT = "/v2/auth/grant/sub-key/sub-key";
const NONE = { r: "0", w: "0", m: "0", d: "0", g: "0", u: "0", j: "0" };
const EMPTY = { channels: {}, groups: {}, uuids: {}, users: {}, spaces: {} };
const payload = { level: "channel", subscribe_key: "sub-key", ttl: 60, channels: { a: { r: 1, w: 0, m: 0, d: 0 } } };
const granted = JSON.stringify({ message: "Success", payload, service: "Access Manager", status: 200 });
const tokenGranted = '{"data":{"message":"Success","token":"qEF2AkF0"},"service":"Access Manager","status":200}';

const CALLS: Readonly<Record<string, Row>> = {
  "a token with everything": {
    call: (client) =>
      client.grantToken({
        ttl: 60,
        authorizedUserId: "bert",
        resources: {
          channels: { "a/b": { read: true, write: true }, c: { join: true, manage: true, get: false } },
          groups: { g: { read: true, manage: true } },
          uuids: { u: { get: true, update: true, delete: true } },
        },
        patterns: { channels: { "^a": { read: true } } },
        meta: { app: "x" },
      }),
    method: "POST",
    path: "/v3/pam/sub-key/grant",
    body: {
      ttl: 60,
      permissions: {
        resources: { ...EMPTY, channels: { "a/b": 3, c: 132 }, groups: { g: 5 }, uuids: { u: 104 } },
        patterns: { ...EMPTY, channels: { "^a": 1 } },
        meta: { app: "x" },
        uuid: "bert",
      },
    },
    answer: tokenGranted,
    result: "qEF2AkF0",
  },
  "a token by the newer names": {
    call: (client) =>
      client.grantToken({ ttl: 1, resources: { spaces: { s: { read: true } }, users: { u: { get: true } } } }),
    method: "POST",
    path: "/v3/pam/sub-key/grant",
    body: {
      ttl: 1,
      permissions: { resources: { ...EMPTY, channels: { s: 1 }, uuids: { u: 32 } }, patterns: EMPTY, meta: {} },
    },
    answer: tokenGranted,
    result: "qEF2AkF0",
  },
  "revokeToken, whose padding is encoded": {
    call: (client) => client.revokeToken("p0F2AkF0=="),
    method: "DELETE",
    path: "/v3/pam/sub-key/grant/p0F2AkF0%3D%3D",
    answer: '{"data":{"message":"Success"},"service":"Access Manager","status":200}',
    result: {},
  },
  "a grant to channels and groups for keys": {
    call: (client) =>
      client.grant({
        channels: ["a", "b*"],
        channelGroups: ["g"],
        authKeys: ["k", "l"],
        read: true,
        update: true,
        ttl: 0,
      }),
    path: GRANT,
    query: { ...NONE, channel: "a,b*", "channel-group": "g", auth: "k,l", r: "1", u: "1", ttl: "0" },
    answer: granted,
    result: payload,
  },
  "a grant to users": {
    call: (client) => client.grant({ uuids: ["u"], authKeys: ["k"], get: true, join: true, delete: true }),
    path: GRANT,
    query: { ...NONE, "target-uuid": "u", auth: "k", g: "1", j: "1", d: "1" },
    answer: granted,
    result: payload,
  },
  "a grant to the keyset": {
    call: (client) => client.grant({ write: true, manage: true }),
    path: GRANT,
    query: { ...NONE, w: "1", m: "1" },
    answer: granted,
    result: payload,
  },
  revoke: {
    call: (client) => client.revoke({ channels: ["a"] }),
    path: GRANT,
    query: { ...NONE, channel: "a" },
    answer: granted,
    result: payload,
  },
  "audit of a channel": {
    call: (client) => client.audit({ channel: "a", authKeys: ["k"] }),
    path: "/v2/auth/audit/sub-key/sub-key",
    query: { channel: "a", auth: "k" },
    answer: granted,
    result: payload,
  },
  "audit of everything": {
    call: (client) => client.audit(),
    path: "/v2/auth/audit/sub-key/sub-key",
    answer: granted,
    result: payload,
  },
  "audit of a group": {
    call: (client) => client.audit({ channelGroup: "g" }),
    path: "/v2/auth/audit/sub-key/sub-key",
    query: { "channel-group": "g" },
    answer: granted,
    result: payload,
  },
};
for (const [name, { call, method = "GET", path, query = {}, body, answer, result }] of Object.entries(CALLS)) {
  test(`[SDK54 SDK56] ${name}`, async () => {
    const [request, got] = await answered(call, answer);
    expect([request.method, request.path]).toEqual([method, path]);
    const { uuid, pnsdk, timestamp, signature, ...rest } = request.query;
    expect(rest).toEqual(query);
    expect([uuid, timestamp]).toEqual(["anna", "1700000000"]);
    expect([pnsdk, signature]).toEqual([expect.stringContaining("Longwave"), expect.stringMatching(/^v2\./)]);
    expect(request.body === undefined ? undefined : JSON.parse(request.body)).toEqual(body);
    expect(got).toEqual(result);
  });

  test(`[SDK23] ${name}: an answer that is something else is no result`, async () => {
    for (const text of ["", "7", "null", "[]", "{}", '{"data":7,"payload":{"level":7}}']) {
      const [, failure] = await answered(call, text);
      expect(failure).toMatchObject({ name: "PubNubError", category: "PNMalformedResponseCategory" });
    }
  });
}

const channels = { a: { read: true } };
const REFUSED: Readonly<Record<string, readonly [Do, RegExp]>> = {
  "no minutes": [(client) => client.grantToken({ resources: { channels } } as never), /ttl is no whole number of min/],
  "half a minute": [(client) => client.grantToken({ ttl: 0.5, resources: { channels } }), /ttl is no whole/],
  "a month and a minute": [(client) => client.grantToken({ ttl: 43_201, resources: { channels } }), /1 to 43200/],
  "a token for nothing": [(client) => client.grantToken({ ttl: 1, resources: { channels: {} } }), /name nothing/],
  "an unknown permission": [
    (client) => client.grantToken({ ttl: 1, patterns: { groups: { g: { raed: true } as never } } }),
    /patterns.groups holds what is no permission; use read, write/,
  ],
  "a permission that is none": [
    (client) => client.grantToken({ ttl: 1, resources: { uuids: { u: 7 as never } } }),
    /resources.uuids holds/,
  ],
  "both names of channels": [
    (client) => client.grantToken({ ttl: 1, resources: { channels, spaces: channels } }),
    /resources.channels and resources.spaces are both given/,
  ],
  "both names of the user": [
    (client) => client.grantToken({ ttl: 1, resources: { channels }, authorizedUserId: "a", authorized_uuid: "a" }),
    /authorizedUserId and authorized_uuid are both/,
  ],
  "a meta that goes round": [
    (client) => {
      const meta: Record<string, unknown> = {};
      meta["meta"] = meta;
      return client.grantToken({ ttl: 1, resources: { channels }, meta });
    },
    /meta is no object/,
  ],
  "no token to revoke": [(client) => client.revokeToken(""), /token is missing/],
  "a grant for more than a year": [(client) => client.grant({ ttl: 525_601 }), /ttl is more than 525600 minutes/],
  "a grant to keys without names": [(client) => client.grant({ authKeys: ["k"] }), /authKeys are given without names/],
  "a grant to users for everybody": [(client) => client.grant({ uuids: ["u"] }), /uuids are given without authKeys/],
  "a grant to users and channels": [
    (client) => client.revoke({ uuids: ["u"], channels: ["a"], authKeys: ["k"] }),
    /uuids are given beside channels/,
  ],
};
for (const [why, [call, sentence]] of Object.entries(REFUSED)) {
  test(`[SDK27] nothing is sent: ${why}`, async () => {
    const { client, network } = clientByHand(signed);
    const failure = await call(client).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "PubNubError", category: "PNValidationErrorCategory" });
    expect(String(failure)).toMatch(sentence);
    expect(String(failure)).toMatch(/^PubNubError: Nothing was sent: .*\.$/);
    expect(network.requests).toEqual([]);
  });
}

test("[SDK54 SDK56] without a secret key nothing is granted, revoked or listed", async () => {
  const { client, network } = clientByHand();
  const calls: readonly Promise<unknown>[] = [
    client.grantToken({ ttl: 1, resources: { channels } }),
    client.revokeToken("token"),
    client.grant(),
    client.revoke(),
    client.audit(),
  ];
  const operations = await Promise.all(calls.map((call) => call.catch((no: { operation: string }) => no)));
  expect(operations.map((failure) => (failure as { operation: string }).operation)).toEqual([
    "PNAccessManagerGrantToken",
    "PNAccessManagerRevokeToken",
    "PNAccessManagerGrant",
    "PNAccessManagerRevoke",
    "PNAccessManagerAudit",
  ]);
  for (const failure of operations) expect(String(failure)).toContain("secretKey is missing from the configuration");
  expect(network.requests).toEqual([]);
});

test("[SDK55] a token is read: its names with what is permitted on them", () => {
  const token =
    "p0F2AkF0GmB4Sd9DdHRsD0NyZXOkRGNoYW6iY2ZvbwFjYmFyAUNncnCiY2ZvbwFjYmFyAUN1c3KgQ3NwY6BDcGF0pERjaGFuoENncnCgQ3VzcqBDc3Bj" +
    "oERtZXRhoENzaWdYIBHsbMOeRAHUvsCURvZ3Yehv74QvPT4xqfHY5JPONmyJ";
  const read = { read: true, write: false, manage: false, delete: false, get: false, update: false, join: false };
  const { signature, ...rest } = clientByHand().client.parseToken(token) ?? {};
  expect(rest).toEqual({
    version: 2,
    timestamp: 1_618_495_967,
    ttl: 15,
    resources: { channels: { foo: read, bar: read }, groups: { foo: read, bar: read } },
  });
  expect(signature?.length).toBe(32);
});

test("[SDK55] the vectors of tokens are read, and what is no token is nothing", () => {
  const { client } = clientByHand();
  expect(tokens.tokens.length).toBeGreaterThan(0);
  for (const { token } of tokens.tokens) expect(client.parseToken(token)?.version).toBe(2);
  for (const text of ["", "token", "p0F2AkF0", "qEF2AkF0".repeat(10)]) expect(client.parseToken(text)).toBeUndefined();
});
