import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { WireNetwork } from "./wire-network.ts";

interface Faults {
  readonly pub: string;
  readonly sub: string;
  readonly channel: string;
  readonly meta: string;
  readonly payload: string;
  readonly query: string;
}

const FAULTLESS: Faults = { pub: "demo", sub: "demo", channel: "room", meta: "1", payload: "1", query: "" };

// From the first check to the last: each line has its own fault and those of all lines below it.
const ORDER: readonly (readonly [fault: Partial<Faults>, refusal: string])[] = [
  [{ sub: "wrong" }, '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}'],
  [{ pub: "wrong" }, '[0,"Invalid Key","<now>"]'],
  [{ channel: "a%2Fb" }, '[0,"Invalid Channel","<now>"]'],
  [{ meta: "%7B" }, '[0,"Invalid Arguments: meta","<now>"]'],
  [{ payload: "%7B" }, '[0,"Invalid JSON","<now>"]'],
  [{ query: "&store=2" }, '[0,"Invalid Arguments: store","<now>"]'],
];

for (const [at, [fault, refusal]] of ORDER.entries()) {
  test(`[PUB3 PUB5 PUB11] ${Object.keys(fault).join("")} is refused before all that comes after it`, async () => {
    await using network = await WireNetwork.start();
    const later = ORDER.slice(at).map(([one]) => one);
    const { pub, sub, channel, meta, payload, query }: Faults = Object.assign({}, FAULTLESS, ...later);
    const path = `${pub}/${sub}/0/${channel}/0`;
    const expected = { status: 400, body: refusal.replace("<now>", network.now) };
    const body = decodeURIComponent(payload);
    const parameters = `meta=${meta}${query}`;
    expect(await network.ask(`/publish/${path}/${payload}?${parameters}`)).toEqual(expected);
    expect(await network.ask(`/publish/${path}?${parameters}`, { method: "POST", body })).toEqual(expected);
    expect(await network.ask(`/v2/publish/${path}?${parameters}`, { method: "POST", body })).toEqual(expected);
    if (!("meta" in fault)) expect(await network.ask(`/signal/${path}/${payload}?${parameters}`)).toEqual(expected);
    await network.sent("/publish/demo/demo/0/last/0/1");
    expect((await network.poll("last,room", "tt=1")).body).not.toContain('"c":"room"');
  });
}

test("[PUB3] what cannot be taken in is refused before its keys are looked at", async () => {
  await using network = await WireNetwork.start();
  const unreadable = '{"message":"Could Not Parse Request","error":true,"service":"Access Manager","status":400}';
  expect(await network.ask("/publish/wrong/wrong/0/room/0/%ff")).toEqual({ status: 400, body: unreadable });
  const broken = { method: "POST", body: new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]) };
  const body = `[0,"Invalid JSON","${network.now}"]`;
  expect(await network.ask("/publish/wrong/wrong/0/room/0", broken)).toEqual({ status: 400, body });
});

const KEYS: Readonly<Record<string, string>> = {
  "wrong/demo": '[0,"Invalid Key","<now>"]',
  "/demo": '[0,"Invalid Key","<now>"]',
  "Demo/demo": '[0,"Invalid Key","<now>"]',
  "demo/wrong": '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}',
  "demo/": '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}',
};

for (const [keys, refusal] of Object.entries(KEYS)) {
  test(`[PUB5] the keys ${keys}`, async () => {
    await using network = await WireNetwork.start();
    const expected = { status: 400, body: refusal.replace("<now>", network.now) };
    expect(await network.ask(`/publish/${keys}/0/room/0/1`)).toEqual(expected);
    expect(await network.ask(`/publish/${keys}/0/room/0`, { method: "POST", body: "1" })).toEqual(expected);
    expect(await network.ask(`/v2/publish/${keys}/0/room/0`, { method: "POST", body: "1" })).toEqual(expected);
    expect(await network.ask(`/signal/${keys}/0/room/0/1`)).toEqual(expected);
  });
}

