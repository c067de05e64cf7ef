import { expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KEYSET } from "../../../conformance/fixtures.ts";
import { DATABASE, UNFINISHED_DATABASE, openDataDirectory, tryLock } from "../data-directory.ts";
import { startBackup } from "./backup.ts";
import { checkDataDirectory } from "./check-directory.ts";
import { FIRST, type OpenStores, fill, numbered, openStores, temporaryDirectory } from "./directories.ts";

async function timetokensOf({ messages }: OpenStores): Promise<readonly bigint[]> {
  const pages = ["room-0", "room-1", "room-2"].map((channel) => {
    const range = { keyset: KEYSET, channel, from: 0n, through: FIRST * 2n };
    return messages.readPage({ ...range, take: "oldest", messagesMax: 100_000, bytesMax: 1e9 });
  });
  return (await Promise.all(pages)).flatMap((page) => page.messages.map(({ timetoken }) => timetoken));
}

test("[OPS23] a backup amid publishes holds all that was acknowledged before it began, and passes the check", async () => {
  using home = temporaryDirectory();
  const [data, copy] = [join(home.path, "data"), join(home.path, "copy")];
  await using stores = openStores(data);
  await fill(stores, 0, 5_000);
  const publishers = { next: 5_000, areCopying: true };
  const publish = async (): Promise<void> => {
    while (publishers.areCopying) await stores.messages.commit(numbered(publishers.next++));
  };
  const publishing = Promise.all([publish(), publish(), publish()]);
  while (publishers.next < 5_200) await new Promise((resolve) => setImmediate(resolve));
  const acknowledged = publishers.next - 3; // the last of each publisher may be under way
  const backup = startBackup(data, copy);
  const report = await backup.done;
  publishers.areCopying = false;
  await publishing;
  expect(report).toEqual({ path: copy, bytes: expect.any(Number) });
  expect(report.bytes).toBeGreaterThan(200_000);
  expect(readdirSync(home.path).toSorted()).toEqual(["copy", "data"]);
  const { problems } = checkDataDirectory(copy);
  expect(problems).toEqual([]);
  await using copied = openStores(copy);
  const kept = new Set(await timetokensOf(copied));
  const missing = Array.from({ length: acknowledged }, (_, at) => FIRST + BigInt(at)).filter((one) => !kept.has(one));
  expect(missing).toEqual([]);
  expect(await copied.messages.commit(numbered(50_000))).toBe("committed"); // it is a data directory like any other
  expect(await stores.messages.commit(numbered(50_001))).toBe("committed");
});

test("[OPS23] what else lies in the directory is copied too, but for locks and what belongs to the old database", async () => {
  using home = temporaryDirectory();
  const [data, copy] = [join(home.path, "data"), join(home.path, "copy")];
  {
    await using stores = openStores(data);
    await fill(stores, 0, 10);
  }
  mkdirSync(join(data, "more", "deep"), { recursive: true });
  writeFileSync(join(data, "more", "deep", "picture"), "bytes");
  writeFileSync(join(data, "longwave.db-wal.damaged-1"), "old");
  await startBackup(data, copy).done;
  expect(readdirSync(copy).toSorted()).toEqual(["files", DATABASE, "longwave.lock", "more"]);
  expect(readFileSync(join(copy, "more", "deep", "picture"), "utf8")).toBe("bytes");
});

test("[OPS24] a backup overwrites nothing, goes nowhere into its source, and says why it cannot be made", async () => {
  using home = temporaryDirectory();
  const data = join(home.path, "data");
  {
    await using stores = openStores(data);
    await fill(stores, 0, 10);
  }
  const there = join(home.path, "there");
  mkdirSync(there);
  expect(() => startBackup(data, there)).toThrow(
    /there exists already, and a backup overwrites nothing\. Name another place\.$/,
  );
  expect(() => startBackup(data, join(data, "copy"))).toThrow(/lies in the data directory/);
  expect(() => startBackup(there, join(home.path, "copy"))).toThrow(/^There is no Longwave data in /);
  expect(() => startBackup(data, join(data, DATABASE, "copy"))).toThrow(/lies in the data directory/);
  writeFileSync(join(home.path, "file"), "");
  expect(() => startBackup(data, join(home.path, "file", "copy"))).toThrow(/cannot be made: /);
  const busy = join(home.path, "busy.partial");
  mkdirSync(busy);
  const lock = tryLock(busy);
  expect(() => startBackup(data, join(home.path, "busy"))).toThrow(/^Another backup is writing /);
  lock?.close();
  expect(readdirSync(data)).not.toContain("copy");
});

test("[OPS24] nothing is copied from a directory that lost something", async () => {
  using home = temporaryDirectory();
  const data = join(home.path, "data");
  const stores = openStores(data);
  await fill(stores, 0, 100);
  cpSync(data, join(home.path, "crashed"), { recursive: true });
  await stores[Symbol.asyncDispose]();
  const log = readFileSync(join(home.path, "crashed", `${DATABASE}-wal`));
  writeFileSync(join(home.path, "crashed", `${DATABASE}-wal`), log.subarray(0, log.length >> 1));
  expect(() => startBackup(join(home.path, "crashed"), join(home.path, "copy"))).toThrow(
    /is damaged: in its log it ends after \d+ /,
  );
  expect(existsSync(join(home.path, "copy.partial"))).toBe(false);
});

test("[OPS25] what a killed backup has left is known as such, and the next one makes it anew", async () => {
  using home = temporaryDirectory();
  const [data, copy] = [join(home.path, "data"), join(home.path, "copy")];
  {
    await using stores = openStores(data);
    await fill(stores, 0, 10);
  }
  const partial = `${copy}.partial`;
  mkdirSync(join(partial, "half"), { recursive: true });
  writeFileSync(join(partial, UNFINISHED_DATABASE), "half of it");
  expect(() => openDataDirectory(partial, "normal")).toThrow(
    /is a backup that was not finished, so it is not whole\. Delete it/,
  );
  expect(() => checkDataDirectory(partial)).toThrow(/is a backup that was not finished/);
  await startBackup(data, copy).done;
  expect(existsSync(partial)).toBe(false);
  expect(readdirSync(copy)).not.toContain("half");
  expect(checkDataDirectory(copy).problems).toEqual([]);
});

test("[OPS25] a backup that is abandoned leaves nothing behind", async () => {
  using home = temporaryDirectory();
  const [data, copy] = [join(home.path, "data"), join(home.path, "copy")];
  {
    await using stores = openStores(data);
    await fill(stores, 0, 2_000);
  }
  const backup = startBackup(data, copy);
  backup.abandon();
  await backup.done.catch(() => {}); // the thread finds its file gone, or has been faster
  backup.abandon();
  expect(readdirSync(home.path)).toEqual(["data"]);
});
