/**
 * `npm run bench:prepare`: fills the fixtures that are not there yet, and says how far it is.
 *
 * Writes through the store's own writer, in large transactions and without waiting for the disk: what it costs to publish
 * them is measured elsewhere.
 *
 * @module
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { timetokenFromMs } from "@longwave/protocol";
import { DATABASE } from "../../packages/server/src/adapters/embedded/data-directory.ts";
import { migrate } from "../../packages/server/src/adapters/embedded/schema.ts";
import { openWriting } from "../../packages/server/src/adapters/embedded/sqlite-writer.ts";
import { WriteSession } from "../../packages/server/src/adapters/embedded/sqlite-writes.ts";
import type { Message } from "../../packages/server/src/ports/message.ts";
import { FIXTURES, type Fixture, STEP_TICKS, pathOf } from "./fixtures.ts";

const BATCH = 10_000;
const CACHE_KIB = 1_000_000;
const TTL_HOURS = 876_600; // they expire, as most messages do, and not while anybody measures
const FILL = "x".repeat(100);

for (const one of FIXTURES) {
  if (existsSync(pathOf(one.name))) console.log(`${one.name}: there already`);
  else fill(one);
}

function fill(wanted: Fixture): void {
  const startedMs = performance.now();
  const path = pathOf(wanted.name);
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const database = openWriting({ path: join(unfinished, DATABASE), synchronous: "normal" });
  database.run("PRAGMA synchronous = OFF");
  database.run(`PRAGMA cache_size = -${CACHE_KIB}`);
  migrate(database);
  const session = new WriteSession(database);
  const first = timetokenFromMs(Date.now()) - BigInt(wanted.messages) * STEP_TICKS;
  for (let from = 0; from < wanted.messages; from += BATCH) {
    session.apply(batch(wanted, first, from));
    tellProgress(wanted, from + BATCH, startedMs);
  }
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  renameSync(unfinished, path);
  const mebibytes = (Bun.file(join(path, DATABASE)).size / 2 ** 20).toFixed(0);
  console.log(`\r${wanted.name}: ${mebibytes} MiB in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s   `);
}

function batch(wanted: Fixture, first: bigint, from: number): Parameters<WriteSession["apply"]>[0] {
  const count = Math.min(BATCH, wanted.messages - from);
  const messages = Array.from({ length: count }, (_, at) => messageOf(wanted, first, from + at));
  const last = messages.at(-1)?.timetoken ?? first;
  const isLast = from + count === wanted.messages;
  return { messages, ids: [], journal: undefined, reserve: last, queueAge: undefined, journalFloor: last, isLast };
}

function messageOf({ channelOf }: Fixture, first: bigint, at: number): Message {
  return {
    keyset: "demo",
    channel: channelOf(at),
    timetoken: first + BigInt(at) * STEP_TICKS,
    payload: `{"n":${at},"text":"${FILL}"}`,
    eventType: undefined,
    publisher: `user-${at % 1_000}`,
    sequence: undefined,
    meta: undefined,
    customMessageType: undefined,
    origination: undefined,
    stored: true,
    ttlHours: TTL_HOURS,
  };
}

function tellProgress({ name, messages }: Fixture, done: number, startedMs: number): void {
  const share = Math.min(done / messages, 1);
  const seconds = (performance.now() - startedMs) / 1_000;
  if (!process.stdout.isTTY && done % (100 * BATCH) !== 0) return;
  const left = (seconds / share - seconds).toFixed(0);
  process.stdout.write(
    `\r${name}: ${(100 * share).toFixed(0)} %, ${left} s left   ${process.stdout.isTTY ? "" : "\n"}`,
  );
}