const RESERVED = "Invalid Channel: presence names and wildcards cannot be published to";
const REFUSED: readonly (readonly [rules: string, path: string, message: string])[] = [
  ["[PUB3 CHN2]", "a%2Cb/0/1", "Invalid Channel"],
  ["[PUB3 CHN2]", "a%2Ab/0/1", "Invalid Channel"],
  ["[PUB3 CHN2]", "a%5Cb/0/1", "Invalid Channel"],
  ["[PUB3 CHN2]", "a%20b/0/1", "Invalid Channel"],
  ["[PUB3 CHN2]", "a%00b/0/1", "Invalid Channel"],
  ["[PUB3 CHN2]", "/0/1", "Invalid Channel"],
  ["[PUB3 CHN1]", `${"x".repeat(93)}/0/1`, "Invalid Channel"],
  ["[PUB3 CHN3]", "room-pnpres/0/1", RESERVED],
  ["[PUB3 CHN3]", "a.%2A/0/1", RESERVED],
  ["[PUB3 JSN1]", "room/0/hi", "Invalid JSON"],
  ["[PUB3 JSN1]", "room/0/", "Invalid JSON"],
  ["[PUB3 JSN1]", "room/0/%22hi", "Invalid JSON"],
  ["[PUB3 JSN1]", "room/0/1%202", "Invalid JSON"],
  ["[PUB3 JSN1]", "room/0/01", "Invalid JSON"],
  ["[PUB3 JSN1]", `room/0/${"[".repeat(129)}${"]".repeat(129)}`, "Invalid JSON"],
  ["[PUB11]", "room/0/1?meta=%7B%22a%22", "Invalid Arguments: meta"],
  ["[PUB11]", "room/0/1?meta=hi", "Invalid Arguments: meta"],
  ["[PUB11]", "room/0/1?store=2", "Invalid Arguments: store"],
  ["[PUB11]", "room/0/1?store=-1", "Invalid Arguments: store"],
  ["[PUB11]", "room/0/1?store=toString", "Invalid Arguments: store"],
  ["[PUB11]", "room/0/1?ttl=1h", "Invalid Arguments: ttl"],
  ["[PUB11]", "room/0/1?ttl=1e3", "Invalid Arguments: ttl"],
  ["[PUB11]", "room/0/1?ttl=.5", "Invalid Arguments: ttl"],
  ["[PUB11]", "room/0/1?ttl=1234567890", "Invalid Arguments: ttl"],
  ["[PUB11]", "room/0/1?seqn=-1", "Invalid Arguments: seqn"],
  ["[PUB11]", "room/0/1?seqn=1.5", "Invalid Arguments: seqn"],
  ["[PUB11]", "room/0/1?seqn=2147483648", "Invalid Arguments: seqn"],
  ["[PUB11]", "room/0/1?ortt=17326051234567890", "Invalid Arguments: ortt"],
  ["[PUB11]", "room/0/1?ortt=%7B%22t%22%3A%22x%22%7D", "Invalid Arguments: ortt"],
  ["[PUB11]", "room/0/1?ortt=%7B%22r%22%3A1%7D", "Invalid Arguments: ortt"],
  ["[PUB11]", "room/0/1?ortt=%7B%22t%22%3A1", "Invalid Arguments: ortt"],
  ["[PUB11]", "room/0/1?ortt=%7B%22t%22%3A1%2C%22x%22%3A2%7D", "Invalid Arguments: ortt"],
  ["[PUB11]", `room/0/1?uuid=${"x".repeat(93)}`, "Invalid Arguments: uuid"],
  ["[PUB11]", "room/0/1?uuid=a%07b", "Invalid Arguments: uuid"],
  ["[PUB11]", "room/0/1?custom_message_type=pn_a", "Invalid Arguments: custom_message_type"],
  ["[PUB13]", "room/0/1?ptto=17326051234567890", "Invalid Arguments: ptto"],
  ["[PUB13]", "room/0/1?ptto=x", "Invalid Arguments: ptto"],
];

for (const [rules, path, message] of REFUSED) {
  test(`${rules} ${path.slice(0, 60)} is refused: ${message}`, async () => {
    await using network = await WireNetwork.start();
    const expected = { status: 400, body: JSON.stringify([0, message, network.now]) };
    expect(await network.ask(`/publish/demo/demo/0/${path}`)).toEqual(expected);
  });
}

const BODIES: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  empty: "",
  "white space": " \n",
  "no JSON": "hi",
  "two values": "1 2",
  "not UTF-8": new Uint8Array([0x22, 0xff, 0x22]),
  "a broken zlib stream": new Uint8Array([0x78, 0x9c, 1, 2, 3]),
  "half a gzip stream": new Uint8Array(gzipSync('"hi"').subarray(0, 15)),
  "compressed, and no JSON": new Uint8Array(gzipSync("hi")),
};

for (const [what, body] of Object.entries(BODIES)) {
  test(`[PUB3 JSN1 WIRE14] a body that is ${what} is refused: Invalid JSON`, async () => {
    await using network = await WireNetwork.start();
    const expected = { status: 400, body: `[0,"Invalid JSON","${network.now}"]` };
    expect(await network.ask("/publish/demo/demo/0/room/0", { method: "POST", body })).toEqual(expected);
    expect(await network.ask("/v2/publish/demo/demo/0/room/0", { method: "POST", body })).toEqual(expected);
  });
}

test("[PUB3 PUB13] a timetoken of the publisher's own is refused in every form, after the payload", async () => {
  await using network = await WireNetwork.start();
  const post = { method: "POST", body: "1" };
  const ptto = { status: 400, body: `[0,"Invalid Arguments: ptto","${network.now}"]` };
  expect(await network.ask("/publish/demo/demo/0/room/0?ptto=1", post)).toEqual(ptto);
  expect(await network.ask("/v2/publish/demo/demo/0/room/0?ptto=1", post)).toEqual(ptto);
  expect(await network.ask("/signal/demo/demo/0/room/0/1?ptto=1")).toEqual(ptto);
  const payload = { status: 400, body: `[0,"Invalid JSON","${network.now}"]` };
  expect(await network.ask("/publish/demo/demo/0/room/0/hi?ptto=1")).toEqual(payload);
});
