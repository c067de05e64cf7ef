import { expect, test } from "bun:test";
import { WireNetwork } from "./wire-network.ts";

const subscribeError = (message: string): string =>
  `{"message":"${message}","error":true,"service":"Subscribe","status":400}`;
const accessError = (message: string): string =>
  `{"message":"${message}","error":true,"service":"Access Manager","status":400}`;

const json = (cursor: string): string => `t=${encodeURIComponent(cursor)}`;

const REFUSED: readonly (readonly [rules: string, names: string, query: string, body: string])[] = [
  ["[SUB4 TIM2]", "room", "tt=abc", subscribeError("Invalid Timetoken")],
  ["[SUB4 TIM2]", "room", "tt=-1", subscribeError("Invalid Timetoken")],
  ["[SUB4 TIM2]", "room", "tt=+1", subscribeError("Invalid Timetoken")],
  ["[SUB4 TIM2]", "room", "tt=1.5", subscribeError("Invalid Timetoken")],
  ["[SUB4 TIM2]", "room", "tt=0x10", subscribeError("Invalid Timetoken")],
  ["[SUB4 TIM2]", "room", "tt=173260512345678901", subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json("17326051234567890"), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json("{}"), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":""}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":null,"r":12}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":-1}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":1.5}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":1e3}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":"173260512345678901"}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":1732605123456789012}'), subscribeError("Invalid Timetoken")],
  ["[SUB4 WIRE17]", "room", json('{"t":"1"'), subscribeError("Invalid Timetoken")],
  ["[SUB4]", ",", "", subscribeError("No Channel Specified")],
  ["[SUB4]", ",,%2C", "tt=1", subscribeError("No Channel Specified")],
  ["[SUB4]", "", "", subscribeError("No Channel Specified")],
  ["[SUB4]", ",", "channel-group=", subscribeError("No Channel Specified")],
  ["[SUB4]", ",", "tt=1&channel-group=g", accessError("Channel group or groups result in empty subscription set")],
  ["[SUB4 CHN2]", "room,a%2Fb", "", subscribeError("Invalid Channel")],
  ["[SUB4 CHN2]", "a%20b", "", subscribeError("Invalid Channel")],
  ["[SUB4 CHN1]", "x".repeat(102), "", subscribeError("Invalid Channel")],
  ["[SUB4]", "room", `uuid=${"x".repeat(93)}`, accessError("Invalid UUID")],
];

for (const [rules, names, query, body] of REFUSED) {
  test(`${rules} ${names.slice(0, 20)}?${query.slice(0, 40)} is refused`, async () => {
    await using network = await WireNetwork.start();
    expect(await network.poll(names, query)).toEqual({ status: 400, body });
  });
}

test("[PUB5] an unknown subscribe key cannot subscribe, in either form", async () => {
  await using network = await WireNetwork.start();
  const expected = { status: 400, body: accessError("Invalid Subscribe Key") };
  expect(await network.ask("/v2/subscribe/wrong/room/0")).toEqual(expected);
  expect(await network.ask("/subscribe/wrong/room/0/0")).toEqual(expected);
});

const many = (count: number): string => Array.from({ length: count }, (_, at) => `c${at}`).join(",");

test("[SUB4 SUB10] 2,000 names are answered, however often repeated, and 2,001 are not", async () => {
  await using network = await WireNetwork.start();
  await network.publish("c1999", "1");
  const { status, body } = await network.poll(`${many(2_000)},${many(500)}`, "tt=1");
  expect([status, body.slice(body.indexOf(',"b"'))]).toEqual([200, ',"b":"c1999"}]}']);
  const refused = { status: 400, body: subscribeError("Too Many Channels") };
  expect(await network.poll(many(2_001), "tt=1")).toEqual(refused);
  expect(await network.ask(`/subscribe/demo/${many(2_001)}/0/1`)).toEqual(refused);
});
