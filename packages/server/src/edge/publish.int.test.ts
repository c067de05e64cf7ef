import { expect, test } from "bun:test";
import { deflateSync, gzipSync } from "node:zlib";
import { WireNetwork, answered, plainEnvelope } from "./wire-network.ts";

const ROOM = "/publish/demo/demo/0/room/0";
const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body,
  headers,
});

const VALUES = [
  '"hi"',
  '""',
  "42",
  "0",
  "-0.50e+3",
  "123456789012345678901234567890.000000000000000000001",
  "true",
  "false",
  "null",
  "[]",
  "{}",
  '{"b":1,"a":{"b":[1,2]},"b":2}',
  '"\\u0000 \\ud83d\\/ \\""',
  '"é 漢 😀 / ? # % + & = ,"',
];

for (const value of VALUES) {
  test(`[PUB1 ENV2 JSN2] ${value} by GET and by POST arrives as it is`, async () => {
    await using network = await WireNetwork.start();
    const byGet = await network.publish("room", value);
    const byPost = await network.sent(ROOM, post(value));
    const byLargePost = await network.sent(`/v2${ROOM}`, post(value));
    const envelopes = [byGet, byPost, byLargePost].map((timetoken) => plainEnvelope(timetoken, value));
    expect(await network.poll("room", "tt=1")).toEqual(answered(byLargePost, ...envelopes));
  });
}

test("[PUB1 JSN2 WIRE10] whitespace around and between is dropped, inside strings it is kept", async () => {
  await using network = await WireNetwork.start();
  const spaced = ' \r\n{ "a b" : [ 1 ,\t2 ] , "c" : " d  e " }\n';
  const byGet = await network.publish("room", spaced);
  const byPost = await network.sent(ROOM, post(spaced));
  const compact = '{"a b":[1,2],"c":" d  e "}';
  const envelopes = [plainEnvelope(byGet, compact), plainEnvelope(byPost, compact)];
  expect(await network.poll("room", "tt=1")).toEqual(answered(byPost, ...envelopes));
});

test("[PUB1] the third segment of the path may hold anything", async () => {
  await using network = await WireNetwork.start();
  for (const signature of ["0", "", "5f4dcc3b5aa765d61d8327deb882cf99", "%2F%2C"]) {
    await network.sent(`/publish/demo/demo/${signature}/room/0/1`);
    await network.sent(`/publish/demo/demo/${signature}/room/0`, post("1"));
    await network.sent(`/signal/demo/demo/${signature}/room/0/1`);
  }
});

const JSON_TEXT = '{"text":"é 😀"}';
const BODIES: Readonly<Record<string, RequestInit>> = {
  "plain, without a label": post(JSON_TEXT),
  "plain, labelled as JSON": post(JSON_TEXT, { "Content-Type": "application/json; charset=UTF-8" }),
  "plain, labelled deflate": post(JSON_TEXT, { "Content-Type": "application/json", "Content-Encoding": "deflate" }),
  "plain, labelled gzip": post(JSON_TEXT, { "Content-Encoding": "gzip" }),
  "zlib, labelled deflate": post(deflateSync(JSON_TEXT), { "Content-Encoding": "deflate" }),
  "zlib, labelled gzip": post(deflateSync(JSON_TEXT), { "Content-Encoding": "gzip" }),
  "zlib at the fastest level": post(deflateSync(JSON_TEXT, { level: 1 }), { "Content-Encoding": "deflate" }),
  "gzip, labelled gzip": post(gzipSync(JSON_TEXT), { "Content-Encoding": "gzip" }),
  "gzip, without a label": post(gzipSync(JSON_TEXT)),
  "sent in chunks": { method: "POST", body: new Blob([JSON_TEXT]).stream() },
};

for (const [what, init] of Object.entries(BODIES)) {
  test(`[PUB1 WIRE14] a body that is ${what}`, async () => {
    await using network = await WireNetwork.start();
    const timetoken = await network.sent(ROOM, init);
    expect(await network.poll("room", "tt=1")).toEqual(answered(timetoken, plainEnvelope(timetoken, JSON_TEXT)));
  });
}

test("[PUB6 SUB14] messages that are published together are visible in the order of their timetokens", async () => {
  await using network = await WireNetwork.start();
  const sent = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => ({
      payload: String(at),
      timetoken: await network.publish("room", String(at)),
    })),
  );
  const ordered = sent.toSorted((one, other) => (one.timetoken < other.timetoken ? -1 : 1));
  expect(new Set(sent.map(({ timetoken }) => timetoken)).size).toBe(50);
  const envelopes = ordered.map(({ timetoken, payload }) => plainEnvelope(timetoken, payload));
  expect(await network.poll("room", "tt=1")).toEqual(answered(ordered.at(-1)?.timetoken ?? "", ...envelopes));
});

const FIRES: readonly (readonly [query: string, isDelivered: boolean])[] = [
  ["store=0&norep=1", false],
  ["store=0&norep=true", false],
  ["norep=True&store=False", false],
  ["store=0", true],
  ["norep=1", true],
  ["norep=true", true],
  ["store=1&norep=1", true],
  ["store=0&norep=false", true],
  ["store=0&norep=0", true],
];

for (const [query, isDelivered] of FIRES) {
  test(`[PUB9] ${query} is ${isDelivered ? "delivered" : "a fire"}`, async () => {
    await using network = await WireNetwork.start();
    const held = network.poll("room", "tt=1");
    await network.holds(1);
    const first = await network.publish("room", '"first"', query);
    if (isDelivered) expect(await held).toEqual(answered(first, plainEnvelope(first, '"first"')));
    const next = await network.publish("room", '"next"');
    if (!isDelivered) expect(await held).toEqual(answered(next, plainEnvelope(next, '"next"')));
    const expected = [...(isDelivered ? [plainEnvelope(first, '"first"')] : []), plainEnvelope(next, '"next"')];
    expect(await network.poll("room", "tt=1")).toEqual(answered(next, ...expected));
  });
}

