import { expect, test } from "bun:test";
import { hasControlCharacter } from "@longwave/protocol";
import fc from "fast-check";
import { KEYSET, message } from "../../../conformance/fixtures.ts";
import { parseExportLine, printExportLine } from "./export-line.ts";

const TOKEN = 17_326_051_234_567_890n;
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((one) => !hasControlCharacter(one) && one.isWellFormed());
const json = fc.json().map((value) => JSON.stringify(JSON.parse(value)));

test("[OPS26 OPS28] a line that is printed is read as the same message, whatever it says", () => {
  const actions = fc.array(
    fc.record({ timetoken: fc.constant(TOKEN + 1n), type: text, value: text, uuid: text }).map((action) => ({
      ...action,
      messageTimetoken: TOKEN,
    })),
    { maxLength: 3 },
  );
  const messages = fc
    .record({
      payload: fc.oneof(json, fc.constant('{"n":12345678901234567890,"e":1.0,"u":"\\u00e9\\/"}')),
      meta: fc.option(json, { nil: undefined }),
      publisher: fc.option(text, { nil: undefined }),
      customMessageType: fc.option(text, { nil: undefined }),
      sequence: fc.option(fc.nat(), { nil: undefined }),
      eventType: fc.constantFrom(undefined, 4 as const),
      ttlHours: fc.constantFrom(undefined, 1, 0.1, 1 / 3, 87_600),
    })
    .map((given) => message({ timetoken: TOKEN, channel: "a:b|é", ...given }));
  fc.assert(
    fc.property(messages, actions, (one, its) => {
      const line = printExportLine({ message: one, actions: its });
      expect(line).not.toContain("\n");
      const read = parseExportLine(line, KEYSET);
      expect(read.kind).toBe("message");
      if (read.kind !== "message") return;
      expect(printExportLine(read)).toBe(line);
      expect({ ...read.message, ttlHours: 0 }).toEqual({ ...one, ttlHours: 0 });
      expect(read.actions).toEqual(its);
    }),
  );
});

test("[OPS26] a line has its members in a fixed order and leaves out what does not apply", () => {
  const given = { payload: '{"n":12345678901234567890}', meta: '{"x":1.50}', publisher: 'a"b', eventType: 4 as const };
  const action = { timetoken: TOKEN + 1n, messageTimetoken: TOKEN, type: "reaction", value: "smile", uuid: "bob" };
  const file = message({ timetoken: TOKEN, ...given, sequence: 7, customMessageType: "text", ttlHours: 1 });
  expect(printExportLine({ message: file, actions: [action] })).toBe(
    `{"channel":"room","timetoken":"${TOKEN}","publisher":"a\\"b","sequence":7,"type":4,"customMessageType":"text",` +
      `"expires":"${TOKEN + 36_000_000_000n}","message":{"n":12345678901234567890},"meta":{"x":1.50},` +
      `"actions":[{"timetoken":"${TOKEN + 1n}","type":"reaction","value":"smile","uuid":"bob"}]}`,
  );
  expect(printExportLine({ message: message({ timetoken: TOKEN }), actions: [] })).toBe(
    `{"channel":"room","timetoken":"${TOKEN}","message":"hi"}`,
  );
});

const line = (members: string): string => `{"channel":"room","timetoken":"${TOKEN}","message":1${members}}`;
const UNUSABLE: Readonly<Record<string, readonly [text: string, why: string]>> = {
  "no JSON": ["hello", "it is not JSON"],
  "half a line": [line("").slice(0, -1), "it is not JSON"],
  "a list": ["[]", "it is no JSON object"],
  "no channel": [`{"timetoken":"${TOKEN}","message":1}`, "it has no channel"],
  "a channel that cannot be": [
    `{"channel":"a,b","timetoken":"${TOKEN}","message":1}`,
    "no channel can be called what it names",
  ],
  "a timetoken that is a number": [`{"channel":"a","timetoken":${TOKEN},"message":1}`, "it has no timetoken"],
  "a short timetoken": ['{"channel":"a","timetoken":"12","message":1}', "its timetoken is not a string of 17 digits"],
  "no message": [`{"channel":"a","timetoken":"${TOKEN}"}`, "it has no message"],
  "a message nested too deeply": [
    line(`,"message":${"[".repeat(129)}${"]".repeat(129)}`),
    "its message is nested too deeply or is not Unicode",
  ],
  "a signal": [line(',"type":1'), "its type is not one that history keeps"],
  "an expiry before its time": [line(`,"expires":"${TOKEN}"`), "it expires before it was published"],
  "a publisher with a line feed": [line(',"publisher":"a\\nb"'), "its publisher has a control character"],
  "a sequence of words": [line(',"sequence":"one"'), "its sequence is not a whole number"],
  "actions that are no list": [line(',"actions":{}'), "its actions are no list"],
  "an action without a value": [
    line(`,"actions":[{"timetoken":"${TOKEN}","type":"a","value":"","uuid":"b"}]`),
    "it has no value",
  ],
};
for (const [what, [given, why]] of Object.entries(UNUSABLE)) {
  test(`[OPS29] ${what} is no line of an export`, () => {
    expect(parseExportLine(given, KEYSET)).toEqual({ kind: "unusable", why });
  });
}
