import { expect, test } from "bun:test";
import { KEYSET_SETTINGS } from "@longwave/server";
import { rowOf } from "./keys.ts";
import { printLines, printTable } from "./table.ts";
import { paintWhere } from "./terminal.ts";

const plain = paintWhere(false);

test("[CLI40 CLI44] a table has a line of titles and columns as wide as they need, and nothing of a cell leaves its line", () => {
  const rows = [
    ["anna", "a longer cell", ""],
    ["b\n\u001b[31m", "c", "d"],
  ];
  expect(printTable(["name", "what", "more"], rows, plain)).toBe(
    ["name     what           more", "anna     a longer cell", "b��[31m  c              d", ""].join("\n"),
  );
  expect(printTable(["name"], [], paintWhere(true))).toBe("\u001b[2mname\u001b[0m\n");
});

test("[CLI40] a keyset's row tells what is not as it is by itself", () => {
  const defaults = Object.fromEntries(Object.entries(KEYSET_SETTINGS).map(([name, row]) => [name, row.default]));
  const keys = { name: "shop", subscribeKey: "sub", publishKey: "pub" };
  expect(rowOf({ ...keys, settings: { ...defaults, accessManager: false } })).toEqual([
    "shop",
    "sub",
    "pub",
    "open",
    "",
  ]);
  const settings = { ...defaults, accessManager: true, retentionDays: 30, keepsHistory: false };
  expect(rowOf({ ...keys, settings })).toEqual([
    "shop",
    "sub",
    "pub",
    "guarded",
    "keepsHistory=false retentionDays=30",
  ]);
});

test("[CLI40 CLI44] lines are JSON, one each", () => {
  expect(printLines([{ a: 1 }, { b: "\n" }])).toBe('{"a":1}\n{"b":"\\n"}\n');
});