test("[PUB10 ENV1] what a publisher says about its message stands in the envelope", async () => {
  await using network = await WireNetwork.start();
  const meta = encodeURIComponent('{ "lang": "en", "n": 1.0 }');
  const origination = encodeURIComponent('{"t":"17326051234567890","r":3}');
  const query = `uuid=al+ice&meta=${meta}&seqn=7&ortt=${origination}&custom_message_type=chat`;
  const timetoken = await network.publish("room", "1", query);
  const envelope =
    `{"a":"1","f":0,"i":"al ice","s":7,"p":{"t":"${timetoken}","r":12},"o":{"t":"17326051234567890","r":3},` +
    '"k":"demo","c":"room","d":1,"u":{"lang":"en","n":1.0},"cmt":"chat"}';
  expect(await network.poll("room", "tt=1")).toEqual(answered(timetoken, envelope));
});

const MEMBERS: Readonly<Record<string, readonly [query: string, member: string]>> = {
  i: [`uuid=${"é".repeat(92)}`, `"i":"${"é".repeat(92)}"`],
  s: ["seqn=2147483647", '"s":2147483647'],
  u: ["meta=null", '"u":null'],
  cmt: ["custom_message_type=0a_-", '"cmt":"0a_-"'],
};

for (const [name, [query, member]] of Object.entries(MEMBERS)) {
  test(`[PUB10] ${name} alone`, async () => {
    await using network = await WireNetwork.start();
    const timetoken = await network.sent(`${ROOM}?${query}`, post("1"));
    const { body } = await network.poll("room", "tt=1");
    const known = new Set(["a", "f", "p", "k", "c", "d", name]);
    expect(body).toContain(member);
    const { m } = JSON.parse(body) as { readonly m: readonly Record<string, unknown>[] };
    expect(m.map((envelope) => new Set(Object.keys(envelope)))).toEqual([known]);
    expect(m[0]?.["p"]).toEqual({ t: timetoken, r: 12 });
  });
}

const ORIGINATIONS: readonly (readonly [given: string, delivered: string])[] = [
  ['{"t":17326051234567890}', '{"t":"17326051234567890"}'],
  ['{"t":"17326051234567890"}', '{"t":"17326051234567890"}'],
  ['{ "t": 17326051234567891, "r": 4 }', '{"t":"17326051234567891","r":4}'],
  ['{"t":"1","r":12}', '{"t":"1","r":12}'],
];

for (const [given, delivered] of ORIGINATIONS) {
  test(`[ENV4 PUB10] an origination of ${given} is delivered as ${delivered}`, async () => {
    await using network = await WireNetwork.start();
    await network.publish("room", "1", `ortt=${encodeURIComponent(given)}`);
    expect((await network.poll("room", "tt=1")).body).toContain(`"o":${delivered},"k":`);
  });
}

test("[PUB11] empty parameters count as absent", async () => {
  await using network = await WireNetwork.start();
  const query = "meta=&store=&ttl=&seqn=&ortt=&uuid=&custom_message_type=&norep";
  const timetoken = await network.publish("room", "1", query);
  expect(await network.poll("room", "tt=1")).toEqual(answered(timetoken, plainEnvelope(timetoken, "1")));
});

test("[PUB14 WIRE2] a signal is delivered with e:1, and without meta and sequence however malformed", async () => {
  await using network = await WireNetwork.start();
  const held = network.poll("room", "tt=1");
  await network.holds(1);
  const query = "uuid=alice&custom_message_type=typing&meta=%7B&seqn=x";
  const timetoken = await network.sent(`/signal/demo/demo/0/room/0/%22typing%22?${query}`);
  const envelope =
    `{"a":"1","f":0,"e":1,"i":"alice","p":{"t":"${timetoken}","r":12},"k":"demo","c":"room",` +
    '"d":"typing","cmt":"typing"}';
  expect(await held).toEqual(answered(timetoken, envelope));
  expect(await network.poll("room", "tt=1")).toEqual(answered(timetoken, envelope));
});

const CUSTOM_TYPES: Readonly<Record<string, boolean>> = {
  abc: true,
  "0-_": true,
  pnx: true,
  PN_x: true,
  ["x".repeat(50)]: true,
  ab: false,
  ["x".repeat(51)]: false,
  "-abc": false,
  _abc: false,
  pn_chat: false,
  "pn-chat": false,
  "a bc": false,
  "a.bc": false,
  äbc: false,
};

for (const [type, accepted] of Object.entries(CUSTOM_TYPES)) {
  test(`[PUB15] the custom message type ${type} is ${accepted ? "accepted" : "refused"}`, async () => {
    await using network = await WireNetwork.start();
    const query = `custom_message_type=${encodeURIComponent(type)}`;
    const answers = [
      await network.ask(`${ROOM}/1?${query}`),
      await network.ask(ROOM + `?${query}`, post("1")),
      await network.ask(`/signal/demo/demo/0/room/0/1?${query}`),
    ];
    const refused = { status: 400, body: `[0,"Invalid Arguments: custom_message_type","${network.now}"]` };
    for (const answer of answers) {
      if (accepted) expect(answer).toEqual({ status: 200, body: expect.stringMatching(/^\[1,"Sent","\d{17}"\]$/) });
      else expect(answer).toEqual(refused);
    }
  });
}
