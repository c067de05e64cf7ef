import { expect, test } from "bun:test";
import { type Wanted, readWanted } from "./file-conditions.ts";

const FILE = { bytes: 10, digest: "d1" };
const EMPTY = { bytes: 0, digest: "d0" };
const WHOLE: Wanted = { kind: "whole" };
const BEYOND: Wanted = { kind: "beyond" };
const range = (from: number, to: number): Wanted => ({ kind: "range", range: { from, to } });

const RANGES: readonly (readonly [text: string, wanted: Wanted])[] = [
  ["bytes=0-9", range(0, 10)],
  ["bytes=0-0", range(0, 1)],
  ["bytes=9-9", range(9, 10)],
  ["bytes=3-5", range(3, 6)],
  ["bytes=3-", range(3, 10)],
  ["bytes=3-99", range(3, 10)],
  ["bytes=-3", range(7, 10)],
  ["bytes=-99", range(0, 10)],
  ["BYTES=1-2 ", range(1, 3)],
  ["bytes=10-", BEYOND],
  ["bytes=10-20", BEYOND],
  ["bytes=999999999999999-", BEYOND],
  ["bytes=-0", BEYOND],
  ["bytes=5-4", WHOLE],
  ["bytes=-", WHOLE],
  ["bytes=", WHOLE],
  ["bytes=0-1,3-4", WHOLE],
  ["bytes=x-1", WHOLE],
  ["bytes=0x1-2", WHOLE],
  ["bytes=1-2-3", WHOLE],
  ["bytes=9999999999999999-", WHOLE],
  ["items=0-1", WHOLE],
  ["", WHOLE],
];
for (const [text, wanted] of RANGES) {
  test(`readWanted() [FIL26] Range: ${text} of ten bytes`, () => {
    expect(readWanted(new Headers({ Range: text }), FILE)).toEqual(wanted);
  });
}

test("readWanted() [FIL26] no byte of an empty file lies in a range", () => {
  expect(readWanted(new Headers(), EMPTY)).toEqual(WHOLE);
  for (const text of ["bytes=0-", "bytes=0-0", "bytes=-1"]) {
    expect(readWanted(new Headers({ Range: text }), EMPTY)).toEqual(BEYOND);
  }
});

const TAGS: readonly (readonly [header: string, value: string, wanted: Wanted])[] = [
  ["If-None-Match", '"d1"', { kind: "unchanged" }],
  ["If-None-Match", 'W/"d1"', { kind: "unchanged" }],
  ["If-None-Match", '"x", "d1"', { kind: "unchanged" }],
  ["If-None-Match", "*", { kind: "unchanged" }],
  ["If-None-Match", '"d2"', range(0, 1)],
  ["If-None-Match", "d1", range(0, 1)],
  ["If-Range", '"d1"', range(0, 1)],
  ["If-Range", '"d2"', WHOLE],
  ["If-Range", 'W/"d1"', WHOLE],
  ["If-Range", "Tue, 26 Nov 2024 07:12:03 GMT", WHOLE],
];
for (const [header, value, wanted] of TAGS) {
  test(`readWanted() [FIL26 FIL28] ${header}: ${value} beside a range`, () => {
    expect(readWanted(new Headers({ Range: "bytes=0-0", [header]: value }), FILE)).toEqual(wanted);
  });
}
