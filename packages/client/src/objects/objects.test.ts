import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn } from "../by-hand.ts";
import type { ObjectsEvent } from "../events.ts";
import { type PubNub, SubscribeCallback } from "../index.ts";

type Do = (client: PubNub) => Promise<unknown>;
interface Row {
  readonly call: Do;
  /** Method and target behind the keyset, without the common parameters. */
  readonly asks: string;
  readonly body?: object;
  readonly headers?: object;
  readonly answer: object;
  readonly result: object;
}

const COMMON = "uuid=anna&pnsdk=Longwave-TypeScript%2F0.1.0";
const KEPT = { updated: "2025-04-11T09:44:31.6203Z", eTag: "7d6e" };
const USER = { id: "anna", name: "Anna", externalId: null, profileUrl: null, email: null, type: "t", ...KEPT };
const ROOM = { id: "a b", name: null, description: "d", type: null, status: null, custom: { n: 1 }, ...KEPT };
const one = (data: unknown): object => ({ status: 200, data });
const GONE = one(null);
const MEMBERSHIP = { channel: { id: "c" }, status: "s", ...KEPT };
const MEMBER = { uuid: { id: "u", name: "U" }, custom: { a: true }, ...KEPT };

const METADATA_CALLS: Readonly<Record<string, Row>> = {
  "all users": {
    call: ({ objects }) => objects.getAllUUIDMetadata(),
    asks: "GET /uuids?include=status%2Ctype&limit=100",
    answer: { status: 200, data: [USER], next: "MQ" },
    result: { status: 200, data: [USER], next: "MQ" },
  },
  "a page of users by everything": {
    call: ({ objects }) =>
      objects.getAllUUIDMetadata({
        include: { customFields: true, totalCount: true },
        filter: 'name LIKE "a*"',
        sort: { name: "desc", updated: null, "custom.n": "asc" },
        limit: 500,
        page: { next: "MQ", prev: "NA" },
      }),
    asks:
      "GET /uuids?include=status%2Ctype%2Ccustom&limit=100&filter=name%20LIKE%20%22a%2A%22" +
      "&sort=name%3Adesc%2Cupdated%2Ccustom.n%3Aasc&start=MQ&end=NA&count=true",
    answer: { status: 200, data: [], totalCount: 7, prev: "MQ" },
    result: { status: 200, data: [], totalCount: 7, prev: "MQ" },
  },
  "all channels": {
    call: ({ objects }) => objects.getAllChannelMetadata({ sort: "name:desc", limit: 3 }),
    asks: "GET /channels?include=status%2Ctype&limit=3&sort=name%3Adesc",
    answer: { status: 200, data: [ROOM] },
    result: { status: 200, data: [ROOM] },
  },
  oneself: {
    call: ({ objects }) => objects.getUUIDMetadata(),
    asks: "GET /uuids/anna?include=status%2Ctype%2Ccustom",
    answer: one(USER),
    result: one(USER),
  },
  "somebody, without custom data": {
    call: ({ objects }) => objects.getUUIDMetadata({ uuid: "be/rt", include: { customFields: false } }),
    asks: "GET /uuids/be%2Frt?include=status%2Ctype",
    answer: one(USER),
    result: one(USER),
  },
  "a channel": {
    call: ({ objects }) => objects.getChannelMetadata({ channel: "a b" }),
    asks: "GET /channels/a%20b?include=status%2Ctype%2Ccustom",
    answer: one(ROOM),
    result: one(ROOM),
  },
  "a user is set": {
    call: ({ objects }) => objects.setUUIDMetadata({ data: { name: "Anna", email: null, custom: { a: 1 } } }),
    asks: "PATCH /uuids/anna?include=status%2Ctype%2Ccustom",
    body: { name: "Anna", email: null, custom: { a: 1 } },
    answer: one(USER),
    result: one(USER),
  },
  "a channel is set if it is still the same": {
    call: ({ objects }) =>
      objects.setChannelMetadata({
        channel: "a b",
        data: { description: "d" },
        include: { customFields: false },
        ifMatchesEtag: "7d6e+/=",
      }),
    asks: "PATCH /channels/a%20b?include=status%2Ctype",
    body: { description: "d" },
    headers: { "If-Match": "7d6e+/=" },
    answer: one(ROOM),
    result: one(ROOM),
  },
  "a user is removed": {
    call: ({ objects }) => objects.removeUUIDMetadata({ uuid: "bert" }),
    asks: "DELETE /uuids/bert",
    answer: GONE,
    result: GONE,
  },
  "a channel is removed": {
    call: ({ objects }) => objects.removeChannelMetadata({ channel: "a" }),
    asks: "DELETE /channels/a",
    answer: GONE,
    result: GONE,
  },
};

