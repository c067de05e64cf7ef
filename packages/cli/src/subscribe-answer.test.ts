import { expect, test } from "bun:test";
import { type EnvelopeDraft, closeEnvelope, openEnvelope, printSubscribeAnswer } from "@longwave/protocol";
import fc from "fast-check";
import { printDelivery, readSubscribeAnswer } from "./subscribe-answer.ts";

const T = 17_326_051_234_567_890n;

function answerOf(drafts: readonly EnvelopeDraft[], matched?: string): string {
  return printSubscribeAnswer(
    T,
    drafts.map((draft) => closeEnvelope(openEnvelope("demo", T, draft), matched)),
  );
}

function linesOf(text: string): readonly string[] | undefined {
  return readSubscribeAnswer(text)?.deliveries.map(printDelivery);
}

const START = '{"channel":"a","timetoken":"17326051234567890"';
const LINES: Readonly<Record<string, readonly [string, string]>> = {
  "a message": [answerOf([{ channel: "a", payload: '"hi"' }]), `${START},"kind":"message","message":"hi"}`],
  "a signal": [answerOf([{ channel: "a", payload: "1", eventType: 1 }]), `${START},"kind":"signal","message":1}`],
  "a publisher": [
    answerOf([{ channel: "a", payload: "1", publisher: 'me "x"' }]),
    String.raw`${START},"kind":"message","publisher":"me \"x\"","message":1}`,
  ],
  "everything else": [
    answerOf([{ channel: "a", payload: "[]", meta: '{"b":1.0}', customMessageType: "note" }], "a.*"),
    `${START},"kind":"message","subscription":"a.*","customMessageType":"note","message":[],"meta":{"b":1.0}}`,
  ],
  "digits and escapes": [
    answerOf([{ channel: "a", payload: String.raw`{"n":12345678901234567890,"m":1e400,"s":"\u00e9\/"}` }]),
    String.raw`${START},"kind":"message","message":{"n":12345678901234567890,"m":1e400,"s":"\u00e9\/"}}`,
  ],
};
for (const [what, [answer, line]] of Object.entries(LINES)) {
  test(`printDelivery() [CLI12 CLI13] prints ${what}`, () => expect(linesOf(answer)).toEqual([line]));
}

test("readSubscribeAnswer() [CLI12] reads the cursor, and leaves out kinds of events it does not know", () => {
  const unknown = answerOf([{ channel: "a", payload: "1", eventType: 4 }]).replace('"e":4', '"e":99');
  expect(readSubscribeAnswer(unknown)).toEqual({ timetoken: String(T), region: "12", deliveries: [] });
});

const NO_ANSWERS = [
  "",
  "nope",
  "[]",
  "null",
  "{}",
  '{"t":{"t":"1"},"m":[]}',
  '{"t":{"t":"1","r":1}}',
  '{"t":1,"m":[]}',
];
for (const text of [...NO_ANSWERS, '{"t":{"t":"1","r":1},"m":{}}', '{"t":{"t":"1","r":1},"m":[]']) {
  test(`readSubscribeAnswer() [CLI5] takes ${JSON.stringify(text)} for no answer`, () => {
    expect(readSubscribeAnswer(text)).toBeUndefined();
  });
}

test("[CLI13] what is published as JSON text is what is read, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.json({ maxDepth: 4 })), (payloads) => {
      const compact = payloads.map((payload) => JSON.stringify(JSON.parse(payload)));
      const answer = readSubscribeAnswer(answerOf(compact.map((payload) => ({ channel: "a", payload }))));
      expect(answer?.deliveries.map(({ payloadJson }) => payloadJson)).toEqual(compact);
    }),
  );
});
