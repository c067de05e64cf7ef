import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { buildClient } from "../../../../tools/build-client.ts";
import { PubNub } from "../index.ts";
import { background } from "./background.ts";
import { TransportFailure, type TransportRequest } from "./transport.ts";

const server = Bun.serve({
  port: 0,
  fetch: ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/silent") return new Promise<Response>(() => {});
    if (pathname === "/stuck") return new Response(new ReadableStream({ start: (body) => body.enqueue("[1") }));
    if (pathname === "/busy") return new Response("{}", { status: 503, headers: { "Retry-After": "7" } });
    return new Response(Bun.gzipSync('["grüße 🦊"]'), { headers: { "Content-Encoding": "gzip" } });
  },
});
afterAll(() => server.stop(true));

const ask = (path: string, more: Partial<TransportRequest> = {}) =>
  background?.transport({ method: "GET", url: `http://127.0.0.1:${server.port}${path}`, timeoutMs: 60_000, ...more });

async function failureOf(answer: ReturnType<typeof ask>): Promise<unknown> {
  const failure: unknown = await answer?.catch((reason: unknown) => reason);
  return failure instanceof TransportFailure ? [failure.kind, failure.code] : failure;
}

test("[SDK80] a subscription in the background is answered, packed or not, with any status", async () => {
  expect(await ask("/")).toEqual({ status: 200, text: '["grüße 🦊"]' });
  expect(await ask("/busy")).toEqual({ status: 503, text: "{}", retryAfterSeconds: 7 });
});

test("[SDK80] it is given up after its time, by its signal, and where nobody is there", async () => {
  for (const path of ["/silent", "/stuck"]) {
    expect(await failureOf(ask(path, { timeoutMs: 30 }))).toEqual(["timeout", undefined]);
  }
  expect(await failureOf(ask("/silent", { signal: AbortSignal.abort() }))).toEqual(["cancelled", undefined]);
  const stop = new AbortController();
  const stopped = failureOf(ask("/silent", { signal: stop.signal }));
  stop.abort();
  expect(await stopped).toEqual(["cancelled", undefined]);
  const gone = Bun.serve({ port: 0, fetch: () => new Response() });
  const url = `http://127.0.0.1:${gone.port}/`;
  await gone.stop(true);
  expect(await failureOf(ask("/", { url }))).toEqual(["network", "ECONNREFUSED"]);
});

/** Hears one message, and then has nothing to do but what its subscription does. */
const PROGRAM = `
const { PubNub } = await import(process.argv[2]);
const [, , , origin, channel, daemon] = process.argv;
const client = new PubNub({ subscribeKey: "demo", userId: channel, origin, daemon: daemon === "true", heartbeatInterval: 3 });
const keeping = setInterval(() => {}, 60_000);
client.addListener({
  status: ({ category }) => category === "PNConnectedCategory" && console.log("connected"),
  message: ({ message }) => {
    clearInterval(keeping);
    console.log("heard " + message.length);
  },
});
client.subscribe({ channels: [channel] });
`;

const directory = mkdtempSync(join(tmpdir(), "longwave-daemon-"));
afterAll(() => rmSync(directory, { recursive: true }));
let network: Network | undefined;
afterAll(() => network?.stop());

test.each(["node", "bun"])(
  "[SDK80] daemon lets a process of %s end that subscribes, and without it none does",
  async (runtime) => {
    const program = join(directory, "program.mjs");
    const sdk = join(directory, "sdk");
    if (!network) await buildClient(sdk);
    network ??= await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
    await Bun.write(program, PROGRAM);
    const entry = pathToFileURL(join(sdk, "index.node.js")).href;
    const run = (channel: string, daemon: boolean) => {
      const command = [runtime === "bun" ? process.execPath : runtime, program, entry, network?.url ?? "", channel];
      return Bun.spawn([...command, String(daemon)], { stdout: "pipe", stderr: "inherit" });
    };
    const publisher = new PubNub({
      subscribeKey: "demo",
      publishKey: "demo",
      userId: "publisher",
      origin: network.url,
    });
    const publish = async (channel: string, length: number): Promise<unknown> =>
      publisher.publish({ channel, message: "x".repeat(length) });

    const ending = run(`${runtime}-ending`, true);
    const heard = linesOf(ending.stdout);
    expect(await heard()).toBe("connected");
    await publish(`${runtime}-ending`, 9_000); // long enough to come packed
    expect(await heard()).toBe("heard 9000");
    expect(await ending.exited).toBe(0);

    const staying = run(`${runtime}-staying`, false);
    const told = linesOf(staying.stdout);
    expect(await told()).toBe("connected");
    for (const length of [1, 2]) {
      await publish(`${runtime}-staying`, length);
      expect(await told()).toBe(`heard ${length}`);
    }
    staying.kill();
    await staying.exited;
  },
  60_000,
);

/** Reads a process's lines, one a call. */
function linesOf(output: ReadableStream<Uint8Array>): () => Promise<string | undefined> {
  const lines = (async function* () {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const piece of output) {
      rest += decoder.decode(piece, { stream: true });
      const complete = rest.split("\n");
      rest = complete.pop() ?? "";
      yield* complete;
    }
  })();
  return async () => (await lines.next()).value ?? undefined;
}