const RELATION_CALLS: Readonly<Record<string, Row>> = {
  "one's memberships": {
    call: ({ objects }) => objects.getMemberships(),
    asks: "GET /uuids/anna/channels?limit=100",
    answer: { status: 200, data: [MEMBERSHIP] },
    result: { status: 200, data: [MEMBERSHIP] },
  },
  "somebody's memberships with everything": {
    call: ({ objects }) =>
      objects.getMemberships({
        uuid: "bert",
        include: {
          customFields: true,
          statusField: true,
          typeField: true,
          channelFields: true,
          customChannelFields: true,
          channelStatusField: true,
          channelTypeField: true,
          totalCount: true,
        },
        filter: "status == 's'",
      }),
    asks:
      "GET /uuids/bert/channels?include=custom%2Cstatus%2Ctype%2Cchannel%2Cchannel.custom%2Cchannel.status%2Cchannel.type" +
      "&limit=100&filter=status%20%3D%3D%20%27s%27&count=true",
    answer: { status: 200, data: [MEMBERSHIP], totalCount: 1, next: "MQ" },
    result: { status: 200, data: [MEMBERSHIP], totalCount: 1, next: "MQ" },
  },
  "memberships are set": {
    call: ({ objects }) =>
      objects.setMemberships({
        channels: ["a", { id: "b", custom: { n: 1 }, status: null, type: "t" }],
        include: { statusField: true },
        limit: 5,
      }),
    asks: "PATCH /uuids/anna/channels?include=status&limit=5",
    body: { set: [{ channel: { id: "a" } }, { channel: { id: "b" }, custom: { n: 1 }, status: null, type: "t" }] },
    answer: { status: 200, data: [MEMBERSHIP] },
    result: { status: 200, data: [MEMBERSHIP] },
  },
  "memberships are removed": {
    call: ({ objects }) => objects.removeMemberships({ uuid: "bert", channels: ["a", "b"] }),
    asks: "PATCH /uuids/bert/channels?limit=100",
    body: { delete: [{ channel: { id: "a" } }, { channel: { id: "b" } }] },
    answer: { status: 200, data: [] },
    result: { status: 200, data: [] },
  },
  "memberships are removed, given as they were set": {
    call: ({ objects }) => objects.removeMemberships({ channels: [{ id: "a", status: "s" } as never] }),
    asks: "PATCH /uuids/anna/channels?limit=100",
    body: { delete: [{ channel: { id: "a" } }] },
    answer: { status: 200, data: [] },
    result: { status: 200, data: [] },
  },
  "a channel's members": {
    call: ({ objects }) =>
      objects.getChannelMembers({
        channel: "a b",
        include: {
          customFields: true,
          UUIDFields: true,
          customUUIDFields: true,
          UUIDStatusField: true,
          UUIDTypeField: true,
        },
        sort: { "uuid.name": "asc" },
        page: { prev: "MQ" },
      }),
    asks:
      "GET /channels/a%20b/uuids?include=custom%2Cuuid%2Cuuid.custom%2Cuuid.status%2Cuuid.type" +
      "&limit=100&sort=uuid.name%3Aasc&end=MQ",
    answer: { status: 200, data: [MEMBER] },
    result: { status: 200, data: [MEMBER] },
  },
  "members are set": {
    call: ({ objects }) => objects.setChannelMembers({ channel: "a", uuids: ["u", { id: "v", status: "s" }] }),
    asks: "PATCH /channels/a/uuids?limit=100",
    body: { set: [{ uuid: { id: "u" } }, { uuid: { id: "v" }, status: "s" }] },
    answer: { status: 200, data: [MEMBER] },
    result: { status: 200, data: [MEMBER] },
  },
  "members are removed": {
    call: ({ objects }) => objects.removeChannelMembers({ channel: "a", uuids: ["u"] }),
    asks: "PATCH /channels/a/uuids?limit=100",
    body: { delete: [{ uuid: { id: "u" } }] },
    answer: { status: 200, data: [] },
    result: { status: 200, data: [] },
  },
};

