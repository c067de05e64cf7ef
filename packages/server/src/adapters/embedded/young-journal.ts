/**
 * What the process before this one acknowledged from memory and journalled: read once, when somebody first asks for it.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { type SubscribeName, wildcardsOf } from "@longwave/protocol";
import type { Message } from "../../ports/message.ts";
import type { StoredReadRequest } from "../../ports/message-store.ts";
import { parseJournal } from "./sqlite-writes.ts";

/** Journalled messages of earlier processes, by keyset. */
export class YoungJournal {
  readonly #database: Database;
  readonly #lastId: bigint;
  #byKeyset: Map<string, Message[]> | undefined;

  /** Takes note of what is there now; nothing is read yet. */
  constructor(database: Database) {
    this.#database = database;
    const newest = database.query<{ id: bigint }, []>("SELECT coalesce(max(id), 0) AS id FROM journal").get();
    this.#lastId = newest?.id ?? 0n;
  }

  /** The oldest journalled messages of a name in a range, in timetoken order. */
  read({ keyset, name, after, through, messagesMax }: StoredReadRequest): readonly Message[] {
    if (this.#lastId === 0n) return [];
    this.#byKeyset ??= this.#load();
    const matching = this.#byKeyset
      .get(keyset)
      ?.filter(({ channel, timetoken }) => timetoken > after && timetoken <= through && isNamed(name, channel));
    return matching?.slice(0, messagesMax) ?? [];
  }

  #load(): Map<string, Message[]> {
    const chunks = this.#database
      .query<{ messages: string }, [bigint]>("SELECT messages FROM journal WHERE id <= ? ORDER BY id")
      .all(this.#lastId);
    const messages = chunks.flatMap((chunk) => parseJournal(chunk.messages));
    return Map.groupBy(messages, (message) => message.keyset);
  }
}

/** Whether a channel is meant by a name of a subscribe request. */
export function isNamed(name: SubscribeName, channel: string): boolean {
  return channel === name.name || (name.kind === "wildcard" && wildcardsOf(channel).includes(name.name));
}
