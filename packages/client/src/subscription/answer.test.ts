import { expect, test } from "bun:test";
import fc from "fast-check";
import { itemOf } from "../by-hand.ts";
import { isForGood, readSubscribeAnswer } from "./answer.ts";

const CURSOR = { t: "17326051234567890", r: 12 };

test("[SDK23] an answer is read with its items", () => {
  const items = [itemOf("room", { text: "hi" }, { b: "ro.*", u: { lang: "en" }, cmt: "chat" }), itemOf("room", null)];
  expect(readSubscribeAnswer(JSON.stringify({ t: CURSOR, m: items }))).toEqual({
    t: CURSOR,
    m: items as never,
    gaps: [],
    offersStream: false,
    knowsIds: false,
  });
});

test("[SDK41 SDK42] what a network of this kind adds is read, and nothing that is malformed", () => {
  const gap = { channel: "room", from: "1", to: "2" };
  const malformed = [null, { ...gap, channel: 7 }, { ...gap, from: 1 }, { channel: "room", from: "1" }];
  const read = (more: object) => readSubscribeAnswer(JSON.stringify({ t: CURSOR, m: [], ...more }));
  expect(read({ gap: [gap, ...malformed], lw: { ws: true, idem: true } })).toMatchObject({
    gaps: [gap],
    offersStream: true,
    knowsIds: true,
  });
  for (const lw of [null, 7, {}, { ws: 1, idem: "yes" }])
    expect(read({ lw, gap: {} })).toMatchObject({ gaps: [], offersStream: false, knowsIds: false });
});

const MALFORMED: Readonly<Record<string, unknown>> = {
  "no object": 7,
  null: null,
  "an array": [[], "17326051234567890"],
  "no cursor": { m: [] },
  "no items": { t: CURSOR },
  "a cursor that is a number": { t: { t: 17_326_051_234_567_890, r: 12 }, m: [] },
  "a cursor that is no number": { t: { t: "now", r: 12 }, m: [] },
  "a cursor without a region": { t: { t: "17326051234567890" }, m: [] },
  "items that are no list": { t: CURSOR, m: {} },
};
for (const [why, body] of Object.entries(MALFORMED)) {
  test(`[SDK13] ${why} is no answer`, () => expect(readSubscribeAnswer(JSON.stringify(body))).toBeUndefined());
}

const NO_ENVELOPES: Readonly<Record<string, unknown>> = {
  null: null,
  "a text": "hi",
  "no channel": { ...itemOf("room", 1), c: undefined },
  "a channel that is no text": { ...itemOf("room", 1), c: 7 },
  "no timetoken": { ...itemOf("room", 1), p: {} },
  "a timetoken that is a number": { ...itemOf("room", 1), p: { t: 17_326_051_234_567_890, r: 12 } },
  "a publisher that is no text": { ...itemOf("room", 1), i: 7 },
  "a match that is null": { ...itemOf("room", 1), b: null },
  "a type that is a text": { ...itemOf("room", 1), e: "1" },
  "a custom type that is no text": { ...itemOf("room", 1), cmt: {} },
};
for (const [why, item] of Object.entries(NO_ENVELOPES)) {
  test(`[SDK23] ${why} is no envelope, and the others of the answer stay`, () => {
    const good = itemOf("room", 2);
    expect(readSubscribeAnswer(JSON.stringify({ t: CURSOR, m: [item, good] }))?.m).toEqual([good as never]);
  });
}

test("[SDK23] no text makes reading throw", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readSubscribeAnswer(text)));
});

test("[SDK13 SDK14] 4xx ends the attempts, but for those that pass by themselves", () => {
  expect([400, 401, 403, 404, 414, 481].map(isForGood)).toEqual([true, true, true, true, true, true]);
  expect([200, 408, 425, 429, 500, 502, 503].map(isForGood)).toEqual([false, false, false, false, false, false, false]);
});
