import { expect, test } from "bun:test";
import { PubNubError } from "../errors.ts";
import { readTimetoken, withNames, withoutNames } from "./names.ts";

test("[SDK12] names are joined with those there are, each once", () => {
  expect(withNames(["b"], { channels: ["c", "a", "b", "a", "news.*"] })).toEqual(["a", "b", "c", "news.*"]);
});

test("[SDK22] with presence, companions come along; a companion has none of its own", () => {
  expect(withNames(["z"], { channels: ["room", "a.*", "x-pnpres"], withPresence: true })).toEqual([
    "a.*",
    "a.*-pnpres",
    "room",
    "room-pnpres",
    "x-pnpres",
    "z",
  ]);
});

test("[SDK16 SDK22] names are taken out with their companions; unknown ones do nothing", () => {
  const present = ["a", "a-pnpres", "b", "b-pnpres", "c"];
  expect(withoutNames(present, ["a", "unknown"])).toEqual(["b", "b-pnpres", "c"]);
  expect(withoutNames(present, ["b-pnpres"])).toEqual(["a", "a-pnpres", "b", "c"]);
});

const REFUSED: Readonly<Record<string, () => unknown>> = {
  "no channels": () => withNames([], { channels: [] }),
  "a text for a list": () => withNames([], { channels: "room" as never }),
  "an empty name": () => withNames([], { channels: ["room", ""] }),
  "a number": () => withNames([], { channels: [7 as never] }),
  "a comma": () => withNames([], { channels: ["a,b"] }),
  "a slash": () => withNames([], { channels: ["a/b"] }),
  "a space": () => withNames([], { channels: ["a b"] }),
  "a name that an address resolves away": () => withNames([], { channels: [".."] }),
  "half of a character": () => withNames([], { channels: ["a\ud800"] }),
  "no list to take out": () => withoutNames([], undefined as never),
  "a timetoken that is a number": () => readTimetoken(17_326_051_234_567_890),
  "a timetoken of 18 digits": () => readTimetoken("173260512345678901"),
  "a timetoken of words": () => readTimetoken("now"),
  "a timetoken of nothing": () => readTimetoken(""),
};
for (const [why, run] of Object.entries(REFUSED)) {
  test(`[SDK25] refuses ${why}`, () => {
    expect(run).toThrow(PubNubError);
    expect(run).toThrow(/^The subscription was not changed: (?:channels|timetoken) .*\.$/);
  });
}

test("[SDK12] a timetoken of zero asks for now, as does none", () => {
  expect(["0", "00000000000000000", undefined].map(readTimetoken)).toEqual([undefined, undefined, undefined]);
  expect(readTimetoken("17326051234567890")).toBe("17326051234567890");
});
