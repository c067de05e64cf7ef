import { expect } from "bun:test";
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "@longwave/protocol";
import { find, testWith } from "../../../../tools/needs.ts";
import { pathOf } from "./flood.ts";
import { Follower } from "./follower.ts";
import { type RawAnswer, get } from "./raw-request.ts";
import { type ServerProcess, startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const { status, message } = ERRORS.storageUnavailable;
const REFUSED = { status, body: expect.stringMatching(new RegExp(`^\\[0,"${message}","\\d{17}"\\]$`)) };
const SENT = { status: 200, body: expect.stringMatching(/^\[1,"Sent","\d{17}"\]$/) };

testWith(
  "prlimit",
  "[OPS3] a full disk: stored publishes are refused, subscribers stay, space brings all back",
  async () => {
    using directory = temporaryDirectory();
    await using server = await startServerSomewhere({ dataDir: directory.path });
    await using follower = new Follower(server.url, "room");
    await follower.ready;
    const { cursor } = follower;
    expect(await publish(server, 1, "stored")).toEqual(SENT);

    limitFileSize(server, 0);
    expect(await publish(server, 2, "unstored")).toEqual(SENT);
    await follower.until(2);
    expect(await publish(server, 3, "stored")).toEqual(REFUSED);
    const crowd = await Promise.all(Array.from({ length: 50 }, (_, at) => publish(server, 100 + at, "stored")));
    expect(crowd).toEqual(crowd.map(() => REFUSED));
    expect(await publish(server, 4, "unstored")).toEqual(SENT);
    await follower.until(4);

    limitFileSize(server, "unlimited");
    expect(await publish(server, 5, "stored")).toEqual(SENT);
    await follower.until(5);
    expect(follower.failures).toBe(0);

    expect(await server.end("SIGTERM")).toBe(0);
    await using again = await startServer({ dataDir: directory.path, port: server.port });
    await using later = new Follower(again.url, "room", cursor);
    await later.until(5);
    expect(later.received.map(({ payload }) => payload)).toEqual([1, 2, 4, 5]);
  },
);

// Root may write to anything, unless it is started without that power.
const AS_ANYBODY = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

testWith(
  "setpriv",
  "[OPS3] a data directory that turned read-only is the same, and is written again when it may be",
  async () => {
    using directory = temporaryDirectory();
    await using server = await startServerSomewhere({ dataDir: directory.path, through: AS_ANYBODY });
    await using follower = new Follower(server.url, "room");
    await follower.ready;
    expect(await publish(server, 1, "stored")).toEqual(SENT);

    // A file that is open stays writable; after a refusal the writer opens it anew.
    limitFileSize(server, 0);
    expect(await publish(server, 2, "stored")).toEqual(REFUSED);
    await whileReadOnly(directory.path, async () => {
      limitFileSize(server, "unlimited");
      expect(await publish(server, 3, "stored")).toEqual(REFUSED);
      expect(await publish(server, 4, "unstored")).toEqual(SENT);
      await follower.until(4);
      expect(await publish(server, 5, "stored")).toEqual(REFUSED);
    });
    expect(await publish(server, 6, "stored")).toEqual(SENT);
    await follower.until(6);
    expect(follower.failures).toBe(0);
  },
);

function publish({ url }: ServerProcess, id: number, kind: "stored" | "unstored"): Promise<RawAnswer | undefined> {
  return get(url, pathOf({ id, channel: "room", kind }));
}

/** Bounds the files that a server may write: beyond it the system refuses, as it does where a disk is full. */
function limitFileSize({ pid }: ServerProcess, bytes: number | "unlimited"): void {
  const { exitCode, stderr } = Bun.spawnSync([find("prlimit") ?? "prlimit", "--pid", String(pid), `--fsize=${bytes}:`]);
  if (exitCode !== 0) throw new Error(stderr.toString());
}

async function whileReadOnly(directory: string, run: () => Promise<void>): Promise<void> {
  const files = readdirSync(directory).map((name) => join(directory, name));
  for (const file of files) chmodSync(file, 0o400);
  chmodSync(directory, 0o500);
  try {
    await run();
  } finally {
    chmodSync(directory, 0o700);
    for (const file of files) chmodSync(file, 0o600);
  }
}
