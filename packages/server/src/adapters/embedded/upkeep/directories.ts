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
import { ManualClock } from "../manual-clock.ts";
import { SqliteActionStore } from "../sqlite-action-store.ts";
import { SqliteMessageStore } from "../sqlite-message-store.ts";

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
  return {
    messages,
    actions,
    damaged,
    async [Symbol.asyncDispose]() {
      await actions.stop();
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
