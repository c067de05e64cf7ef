import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BlobStorePlace, blobStoreConformance } from "../../conformance/blob-store.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";
import { MemoryBlobStore } from "./memory-blob-store.ts";

const ID = "0a000000-0000-4000-8000-000000000000";

/** Files below a directory, by their names alone. */
function filesIn(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

async function diskPlace(synchronous: "full" | "normal"): Promise<BlobStorePlace> {
  const root = mkdtempSync(join(tmpdir(), "longwave-blobs-"));
  const [directory, away] = [join(root, "files"), join(root, "away")];
  return {
    isDurable: true,
    open: async () => new DiskBlobStore({ directory, synchronous, refused: () => {} }),
    // Permissions bind no administrator, so the folder of what comes in is not there.
    setRefusing: (isRefusing) => {
      const incoming = join(directory, "incoming");
      if (isRefusing) renameSync(incoming, away);
      else renameSync(away, incoming);
    },
    holds: async () => filesIn(directory),
    [Symbol.asyncDispose]: async () => rmSync(root, { recursive: true }),
  };
}

async function memoryPlace(): Promise<BlobStorePlace> {
  let isRefusing = false;
  let store = new MemoryBlobStore();
  return {
    isDurable: false,
    open: async () => {
      store = new MemoryBlobStore({
        get bytesMax() {
          return isRefusing ? 0 : 1_000;
        },
      });
      return store;
    },
    setRefusing: (is) => {
      isRefusing = is;
    },
    holds: () => store.list("", 100),
    [Symbol.asyncDispose]: async () => {},
  };
}

blobStoreConformance("blobs on disk", () => diskPlace("full"));
blobStoreConformance("blobs on disk that is not waited for", () => diskPlace("normal"));
blobStoreConformance("blobs in memory", memoryPlace);

async function* once(bytes: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(bytes);
}

test("blobs in memory [FIL36] are bounded together, and what leaves makes room", async () => {
  const store = new MemoryBlobStore({ bytesMax: 100 });
  const [first, second, third] = ["a", "b", "c"];
  expect((await store.put(first, once(60), 100)).kind).toBe("kept");
  expect((await store.put(second, once(41), 100)).kind).toBe("unavailable");
  expect((await store.put(second, once(40), 100)).kind).toBe("kept");
  await store.delete(first);
  expect((await store.put(third, once(60), 100)).kind).toBe("kept");
});

test("blobs on disk [FIL33] that were being received when the process was killed are gone after a start", () => {
  const root = mkdtempSync(join(tmpdir(), "longwave-blobs-"));
  mkdirSync(join(root, "incoming"));
  writeFileSync(join(root, "incoming", ID), "half of som");
  void new DiskBlobStore({ directory: root, synchronous: "normal", refused: () => {} });
  expect(filesIn(root)).toEqual([]);
  rmSync(root, { recursive: true });
});

test("blobs on disk [FIL30] lie under identifiers of ours, and no other text becomes a path", async () => {
  const root = mkdtempSync(join(tmpdir(), "longwave-blobs-"));
  const store = new DiskBlobStore({ directory: root, synchronous: "normal", refused: () => {} });
  await store.put(ID, once(1), 1);
  expect(existsSync(join(root, "0a", ID))).toBe(true);
  for (const id of ["", "..", "../../etc/passwd", `${ID}/..`, ID.toUpperCase(), "0a", `${ID}\n`]) {
    const calls = [store.put(id, once(1), 1), store.get(id), store.delete(id)];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map((outcome) => outcome.status === "rejected" && String(outcome.reason))).toEqual(
      calls.map(() => "Error: a blob's identifier is not a UUID"),
    );
  }
  expect(filesIn(root)).toEqual([ID]);
  rmSync(root, { recursive: true });
});

test("blobs on disk [FIL36] tell the disk's own word for the log", async () => {
  const root = mkdtempSync(join(tmpdir(), "longwave-blobs-"));
  const reasons: string[] = [];
  const store = new DiskBlobStore({ directory: root, synchronous: "full", refused: (reason) => reasons.push(reason) });
  writeFileSync(join(root, "0a"), "a file where the shard would be");
  expect(await store.put(ID, once(1), 1)).toEqual({ kind: "unavailable" });
  expect(reasons).toHaveLength(1);
  expect(filesIn(root)).toEqual(["0a"]);
  rmSync(root, { recursive: true });
});

test("[FIL36] a directory that cannot hold files ends the start with a sentence", () => {
  const root = mkdtempSync(join(tmpdir(), "longwave-blobs-"));
  const directory = join(root, "files");
  writeFileSync(directory, "in its place");
  expect(() => new DiskBlobStore({ directory, synchronous: "normal", refused: () => {} })).toThrow(
    /^The directory .*files cannot hold files: .*\. Check its permissions and free space\.$/,
  );
  rmSync(root, { recursive: true });
});
