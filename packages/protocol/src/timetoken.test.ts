import { expect, test } from "bun:test";
import fc from "fast-check";
import { NetworkError } from "./network-error.ts";
import { msFromTimetoken, parseTimetoken, printTimetoken, timetokenFromMs } from "./timetoken.ts";

const READ: Readonly<Record<string, bigint>> = {
  "17326051234567890": 17326051234567890n,
  "0": 0n,
  "1732605123": 1732605123n,
  "99999999999999999": 99999999999999999n,
};
for (const [text, timetoken] of Object.entries(READ)) {
  test(`parseTimetoken() [TIM2] reads ${text}`, () => expect(parseTimetoken(text)).toBe(timetoken));
}

const REFUSED: Readonly<Record<string, string>> = {
  nothing: "",
  "a sign": "-1",
  "a plus": "+1",
  "a point": "1.5",
  "an exponent": "1e16",
  "a space": " 1",
  "18 digits": "173260512345678901",
  "hexadecimal digits": "0x10",
  "digits of another script": "١٢٣",
  words: "now",
};
for (const [why, text] of Object.entries(REFUSED)) {
  test(`parseTimetoken() [TIM2] refuses ${why}`, () => {
    expect(() => parseTimetoken(text)).toThrow(new NetworkError("cursorMalformed"));
  });
}

test("[TIM1] a timetoken is printed as 17 digits and read back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 99999999999999999n }), (timetoken) => {
      const text = printTimetoken(timetoken);
      expect(text).toMatch(/^\d{17}$/);
      expect(parseTimetoken(text)).toBe(timetoken);
    }),
  );
});

test("[TIM3] milliseconds become a timetoken and come back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_999_999_999_999 }), (wallMs) => {
      expect(msFromTimetoken(timetokenFromMs(wallMs))).toBe(wallMs);
    }),
  );
});
