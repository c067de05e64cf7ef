import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SILENT_LOG, startNetwork } from "@longwave/server";

/** What Node runs: publishes to itself by GET and by POST, sends a signal, and prints what it was told. */
const PROGRAM = `
const { PubNub } = await import(process.argv[1]);
const client = new PubNub({
  subscribeKey: "demo", publishKey: "demo", userId: "node", origin: process.argv[2],
});
const told = [];
const done = new Promise((resolve) => {
  client.addListener({
    status: ({ category }) => category === "PNConnectedCategory" && send(),
    message: ({ message, userMetadata }) => tell({ message, userMetadata }),
    signal: ({ message }) => tell({ signal: message }),
  });
  const tell = (event) => told.push(event) === 3 && resolve();
});
async function send() {
  await client.publish({ channel: "room", message: { text: "grüße 🦊" }, meta: { lang: "de" } });
  await client.publish({ channel: "room", message: "x".repeat(40_000), sendByPost: true });
  await client.signal({ channel: "room", message: "typing" });
}
client.subscribe({ channels: ["room"] });
await done;
client.destroy();
const failure = await client.publish({ channel: "a,b", message: 1 }).catch((reason) => reason);
console.log(JSON.stringify({ told, failure: failure.name, time: (await client.time()).timetoken.length }));
`;

/** Runs a program under Node, with the bundle's address and the network's. @returns what it printed, as JSON. */
async function underNode(program: string): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-sdk-"));
  const network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
  try {
    const { success } = await Bun.build({
      entrypoints: [join(import.meta.dir, "index.ts")],
      target: "browser",
      format: "esm",
      outdir: directory,
      naming: "sdk.mjs",
    });
    expect(success).toBe(true);
    const sdk = pathToFileURL(join(directory, "sdk.mjs")).href;
    const node = Bun.spawn(["node", "--input-type=module", "-e", program, sdk, network.url], { stderr: "pipe" });
    const [output, complaints, code] = await Promise.all([
      new Response(node.stdout).text(),
      new Response(node.stderr).text(),
      node.exited,
    ]);
    expect({ complaints, code }).toEqual({ complaints: "", code: 0 });
    return JSON.parse(output);
  } finally {
    await network.stop();
    rmSync(directory, { recursive: true });
  }
}

test("[SDK21] under Node the bundle publishes, subscribes, and lets the process end", async () => {
  expect(await underNode(PROGRAM)).toEqual({
    told: [
      { message: { text: "grüße 🦊" }, userMetadata: { lang: "de" } },
      { message: "x".repeat(40_000) },
      { signal: "typing" },
    ],
    failure: "PubNubError",
    time: 17,
  });
});

test("[SDK21] the bundle names no interface of a runtime", async () => {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "index.ts")],
    target: "browser",
    minify: { whitespace: true, syntax: true },
  });
  const text = (await outputs[0]?.text()) ?? "";
  // What Node 20 does not have yet.
  expect(text.match(/withResolvers|fromAsync|groupBy|AbortSignal\.any/g)).toBeNull();
  expect(text).toContain("PNConnectedCategory");
  expect(
    text.match(/\b(?:process|Buffer|Bun|Deno|require|global|window|document|setImmediate)\s*[.(]|["']node:/g),
  ).toBeNull();
});
