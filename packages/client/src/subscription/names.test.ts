import { expect, test } from "bun:test";
import { PubNubError } from "../errors.ts";
import { NO_NAMES, type Names, readTimetoken, withNames, withoutNames } from "./names.ts";

const channelsAlone = (...channels: readonly string[]): Names => ({ channels, groups: [] });

test("[SDK12 SDK35] names are joined with those there are, each once", () => {
  expect(withNames(channelsAlone("b"), { channels: ["c", "a", "b", "a", "news.*"] })).toEqual(
    channelsAlone("a", "b", "c", "news.*"),
  );
  expect(withNames({ channels: ["a"], groups: ["h"] }, { channelGroups: ["ns:g", "h"] })).toEqual({
    channels: ["a"],
    groups: ["h", "ns:g"],
  });
});

test("[SDK22 SDK35] with presence, companions come along; a companion has none of its own", () => {
  const more = { channels: ["room", "a.*", "x-pnpres"], channelGroups: ["g", "h-pnpres"], withPresence: true };
  expect(withNames(channelsAlone("z"), more)).toEqual({
    channels: ["a.*", "a.*-pnpres", "room", "room-pnpres", "x-pnpres", "z"],
    groups: ["g", "g-pnpres", "h-pnpres"],
  });
});

test("[SDK16 SDK22 SDK35] names are taken out with their companions; unknown ones do nothing", () => {
  const present = { channels: ["a", "a-pnpres", "b", "b-pnpres", "c"], groups: ["a", "g", "g-pnpres"] };
  expect(withoutNames(present, { channels: ["a", "unknown"] })).toEqual({
    channels: ["b", "b-pnpres", "c"],
    groups: present.groups,
  });
  expect(withoutNames(present, { channels: ["b-pnpres"], channelGroups: ["g"] })).toEqual({
    channels: ["a", "a-pnpres", "b", "c"],
    groups: ["a"],
  });
});

const REFUSED: Readonly<Record<string, () => unknown>> = {
  "no channels": () => withNames(NO_NAMES, { channels: [] }),
  "a text for a list": () => withNames(NO_NAMES, { channels: "room" as never }),
  "an empty name": () => withNames(NO_NAMES, { channels: ["room", ""] }),
  "a group that is no name": () => withNames(NO_NAMES, { channelGroups: ["a*"] }),
  "a number": () => withNames(NO_NAMES, { channels: [7 as never] }),
  "a comma": () => withNames(NO_NAMES, { channels: ["a,b"] }),
  "a slash": () => withNames(NO_NAMES, { channels: ["a/b"] }),
  "a space": () => withNames(NO_NAMES, { channels: ["a b"] }),
  "a name that an address resolves away": () => withNames(NO_NAMES, { channels: [".."] }),
  "half of a character": () => withNames(NO_NAMES, { channels: ["a\ud800"] }),
  "no list to take out": () => withoutNames(NO_NAMES, undefined),
  "a timetoken that is a number": () => readTimetoken(17_326_051_234_567_890),
  "a timetoken of 18 digits": () => readTimetoken("173260512345678901"),
  "a timetoken of words": () => readTimetoken("now"),
  "a timetoken of nothing": () => readTimetoken(""),
};
for (const [why, run] of Object.entries(REFUSED)) {
  test(`[SDK25] refuses ${why}`, () => {
    expect(run).toThrow(PubNubError);
    expect(run).toThrow(/^The subscription was not changed: (?:channels|channelGroups|timetoken) .*\.$/);
  });
}

test("[SDK12] a timetoken of zero asks for now, as does none", () => {
  expect(["0", "00000000000000000", undefined].map(readTimetoken)).toEqual([undefined, undefined, undefined]);
  expect(readTimetoken("17326051234567890")).toBe("17326051234567890");
});
