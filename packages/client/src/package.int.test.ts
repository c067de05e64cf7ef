import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { buildClient, bundleClient } from "../../../tools/build-client.ts";
import { inPage } from "../../../tools/chromium.ts";
import { testWith } from "../../../tools/needs.ts";
import { CORE_CASES, runSdkSuite } from "../../../tools/sdk-suite.ts";

/** Bytes that everything may have when it is small and packed; what is added to the SDK is paid from here. */
const GZIP_BYTES_MAX = 32_300;

/** The same for the core. */
const CORE_GZIP_BYTES_MAX = 15_000;

let network: Network;
let home: string;
const at = (name: string): string => join(home, name);
const addressOf = (name: string): string => pathToFileURL(at(name)).href;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG });
  home = mkdtempSync(join(tmpdir(), "longwave-package-"));
  await buildClient(at("node_modules/@longwave/client"));
  writeFileSync(at("suite.mjs"), await bundleClient(false, join(import.meta.dir, "../../../tools/sdk-suite.ts")));
});
afterAll(async () => {
  await network.stop();
  rmSync(home, { recursive: true });
});

/** What a program prints, once it has ended well. */
async function outputOf(...command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { cwd: home, stdout: "pipe", stderr: "pipe" });
  const [output, complaints] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect({ code: await child.exited, complaints, output }).toMatchObject({ code: 0 });
  return output;
}

const good = { count: expect.any(Number), failed: {} };
const goodCore = { count: CORE_CASES.length, failed: {} };

/** The entries: a module of the package, the name by which a program finds it or its runtime's own, its small form, and its cases of the suite. */
const ENTRIES = {
  whole: { module: "index.js", name: "@longwave/client", small: "longwave.min.js", cases: undefined },
  core: { module: "core.js", name: "@longwave/client/core", small: "longwave-core.min.js", cases: CORE_CASES },
} as const;
type EntryName = keyof typeof ENTRIES;

/** How the suite is run in a program, over an entry that is there as `sdk`. */
function runOf(entry: EntryName, runtime: string): string {
  const given = [network.url, `${runtime}-${entry}`, ENTRIES[entry].cases].filter((value) => value !== undefined);
  return `runSdkSuite(sdk, ${given.map((value) => JSON.stringify(value)).join(", ")})`;
}

/** The suite as a program of a runtime. @param from where the entry comes from. */
function programOf(runtime: string, entry: EntryName = "whole", from: string = ENTRIES[entry].name): string {
  const name = `${runtime}-${entry}.mjs`;
  const text = `import * as sdk from ${JSON.stringify(from)};
    import { runSdkSuite } from ${JSON.stringify(addressOf("suite.mjs"))};
    console.log(JSON.stringify(await ${runOf(entry, runtime)}));`;
  writeFileSync(at(name), text);
  return at(name);
}

test("[SDK73] the suite in Bun", async () => {
  const sdk = (await import(at("node_modules/@longwave/client/index.node.js"))) as typeof import("./index.ts");
  expect(await runSdkSuite(sdk, network.url, "bun")).toEqual(good);
});
test("[SDK79] what the core has of the suite in Bun", async () => {
  const core = (await import(at("node_modules/@longwave/client/core.js"))) as typeof import("./index.ts");
  expect(await runSdkSuite(core, network.url, "bun-core", CORE_CASES)).toEqual(goodCore);
});

const NODE = Bun.which("node") ?? "node";
test("[SDK73] the suite in the Node of this machine", async () => {
  expect(JSON.parse(await outputOf(NODE, programOf("node")))).toEqual(good);
});
test("[SDK79] what the core has of the suite in the Node of this machine", async () => {
  expect(JSON.parse(await outputOf(NODE, programOf("node", "core")))).toEqual(goodCore);
});
testWith("currentNode", "[SDK73] the suite in a current Node", async (node) => {
  expect(JSON.parse(await outputOf(node, programOf("current-node")))).toEqual(good);
});
testWith("deno", "[SDK73] the suite in Deno", async (deno) => {
  expect(
    JSON.parse(
      await outputOf(
        deno,
        "run",
        "--no-config",
        "--allow-net",
        "--allow-read",
        programOf("deno", "whole", addressOf("node_modules/@longwave/client/index.js")),
      ),
    ),
  ).toEqual(good);
});

/** A page, or a worker of it, with the package and the suite beside it. */
async function inBrowser(executablePath: string, program: string): Promise<unknown> {
  let found: unknown;
  const textOf = (name: string): Promise<string> => Bun.file(at(name)).text();
  const worker = `import * as sdk from "/sdk.js"; import { runSdkSuite } from "/suite.js";
    postMessage(await ${runOf("whole", "worker")});`;
  const files = {
    "/sdk.js": await textOf("node_modules/@longwave/client/longwave.min.js"),
    "/core.js": await textOf("node_modules/@longwave/client/longwave-core.min.js"),
    "/suite.js": await textOf("suite.mjs"),
    "/worker.js": worker,
  };
  await inPage(executablePath, files, async (page) => {
    found = await page.evaluate(program);
  });
  return found;
}

