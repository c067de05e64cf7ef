/**
 * What the process before this one acknowledged from memory and journalled: read once, when somebody first asks for it.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { type SubscribeName, type Timetoken, wildcardsOf } from "@longwave/protocol";
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
    const messages = this.#byKeyset.get(keyset) ?? [];
    const found: Message[] = [];
    // One poll of many takes a page of a long journal, so it looks at no more of it than it must.
    for (let at = firstAfter(messages, after); found.length < messagesMax; at++) {
      const message = messages[at];
      if (message === undefined || message.timetoken > through) break;
      if (isNamed(name, message.channel)) found.push(message);
    }
    return found;
  }

  #load(): Map<string, Message[]> {
    const chunks = this.#database
      .query<{ messages: string }, [bigint]>("SELECT messages FROM journal WHERE id <= ? ORDER BY id")
      .all(this.#lastId);
    const messages = chunks.flatMap((chunk) => parseJournal(chunk.messages));
    return Map.groupBy(messages, (message) => message.keyset);
  }
}

/** Where the messages after a cursor begin in a list that is in timetoken order. */
function firstAfter(messages: readonly Message[], cursor: Timetoken): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const message = messages[middle];
    if (message !== undefined && message.timetoken > cursor) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether a channel is meant by a name of a subscribe request. */
export function isNamed(name: SubscribeName, channel: string): boolean {
  return channel === name.name || (name.kind === "wildcard" && wildcardsOf(channel).includes(name.name));
}
