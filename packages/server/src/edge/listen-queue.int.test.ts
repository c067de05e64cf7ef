import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lengthenListenQueue } from "./listen-queue.ts";

const CLIENTS = 2_000; // of whom a queue of 512 takes half: as many again wait for the end of their handshake
const SYSTEM_MAX = "/proc/sys/net/core/somaxconn";
const isLongEnough = existsSync(SYSTEM_MAX) && Number(readFileSync(SYSTEM_MAX, "utf8")) >= CLIENTS;

// Connects from another process while this one does not accept, and writes down how many got in.
const CLIENT = `
  const [, port, result] = process.argv;
  let connected = 0;
  const socket = { data: () => {}, open: () => { connected += 1; }, connectError: () => {} };
  const connect = () => Bun.connect({ hostname: "127.0.0.1", port: Number(port), socket }).catch(() => {});
  for (let at = 0; at < ${CLIENTS}; at++) void connect();
  for (let waited = 0; connected < ${CLIENTS} && waited < 100; waited++) await Bun.sleep(20);
  await Bun.write(result, String(connected));
  process.exit();`;

// Stands still, with the whole event loop, until the client has written.
function waitForClient(result: string): number {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let waits = 0; waits < 1_000 && !existsSync(result); waits++) Atomics.wait(nobody, 0, 0, 20);
  Atomics.wait(nobody, 0, 0, 20);
  return Number(readFileSync(result, "utf8"));
}

test.skipIf(!isLongEnough)(
  "[EDG23] two thousand clients who come while the network is busy find a place to wait",
  () => {
    const directory = mkdtempSync(join(tmpdir(), "longwave-queue-"));
    const result = join(directory, "connected");
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
    expect(lengthenListenQueue(server.port ?? 0)).toBe(true);
    Bun.spawn([process.execPath, "-e", CLIENT, String(server.port), result]);
    const connected = waitForClient(result);
    void server.stop(true);
    rmSync(directory, { recursive: true });
    expect(connected).toBe(CLIENTS);
  },
);

test("[EDG23] where nobody listens nothing happens", () => {
  expect(lengthenListenQueue(1)).toBe(false);
});