testWith("chromium", "[SDK73] the suite in a page of Chromium, with the small bundle", async (path) => {
  const program = `Promise.all([import("/sdk.js"), import("/suite.js")]).then(([sdk, { runSdkSuite }]) =>
    ${runOf("whole", "page")})`;
  expect(await inBrowser(path, program)).toEqual(good);
});
testWith("chromium", "[SDK79] what the core has of the suite in a page of Chromium, small", async (path) => {
  const program = `Promise.all([import("/core.js"), import("/suite.js")]).then(([sdk, { runSdkSuite }]) =>
    ${runOf("core", "page")})`;
  expect(await inBrowser(path, program)).toEqual(goodCore);
});
testWith("chromium", "[SDK73] the suite in a worker of Chromium, with the small bundle", async (path) => {
  const program = `new Promise((resolve, reject) => {
    const worker = new Worker("/worker.js", { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  })`;
  expect(await inBrowser(path, program)).toEqual(good);
});

testWith("publint", "[SDK74] publint finds nothing in the package", async (publint) => {
  expect(await outputOf(publint, at("node_modules/@longwave/client"), "--strict")).toContain("All good!");
});

// Whoever still requires gets a module from the runtime itself: Node does so from version 20.19 and 22.12 on.
testWith("attw", "[SDK74] attw finds its types by every way of modules", async (attw) => {
  const output = await outputOf(
    attw,
    "--pack",
    at("node_modules/@longwave/client"),
    "--profile",
    "esm-only",
    "--format",
    "table-flipped",
  );
  expect(output).toContain("@longwave/client");
});

test("[SDK74 SDK79] a program in strict TypeScript compiles against the package, its declarations included", async () => {
  const program = `import { PubNub, type MessageEvent } from "@longwave/client";
    import { PubNub as Core } from "@longwave/client/core";
    const pubnub = new PubNub({ subscribeKey: "demo", userId: "anna" });
    pubnub.addListener({ message: (event: MessageEvent) => void event.channel.length });
    const { timetoken }: { readonly timetoken: string } = await pubnub.time();
    // @ts-expect-error a channel is missing
    await pubnub.publish({ message: timetoken });
    const core = new Core({ subscribeKey: "demo", userId: "anna" });
    core.addListener({ message: ({ channel }) => void channel.length, status: ({ category }) => void category.length });
    await core.publish({ channel: "hello", message: timetoken });
    // @ts-expect-error the core has no history
    await core.history({ channel: "hello" });
    // @ts-expect-error nor files
    core.addListener({ file: () => {} });
    // @ts-expect-error nor encryption
    new Core({ subscribeKey: "demo", userId: "anna", cipherKey: "enigma" });
    export {};`;
  writeFileSync(at("consumer.mts"), program);
  const tsc = join(import.meta.dir, "../../../node_modules/.bin/tsc");
  for (const resolution of ["nodenext", "bundler"]) {
    const module = resolution === "nodenext" ? "nodenext" : "esnext";
    const options = [
      "--strict",
      "--noEmit",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext.disposable,dom,dom.iterable",
    ];
    const modes = ["--module", module, "--moduleResolution", resolution, "--types", ""];
    await outputOf(tsc, ...options, ...modes, at("consumer.mts"));
  }
});

/** What a small form weighs once it is packed. */
function packedBytes(text: string): number {
  return Bun.gzipSync(text, { level: 9 }).length;
}

test("[SDK75 SDK79] everything is small when it is packed, the core smaller, and no table of the network travels along", async () => {
  const small = (entry: EntryName): Promise<string> =>
    Bun.file(at(`node_modules/@longwave/client/${ENTRIES[entry].small}`)).text();
  const text = await small("whole");
  expect(packedBytes(text)).toBeLessThan(GZIP_BYTES_MAX);
  expect(packedBytes(await small("core"))).toBeLessThan(CORE_GZIP_BYTES_MAX);
  for (const foreign of ["Storage & Playback", "largeMessageBytesMax"]) expect(text).not.toContain(foreign);
});

test("[SDK74] the package depends on nothing", async () => {
  const manifest: unknown = await Bun.file(at("node_modules/@longwave/client/package.json")).json();
  expect(manifest).not.toHaveProperty("dependencies");
  for (const { module } of Object.values(ENTRIES)) {
    expect(await Bun.file(at(`node_modules/@longwave/client/${module}`)).text()).not.toMatch(/from "[^"]*"/);
  }
});
