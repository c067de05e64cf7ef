/**
 * Data directories for the tests of this folder: with messages, actions and a group in them, and stores to add more.
 *
 * For tests only.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEYSET, message } from "../../../conformance/fixtures.ts";
import type { Message } from "../../../ports/message.ts";
import { DATABASE, openDataDirectory } from "../data-directory.ts";
import { DiskBlobStore, FILES_DIRECTORY } from "../disk-blob-store.ts";
import { ManualClock } from "../manual-clock.ts";
import { SqliteActionStore } from "../sqlite-action-store.ts";
import { SqliteFileStore } from "../sqlite-file-store.ts";
import { SqliteMessageStore } from "../sqlite-message-store.ts";
import { OBJECT_BOUNDS, SqliteObjectStore } from "../sqlite-object-store.ts";
import { SqlitePushStore } from "../sqlite-push-store.ts";

/** The first timetoken of a directory's messages: the clock's. */
export const FIRST = BigInt(new ManualClock().wallMs()) * 10_000n;

/** A directory that is gone with its owner. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "longwave-upkeep-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Changes a database behind its stores' backs. */
export function alter(path: string, ...statements: readonly string[]): void {
  const database = new Database(join(path, DATABASE));
  database.run("PRAGMA busy_timeout = 5000"); // a connection that is closing locks for a moment
  for (const statement of statements) database.run(statement);
  database.close(true);
}

/** The stores of an open directory. Disposed of, they have ended in order. */
export interface OpenStores extends AsyncDisposable {
  readonly messages: SqliteMessageStore;
  readonly actions: SqliteActionStore;
  readonly objects: SqliteObjectStore;
  readonly files: SqliteFileStore;
  readonly blobs: DiskBlobStore;
  readonly push: SqlitePushStore;
  /** Messages that reads have found damaged. */
  readonly damaged: bigint[];
}

/** Opens a directory as a server does. */
export function openStores(path: string, clock = new ManualClock()): OpenStores {
  const { reading, writer, close } = openDataDirectory(path, "normal");
  const damaged: bigint[] = [];
  const observer = { committed: () => {}, damaged: ({ timetoken }: { timetoken: bigint }) => damaged.push(timetoken) };
  const messages = new SqliteMessageStore(clock, reading, writer, observer);
  const actions = new SqliteActionStore(reading, writer, () => {});
  const objects = new SqliteObjectStore(reading, writer, () => {}, OBJECT_BOUNDS);
  const files = new SqliteFileStore(reading, writer, () => {});
  const push = new SqlitePushStore(reading, writer, () => {});
  const directory = join(path, FILES_DIRECTORY);
  const blobs = new DiskBlobStore({ directory, synchronous: "normal", refused: () => {} });
  return {
    messages,
    actions,
    objects,
    files,
    blobs,
    push,
    damaged,
    async [Symbol.asyncDispose]() {
      await Promise.all([actions.stop(), objects.stop(), files.stop(), push.stop()]);
      await messages.stop(messages.reservedThrough > LAST ? messages.reservedThrough : LAST);
      close();
    },
  };
}

/** Above every timetoken that these tests give out. */
const LAST = FIRST + 1_000_000n;

/** A message of the tests' keyset; each `at` has its own instant, channel and payload. */
export function numbered(at: number, given: Partial<Message> = {}): Message {
  const channel = `room-${at % 3}`;
  return message({ timetoken: FIRST + BigInt(at), channel, payload: `{"at":${at}.0}`, publisher: "anna", ...given });
}

/** Writes messages from one number up to another, every tenth with an action. */
export async function fill({ messages, actions }: OpenStores, from: number, to: number): Promise<void> {
  const all = Array.from({ length: to - from }, (_, at) => numbered(from + at));
  await messages.reserve(LAST);
  await Promise.all(all.map((one) => messages.commit(one)));
  for (const { timetoken, channel } of all.filter((_, at) => at % 10 === 0)) {
    const draft = { messageTimetoken: timetoken, type: "reaction", value: "smile", uuid: "bob" };
    await actions.add({ keyset: KEYSET, channel, draft, notBefore: FIRST });
  }
}

/** The identifier of the content of the file that {@link fillContext} keeps. */
export const BLOB = "0a1b2c3d-0000-4000-8000-000000000001";

/** Keeps three users, two channels, a membership, a file and a push device with two channels. */
export async function fillContext({ objects, files, blobs, push }: OpenStores): Promise<void> {
  const nowUs = Number(FIRST / 10n);
  const patch = { texts: { name: "Anna" } };
  for (const id of ["anna", "bob", "carl"]) {
    await objects.setMetadata({ keyset: KEYSET, kind: "uuid", id, patch, ifMatch: undefined, nowUs });
  }
  for (const id of ["room-0", "room-1"]) {
    await objects.setMetadata({ keyset: KEYSET, kind: "channel", id, patch, ifMatch: undefined, nowUs });
  }
  const change = { set: [{ id: "room-0", patch: { texts: {} } }], remove: [], requiresMetadata: true, nowUs };
  await objects.changeRelations({ keyset: KEYSET, kind: "uuid", id: "anna", ...change });
  const content = new Blob(["what a file says"]).stream();
  const put = await blobs.put(BLOB, content, 1_000);
  if (put.kind !== "kept") throw new Error("the disk takes no file");
  const file = { keyset: KEYSET, channel: "room-0", id: "file-1", name: "a.txt", mediaType: "text/plain", blob: BLOB };
  const { bytes, digest } = put;
  const bounds = { filesMax: 10, bytesMax: 1_000 };
  await files.put({ ...file, bytes, digest, createdMs: nowUs / 1_000, expiresMs: undefined }, bounds);
  const device = { keyset: KEYSET, app: { gateway: "fcm" }, token: "phone-1" } as const;
  await push.change(device, { add: ["room-0", "room-1"], remove: [], nowMs: nowUs / 1_000 });
}
