import { expect, test } from "bun:test";
import { type AccessRow, PERMISSION_TABLE } from "./permission-table.ts";

const READS = "read channel in path:channels, read group in query:channel-group";

/** What the wire's own table says, for the routes that it knows; written anew here so that a slip in ours shows. */
const EXPECTED: Readonly<Record<string, string>> = {
  time: "open",
  publish: "write channel in path:channel",
  publishBody: "write channel in path:channel",
  publishLarge: "write channel in path:channel",
  signal: "write channel in path:channel",
  subscribe: READS,
  subscribeLegacy: READS,
  pushChannels: "read channel in query:add, read channel in query:remove",
  pushTopicChannels: "read channel in query:add, read channel in query:remove",
  grantToken: "signature",
  revokeToken: "signature",
  grant: "signature",
  audit: "signature",
};

function describe(row: AccessRow): string {
  if (row.kind !== "resources") return row.kind;
  return row.needs.map(({ kind, permission, from, name }) => `${permission} ${kind} in ${from}:${name}`).join(", ");
}

for (const [route, expected] of Object.entries(EXPECTED)) {
  test(`the table [ACC40] asks of ${route}: ${expected}`, () => {
    expect(describe(PERMISSION_TABLE[route as keyof typeof PERMISSION_TABLE])).toBe(expected);
  });
}

test("the table [ACC40] leaves nothing open but what tells nothing of a keyset", () => {
  const open = Object.entries(PERMISSION_TABLE).filter(([, row]) => row.kind === "open");
  expect(open.map(([route]) => route).toSorted()).toEqual([
    "health",
    "metrics",
    "pushRemoveDevice", // who knows a device's token may remove it; the wire asks for nothing
    "pushTopicRemoveDevice",
    "ready",
    "time",
    "whereNow", // which channels a uuid is on; the wire asks for nothing
    "whereNowUnderscore",
  ]);
});
