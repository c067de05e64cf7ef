/**
 * W13: messages that one client takes, what importing its SDK takes, and how large it is in a page: beside `pubnub`.
 *
 * Both run under Node against the same network, the other SDK as its package comes. Node is the current one where
 * `npm ci --prefix tools/parts` has brought it, which has WebSockets, and else the machine's. What counts is the client's processor
 * time: the messages of a CPU-second are what one client can take in a second. Messages are numbered, and a client that
 * misses one or has one twice fails the run.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Pace } from "../alternate.ts";
import type { Measure } from "../figures.ts";
import { LineReader } from "../line-reader.ts";
import { RawConnection } from "../raw-connection.ts";
import { publishTarget, requireSent } from "../requests.ts";
import { onLoadCore, startLongwave, untilExit } from "../servers.ts";
import { type Workload, withServer } from "./workload.ts";

const OTHER = "pubnub";
const INTEROP = join(import.meta.dir, "../../../interop"); // which depends on it
const MESSAGES = 60_000;
const MESSAGES_QUICK = 8_000;
/** Published, and had by the client, before the next ones: far fewer than a channel's queue holds. */
const BURST = 2_000;
const PUBLISHERS = 32;
const KIB = 1_024;

const NODE = Bun.which("node", { PATH: join(import.meta.dir, "../../../tools/parts/node_modules/.bin") }) ?? "node";
const CLIENT = join(import.meta.dir, "../../../packages/client/src/index.ts");

/** W13. */
export const SDK: Workload = {
  id: "W13",
  title: `the SDK under a current Node, beside ${OTHER}`,
  isQuick: false,
  run: measure,
};

const BY = "of the client, by";

// Node has had them since 22.
async function hasWebSocket(): Promise<boolean> {
  const program = "process.exit(typeof WebSocket === 'undefined' ? 1 : 0)";
  return (await Bun.spawn([NODE, "-e", program]).exited) === 0;
}

interface Bundle {
  readonly bytes: number;
  readonly gzipBytes: number;
}

async function measure(pace: Pace): Promise<readonly Measure[]> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-sdk-"));
  try {
    const own = await bundle(CLIENT, directory, "own");
    const other = await bundle(OTHER, directory, "other");
    const ownModule = await ownPackage(directory);
    const otherModule = pathToFileURL(Bun.resolveSync(OTHER, INTEROP)).href;
    const runs = { own: [] as Taken[], ownPolling: [] as Taken[], other: [] as Taken[] };
    const isStreaming = await hasWebSocket();
    for (let pair = 0; pair < pace.pairs; pair++) {
      if (isStreaming) runs.own.push(await taken(ownModule, "websocket", pace));
      runs.other.push(await taken(otherModule, "", pace));
      runs.ownPolling.push(await taken(ownModule, "long-poll", pace));
    }
    const rate = (found: readonly Taken[]): readonly number[] => found.map(({ perCpuSecond }) => perCpuSecond);
    const importMs = (found: readonly Taken[]): readonly number[] => found.map(({ importMs }) => importMs);
    const beside = { other: OTHER } as const;
    return [
      ...(isStreaming
        ? [{ what: `messages/CPU-s ${BY} WebSocket`, longwave: rate(runs.own), limit: rate(runs.other), ...beside }]
        : []),
      { what: `messages/CPU-s ${BY} long poll`, longwave: rate(runs.ownPolling), limit: rate(runs.other), ...beside },
      { what: "import, ms", longwave: importMs(runs.ownPolling), limit: importMs(runs.other), ...beside },
      { what: "bundle, KiB", longwave: [own.bytes / KIB], limit: [other.bytes / KIB], ...beside },
      { what: "bundle, gzip, KiB", longwave: [own.gzipBytes / KIB], limit: [other.gzipBytes / KIB], ...beside },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

// An entry that is nowhere on the disk, beside the package that depends on what it imports.
async function bundle(imported: string, outdir: string, name: string): Promise<Bundle> {
  const entry = join(INTEROP, `${name}-entry.mjs`);
  const { success, logs } = await Bun.build({
    entrypoints: [entry],
    files: { [entry]: `export * as sdk from ${JSON.stringify(imported)};` },
    target: "browser",
    format: "esm",
    minify: true,
    outdir,
    naming: `${name}.mjs`,
  });
  if (!success) throw new Error(`${imported} could not be bundled: ${logs.map(({ message }) => message).join("\n")}`);
  const bytes = await Bun.file(join(outdir, `${name}.mjs`)).bytes();
  return { bytes: bytes.length, gzipBytes: Bun.gzipSync(bytes).length };
}

// Node takes the SDK as JavaScript: the bundle, not minified.
async function ownPackage(outdir: string): Promise<string> {
  await Bun.build({ entrypoints: [CLIENT], target: "browser", format: "esm", outdir, naming: "package.mjs" });
  return pathToFileURL(join(outdir, "package.mjs")).href;
}

/** What one client did. */
interface Taken {
  readonly importMs: number;
  readonly perCpuSecond: number;
}

function taken(module: string, transport: string, { isQuick }: Pace): Promise<Taken> {
  return withServer(startLongwave, async ({ url }) => {
    const program = join(import.meta.dir, "../sdk-client.mjs");
    const command = onLoadCore([NODE, program, module, new URL(url).host, transport]);
    const client = untilExit(Bun.spawn(command, { stdout: "pipe", stderr: "inherit" }));
    try {
      const lines = new LineReader(client.stdout);
      const [, importMs, before] = (await lines.next()).split(" ").map(Number);
      const publishers = await RawConnection.openMany(url, PUBLISHERS);
      let after = Number.NaN;
      const messages = isQuick ? MESSAGES_QUICK : MESSAGES;
      for (let sent = 0; sent < messages; sent += BURST) {
        await publishBurst(publishers, sent);
        [, , after = Number.NaN] = (await lines.next()).split(" ").map(Number);
      }
      for (const publisher of publishers) publisher.close();
      return { importMs: importMs ?? Number.NaN, perCpuSecond: messages / (after - (before ?? 0)) };
    } finally {
      client.kill("SIGKILL");
      await client.exited;
    }
  });
}

async function publishBurst(publishers: readonly RawConnection[], first: number): Promise<void> {
  let next = first;
  const publish = async (publisher: RawConnection): Promise<void> => {
    while (next < first + BURST) {
      const payload = `{"n":${next++},"text":"hello world"}`;
      requireSent(await publisher.get(publishTarget({ channel: "sdk", payload })));
    }
  };
  await Promise.all(publishers.map(publish));
}
