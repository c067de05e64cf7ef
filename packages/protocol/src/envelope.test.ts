import { expect, test } from "bun:test";
import fc from "fast-check";
import { compactJson } from "./json-text.ts";
import {
  EVENT_TYPES,
  type Envelope,
  type SubscribeAnswer,
  classifyEnvelope,
  closeEnvelope,
  openEnvelope,
  printSubscribeAnswer,
} from "./envelope.ts";

const TIMETOKEN = 17326051234567890n;

test("[ENV1 WIRE1 WIRE7] an ordinary message has what every client needs, and no more", () => {
  const text = closeEnvelope(openEnvelope("demo", TIMETOKEN, { channel: "room", payload: '{"text":"hi"}' }), undefined);
  expect(text).toBe('{"a":"1","f":0,"p":{"t":"17326051234567890","r":12},"k":"demo","c":"room","d":{"text":"hi"}}');
});

test("[ENV1 WIRE2 WIRE8] every member stands in its place", () => {
  const draft = {
    channel: "news.sport",
    payload: '"goal"',
    eventType: EVENT_TYPES.signal,
    publisher: "alice",
    sequence: 7,
    meta: '{"lang":"en"}',
    customMessageType: "score",
    origination: '{"t":"17326051234567000"}',
  };
  expect(closeEnvelope(openEnvelope("demo", TIMETOKEN, draft), "news.*")).toBe(
    '{"a":"1","f":0,"e":1,"i":"alice","s":7,"p":{"t":"17326051234567890","r":12},"o":{"t":"17326051234567000"},' +
      '"k":"demo","c":"news.sport","d":"goal","u":{"lang":"en"},"cmt":"score","b":"news.*"}',
  );
});

test("[ENV1 ENV2] any names and payloads make JSON that reads back", () => {
  const anyText = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(anyText, anyText, anyText, fc.json(), (channel, publisher, matched, json) => {
      const payload = compactJson(json) ?? "null";
      const text = closeEnvelope(openEnvelope("demo", TIMETOKEN, { channel, publisher, payload }), matched);
      const envelope = JSON.parse(text) as Envelope;
      expect([envelope.c, envelope.i, envelope.b]).toEqual([channel, publisher, matched]);
      expect(text).toContain(`"d":${payload}`);
    }),
  );
});

test("[ENV5 WIRE3 WIRE4 WIRE5 WIRE10] an answer is compact, with its cursor as strings of 17 digits", () => {
  const empty = printSubscribeAnswer(TIMETOKEN, []);
  expect(empty).toBe('{"t":{"t":"17326051234567890","r":12},"m":[]}');
  expect(empty.length).toBeGreaterThanOrEqual(40);
  const { t } = JSON.parse(empty) as SubscribeAnswer;
  expect(t.r).toBeWithin(1, 128);
  expect(printSubscribeAnswer(1n, ["{}", "{}"])).toBe('{"t":{"t":"00000000000000001","r":12},"m":[{},{}]}');
});

const KINDS = [
  [{ c: "room" }, "message"],
  [{ c: "room-pnpres" }, "presence"],
  [{ c: "room", e: 0 }, "message"],
  [{ c: "room-pnpres", e: 1 }, "signal"],
  [{ c: "room", e: 1 }, "signal"],
  [{ c: "room", e: 2 }, "object"],
  [{ c: "room", e: 3 }, "messageAction"],
  [{ c: "room", e: 4 }, "file"],
  [{ c: "room", e: 5 }, undefined],
] as const;
for (const [envelope, kind] of KINDS) {
  test(`classifyEnvelope() [ENV6] ${JSON.stringify(envelope)} is ${kind ?? "ignored"}`, () => {
    expect(classifyEnvelope(envelope)).toBe(kind);
  });
}