/** Makes a call and answers it. */
async function answered(call: Do, text: string): Promise<readonly [ClientByHand["network"]["last"], unknown]> {
  const { client, network } = clientByHand();
  const result = call(client).catch((failure: unknown) => failure);
  await turn();
  network.last.answer(text);
  return [network.last, await result];
}

const ROWS = [
  ...Object.entries(METADATA_CALLS).map(([name, row]) => [`[SDK57] ${name}`, row] as const),
  ...Object.entries(RELATION_CALLS).map(([name, row]) => [`[SDK58] ${name}`, row] as const),
];
for (const [name, { call, asks, body, headers, answer, result }] of ROWS) {
  test(name, async () => {
    const [request, got] = await answered(call, JSON.stringify(answer));
    const [method, path = ""] = asks.split(" ");
    const target = `https://network.test/v2/objects/sub-key${path}${path.includes("?") ? "&" : "?"}${COMMON}`;
    expect(`${request.method} ${request.url}`).toBe(`${method} ${target}`);
    expect(request.body === undefined ? undefined : JSON.parse(request.body)).toEqual(body);
    expect(request.headers).toEqual(headers as Record<string, string> | undefined);
    expect(got).toStrictEqual(result);
  });

  test(`${name}: an answer that is something else is no result [SDK23]`, async () => {
    for (const text of ["", "7", "null", "[]", "{}", '{"status":200}', '{"data":[]}', '{"status":200,"data":[7]}']) {
      const [, failure] = await answered(call, text);
      expect(failure).toMatchObject({ name: "PubNubError", category: "PNMalformedResponseCategory" });
    }
  });
}

const REFUSED: Readonly<Record<string, readonly [Do, RegExp]>> = {
  "no channel": [({ objects }) => objects.getChannelMetadata({} as never), /channel is missing/],
  "a user that the address would resolve away": [
    ({ objects }) => objects.getUUIDMetadata({ uuid: ".." }),
    /uuid is missing or no name/,
  ],
  "no data": [({ objects }) => objects.setUUIDMetadata({} as never), /data is no object/],
  "an eTag of two lines": [
    ({ objects }) => objects.setUUIDMetadata({ data: {}, ifMatchesEtag: "a\r\nb" }),
    /ifMatchesEtag is no eTag/,
  ],
  "a limit of none": [({ objects }) => objects.getMemberships({ limit: 0 }), /limit is 0/],
  "half of a character in a filter": [({ objects }) => objects.getMemberships({ filter: "\ud800" }), /filter is no/],
  "a page that is no text": [({ objects }) => objects.getMemberships({ page: { next: 7 as never } }), /page.next is/],
  "a direction that is none": [
    ({ objects }) => objects.getAllUUIDMetadata({ sort: { name: "up" as never } }),
    /sort has a direction/,
  ],
  "no channels": [({ objects }) => objects.setMemberships({ channels: [] }), /channels is missing or empty/],
  "a membership without an id": [
    ({ objects }) => objects.setMemberships({ channels: [{} as never] }),
    /channels is mi/,
  ],
  "a member that goes round": [
    ({ objects }) => {
      const custom: Record<string, unknown> = {};
      custom["custom"] = custom;
      return objects.setChannelMembers({ channel: "a", uuids: [{ id: "u", custom: custom as never }] });
    },
    /uuids are no JSON/,
  ],
};
for (const [why, [call, sentence]] of Object.entries(REFUSED)) {
  test(`[SDK27] nothing is sent: ${why}`, async () => {
    const { client, network } = clientByHand();
    const failure = await call(client).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "PubNubError", category: "PNValidationErrorCategory" });
    expect(String(failure)).toMatch(sentence);
    expect(network.requests).toEqual([]);
  });
}

