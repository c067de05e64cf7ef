/**
 * Places on which suites open a store, one after the other: SQLite in a directory, in memory, over a port; for tests.
 *
 * The storage is opened anew for every store, and a store that was not stopped is abandoned as a crash would leave it. The
 * writer is closed by the message store elsewhere, and here by the place.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disk } from "../../conformance/disk.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./data-directory.ts";
import { MoodyWriter } from "./moody-writer.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { Write } from "./sqlite-writes.ts";

/** A place for stores of one kind. */
export interface StoragePlace<Store, Settings> extends AsyncDisposable {
  open(settings?: Settings): Promise<Store>;
  /** It takes writes at first, and again with every store. */
  setDisk(disk: Disk): void;
  /** Writes past the store, whatever its disk does. */
  write(write: Write): Promise<void>;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
}

/** Makes a store on a storage. */
type MakeStore<Store, Settings> = (reading: Database, writer: Writer, settings?: Settings) => Store;
/** Makes a place, for one case. */
export type MakePlace<Store, Settings> = () => Promise<StoragePlace<Store, Settings>>;

/** In a data directory, which goes with the place. */
export function directoryPlace<Store, Settings>(make: MakeStore<Store, Settings>): MakePlace<Store, Settings> {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), "longwave-place-"));
    const near = placeOn(() => openDataDirectory(directory, "normal"), make);
    return {
      ...near,
      isDurable: true,
      [Symbol.asyncDispose]: async () => {
        await near[Symbol.asyncDispose]();
        rmSync(directory, { recursive: true });
      },
    };
  };
}

/** In memory. */
export function memoryPlace<Store, Settings>(make: MakeStore<Store, Settings>): MakePlace<Store, Settings> {
  return async () => ({ ...placeOn(openInMemory, make), isDurable: false });
}

/** Every store on the other side of a port. */
export function placeOverPort<Store, Settings>(
  makePlace: MakePlace<Store, Settings>,
  overPort: (store: Store) => Store & Disposable,
): MakePlace<Store, Settings> {
  return async () => {
    const near = await makePlace();
    const opened: Disposable[] = [];
    return {
      ...near,
      open: async (settings) => {
        const store = overPort(await near.open(settings));
        opened.push(store);
        return store;
      },
      [Symbol.asyncDispose]: async () => {
        for (const store of opened) store[Symbol.dispose]();
        await near[Symbol.asyncDispose]();
      },
    };
  };
}

function placeOn<Store, Settings>(
  openStorage: () => EmbeddedStorage,
  make: MakeStore<Store, Settings>,
): Omit<StoragePlace<Store, Settings>, "isDurable"> {
  let storage: EmbeddedStorage | undefined;
  let moody: MoodyWriter | undefined;
  const close = async (): Promise<void> => {
    await storage?.writer.close();
    storage?.close();
    storage = undefined;
  };
  return {
    setDisk: (disk) => moody?.setDisk(disk),
    write: async (write) => void (await storage?.writer.write(write)),
    open: async (settings) => {
      await close();
      storage = openStorage();
      moody = new MoodyWriter(storage.writer);
      return make(storage.reading, moody, settings);
    },
    [Symbol.asyncDispose]: close,
  };
}
