import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileStorePlace, fileStoreConformance } from "../../conformance/file-store.ts";
import { fileStoreOverPort } from "../../conformance/over-message-port.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { SqliteFileStore } from "./sqlite-file-store.ts";
import type { Writer } from "./sqlite-writer.ts";

// The storage is opened anew for every store; the writer is closed by the message store elsewhere, and here by the place.
function place(openStorage: () => EmbeddedStorage, isDurable: boolean, remove: () => void): FileStorePlace {
  let storage: EmbeddedStorage | undefined;
  let isRefusing = false;
  const moody = ({ write, close }: Writer): Writer => ({
    write: async (what) => (isRefusing ? { kind: "refused", reason: "disk full" } : write(what)),
    close,
  });
  const close = async (): Promise<void> => {
    await storage?.writer.close();
    storage?.close();
    storage = undefined;
  };
  return {
    isDurable,
    setRefusing: (is) => {
      isRefusing = is;
    },
    open: async () => {
      await close();
      storage = openStorage();
      return new SqliteFileStore(storage.reading, moody(storage.writer), () => {});
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      remove();
    },
  };
}

async function directoryPlace(): Promise<FileStorePlace> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-files-"));
  return place(
    () => openDataDirectory(directory, "normal"),
    true,
    () => rmSync(directory, { recursive: true }),
  );
}

const memoryPlace = async (): Promise<FileStorePlace> => place(openInMemory, false, () => {});

async function placeOverPort(): Promise<FileStorePlace> {
  const near = await memoryPlace();
  const opened: Disposable[] = [];
  return {
    ...near,
    open: async () => {
      const store = fileStoreOverPort(await near.open());
      opened.push(store);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) store[Symbol.dispose]();
      await near[Symbol.asyncDispose]();
    },
  };
}

fileStoreConformance("SQLite files in a directory", directoryPlace);
fileStoreConformance("SQLite files in memory", memoryPlace);
fileStoreConformance("SQLite files over a port", placeOverPort);
