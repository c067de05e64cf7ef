import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@longwave/protocol";
import { pushQueueOverPort } from "../../conformance/over-message-port.ts";
import { type PushQueuePlace, pushQueueConformance } from "../../conformance/push-queue.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { MoodyWriter } from "./moody-writer.ts";
import { SqlitePushQueue } from "./sqlite-push-queue.ts";

// The storage is opened anew for every store; the writer is closed by the message store elsewhere, and here by the place.
function place(openStorage: () => EmbeddedStorage, isDurable: boolean, remove: () => void): PushQueuePlace {
  let storage: EmbeddedStorage | undefined;
  let moody: MoodyWriter | undefined;
  const close = async (): Promise<void> => {
    await storage?.writer.close();
    storage?.close();
    storage = undefined;
  };
  return {
    isDurable,
    setDisk: (disk) => moody?.setDisk(disk),
    open: async (settings = {}) => {
      await close();
      storage = openStorage();
      moody = new MoodyWriter(storage.writer);
      return new SqlitePushQueue(storage.reading, moody, () => {}, { ...LIMITS, ...settings });
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      remove();
    },
  };
}

async function directoryPlace(): Promise<PushQueuePlace> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-push-queue-"));
  return place(
    () => openDataDirectory(directory, "normal"),
    true,
    () => rmSync(directory, { recursive: true }),
  );
}

const memoryPlace = async (): Promise<PushQueuePlace> => place(openInMemory, false, () => {});

async function placeOverPort(): Promise<PushQueuePlace> {
  const near = await memoryPlace();
  const opened: Disposable[] = [];
  return {
    ...near,
    open: async (settings) => {
      const store = pushQueueOverPort(await near.open(settings));
      opened.push(store);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) store[Symbol.dispose]();
      await near[Symbol.asyncDispose]();
    },
  };
}

pushQueueConformance("SQLite push queue in a directory", directoryPlace);
pushQueueConformance("SQLite push queue in memory", memoryPlace);
pushQueueConformance("SQLite push queue over a port", placeOverPort);
