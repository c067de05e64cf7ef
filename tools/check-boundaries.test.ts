import { expect, test } from "bun:test";
import { violationsOf } from "./check-boundaries.ts";

const CROSSINGS: Readonly<Record<string, string>> = {
  "packages/protocol/src/a.ts": 'import { x } from "node:fs";',
  "packages/client/src/a.ts": 'import { x } from "@longwave/server";',
  "packages/server/src/edge/a.ts": "const now = Date.now();",
  "packages/server/src/channels/a.ts": 'import { x } from "../edge/listener.ts";',
  "packages/server/src/channels/b.ts": 'import { x } from "../adapters/embedded/schema.ts";',
  "packages/server/src/adapters/embedded/a.ts": 'import { x } from "../../channels/publish.ts";',
};
for (const [path, source] of Object.entries(CROSSINGS)) {
  test(`violationsOf() sees ${source} in ${path}`, () => expect(violationsOf(path, source)).toHaveLength(1));
}

test("violationsOf() lets main.ts build adapters and the system clock read the time", () => {
  expect(violationsOf("packages/server/src/main.ts", 'from "./adapters/embedded/schema.ts"')).toEqual([]);
  expect(violationsOf("packages/server/src/adapters/embedded/system-clock.ts", "Date.now()")).toEqual([]);
});
