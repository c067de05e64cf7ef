import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { startQuietly } from "./demo-network.ts";
import type { Json } from "./pubnub-client.ts";

const PROGRAM = fileURLToPath(new URL("./node-client.mjs", import.meta.url));
const PAYLOADS: readonly Json[] = [
  "x".repeat(30_000),
  "x".repeat(30_000),
  "漢字 👩‍👩‍👧‍👦 \u2028 \"'\\/ %+&=?# \uD800",
  { a: [1, [2, [2 ** 53, -1.5e-7]]], b: null, c: true },
  ...Array.from({ length: 300 }, (_, index) => index + 1),
];

test("[IOP13] under Node, what the client publishes is what it receives", async () => {
  const network = await startQuietly();
  try {
    const child = Bun.spawn(["node", PROGRAM, new URL(network.url).host, "node"], {
      stdin: new TextEncoder().encode(JSON.stringify(PAYLOADS)),
      stdout: "pipe",
      stderr: "inherit",
      timeout: 20_000,
    });
    const output = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    expect(JSON.parse(output)).toEqual(PAYLOADS.map((message, index) => ({ message, meta: { index } })));
  } finally {
    await network.stop();
  }
});
