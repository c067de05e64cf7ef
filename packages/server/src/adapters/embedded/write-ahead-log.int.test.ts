import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LogState, readLog } from "./write-ahead-log.ts";

const COMMITS = 20; // besides the one that makes the table; of three frames each
let directory: string;
let writing: Database;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "longwave-log-"));
  writing = new Database(join(directory, "whole.db"), { create: true });
  writing.run("PRAGMA journal_mode = WAL");
  writing.run("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  for (let at = 0; at < COMMITS; at++) writing.run("INSERT INTO note (text) VALUES (?)", ["x".repeat(3_000)]);
});
afterAll(() => {
  writing.close();
  rmSync(directory, { recursive: true });
});

/** The log of a process that was killed, after something has happened to it. */
function logAfter(change: (log: Buffer) => Buffer, withIndex = true): LogState {
  const [from, to] = [join(directory, "whole.db"), join(directory, "changed.db")];
  copyFileSync(from, to);
  writeFileSync(`${to}-wal`, change(readFileSync(`${from}-wal`)));
  if (withIndex) copyFileSync(`${from}-shm`, `${to}-shm`);
  else rmSync(`${to}-shm`, { force: true });
  return readLog(to);
}

const flip =
  (at: number) =>
  (log: Buffer): Buffer => {
    log.writeUInt8(log.readUInt8(at) ^ 4, at);
    return log;
  };
const frameStart = (frame: number): number => 32 + (frame - 1) * (24 + 4_096);

test("[STO21] a log is read to its last commit, and a commit that a crash left unfinished is no damage", () => {
  const whole = logAfter((log) => log);
  expect(whole).toMatchObject({ kind: "whole", commits: COMMITS + 1 });
  const frames = (readFileSync(join(directory, "whole.db-wal")).length - 32) / (24 + 4_096);
  const lastCommitFrame = frameStart(frames + 1);
  // The frames of a transaction whose commit never came lie behind: here those of another page, whole and cut.
  const unfinished = (bytes: number) => (log: Buffer) =>
    Buffer.concat([log, log.subarray(frameStart(1), lastCommitFrame).subarray(0, bytes)]);
  for (const bytes of [10, 24 + 4_096 - 1]) {
    expect(logAfter(unfinished(bytes))).toMatchObject({ kind: "whole", commits: COMMITS + 1 });
  }
  expect(logAfter(() => Buffer.alloc(0))).toEqual({ kind: "none" });
});

const DAMAGES: Readonly<Record<string, readonly [change: (log: Buffer) => Buffer, state: object]>> = {
  "a bit of a page": [flip(frameStart(10) + 2_000), { commits: 3, what: /^frame 10 of \d+ is not as it was written$/ }],
  "a bit of a frame's page number": [flip(frameStart(10) + 3), { commits: 3 }],
  "a bit of a frame's salt": [flip(frameStart(10) + 9), { commits: 3 }],
  "a bit of a frame's checksum": [flip(frameStart(10) + 18), { commits: 3 }],
  "a bit of the first frame": [flip(frameStart(1) + 100), { commits: 0 }],
  "a bit of the header's magic": [flip(0), { commits: 0, what: /header/ }],
  "a bit of the header's salt": [flip(17), { commits: 0, what: /header/ }],
  "the second half": [(log) => log.subarray(0, frameStart(31) - 1), { what: /^it ends after \d+ frames and had \d+$/ }],
};
for (const [what, [change, { what: sentence, ...state }]] of Object.entries(DAMAGES) as [
  string,
  [(log: Buffer) => Buffer, { what?: RegExp }],
][]) {
  test(`[STO21] a log that lost ${what} is told from one that ends there`, () => {
    const log = logAfter(change);
    expect(log).toMatchObject({ kind: "damaged", ...state });
    if (log.kind !== "damaged") return;
    expect(log.what).toMatch(sentence ?? /./);
    expect(log.commitsLost).toBeGreaterThan(0);
  });
}

test("[STO21] frames of an earlier round of the log are no damage", () => {
  const path = join(directory, "rounds.db");
  const database = new Database(path, { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("CREATE TABLE note (text TEXT)");
  for (let at = 0; at < 10; at++) database.run("INSERT INTO note VALUES (?)", ["y".repeat(5_000)]);
  database.run("PRAGMA wal_checkpoint(RESTART)");
  database.run("INSERT INTO note VALUES ('the next round')");
  expect(readLog(path)).toMatchObject({ kind: "whole", commits: 1 });
  truncateSync(`${path}-wal`, 32);
  expect(readLog(path)).toEqual({ kind: "none" });
  database.close();
});