test("[SDK4] what is unknown, or was changed meanwhile, says so", async () => {
  for (const [status, says] of [
    [404, "Check the names"],
    [412, "It was changed meanwhile"],
  ] as const) {
    const { client, network } = clientByHand();
    const call = client.objects.getUUIDMetadata().catch((no: unknown) => no);
    network.last.answer(JSON.stringify({ status, error: { message: "No.", source: "objects" } }), status);
    const failure = await call;
    expect(failure).toMatchObject({ status, operation: "PNGetUUIDMetadataOperation" });
    expect(String(failure)).toContain(`answered ${status} "No.". ${says}`);
  }
});

const change = (type: string, data: object, event = "set"): object => ({
  source: "objects",
  version: "2.0",
  event,
  type,
  data,
});
const PAYLOADS = [
  change("uuid", { id: "bert", name: "B", ...KEPT }),
  change("channel", { id: "room" }, "delete"),
  change("membership", { channel: { id: "room" }, uuid: { id: "bert" }, ...KEPT }),
];
const NO_PAYLOADS = [
  7,
  null,
  {},
  change("space", { id: "s" }),
  change("uuid", {}),
  change("uuid", { id: "u" }, "create"),
  change("membership", { channel: { id: "room" } }),
  { ...change("uuid", { id: "u" }), source: "others" },
];

test("[SDK59] events reach listeners of each kind; what is no event of App Context reaches none", async () => {
  const { client, network } = clientByHand({ transport: "long-poll" });
  const [plain, own, classic]: [ObjectsEvent[], ObjectsEvent[], unknown[]] = [[], [], []];
  client.addListener({ objects: (event) => void plain.push(event) });
  class Callback extends SubscribeCallback {
    override uuid(pubnub: PubNub, message: ObjectsEvent["message"]): void {
      classic.push(["uuid", pubnub === client, message.data]);
    }
    override channel(_: PubNub, message: ObjectsEvent["message"]): void {
      classic.push(["channel", message.event, message.data]);
    }
    override membership(_: PubNub, message: ObjectsEvent["message"]): void {
      classic.push(["membership", message.type]);
    }
  }
  client.addListener(new Callback());
  const subscription = client.channel("ro*").subscription();
  subscription.onObjects = (event) => void own.push(event);
  subscription.subscribe();
  await turn();
  network.poll.answer(answerOf("17326051234567891"));
  await turn();
  const items = [...PAYLOADS, ...NO_PAYLOADS].map((payload) =>
    itemOf("room", payload, { e: 2, i: undefined, b: "ro*" }),
  );
  network.poll.answer(answerOf("17326051234567893", items));
  await turn();
  expect(plain.map(({ message }): unknown => message)).toEqual(PAYLOADS);
  expect(own).toEqual(plain);
  expect(plain[0]).toMatchObject({ channel: "room", subscription: "ro*", timetoken: "17326051234567890" });
  expect(classic).toEqual([
    ["uuid", true, { id: "bert", name: "B", ...KEPT }],
    ["channel", "delete", { id: "room" }],
    ["membership", "membership"],
  ]);
  client.destroy();
});

test("[SDK44 SDK59] users and channels of App Context are objects whose subscriptions receive their events", async () => {
  const { client, network } = clientByHand({ transport: "long-poll" });
  const told: string[] = [];
  for (const entity of [client.userMetadata("bert"), client.channelMetadata("room")]) {
    const subscription = entity.subscription();
    subscription.onObjects = ({ message }) => void told.push(message.type);
    subscription.subscribe();
  }
  await turn();
  expect(network.poll.path).toBe("/v2/subscribe/sub-key/bert,room/0");
  network.poll.answer(answerOf("17326051234567891"));
  await turn();
  const items = [itemOf("bert", PAYLOADS[0], { e: 2 }), itemOf("room", PAYLOADS[1], { e: 2 })];
  network.poll.answer(answerOf("17326051234567893", items));
  await turn();
  expect(told).toEqual(["uuid", "channel"]);
  client.destroy();
});
