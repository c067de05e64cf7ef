/**
 * The action store of a single process, on SQLite.
 *
 * Reads go through a connection of the main thread, changes through the database's one writer, which makes them one after
 * another. The timetoken is taken here, in the order of the calls, and becomes durable with the change: the data directory
 * has one server at a time, so nobody else takes any. Rules: spec/ACTIONS.md.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS, type Timetoken } from "@longwave/protocol";
import type {
  Action,
  ActionPage,
  ActionStore,
  AddOutcome,
  AddRequest,
  MessageActions,
  MessageActionsRequest,
  PageRequest,
  RemoveOutcome,
  RemoveRequest,
  StoreRefusal,
} from "../../ports/action-store.ts";
import { ActionReads } from "./action-reads.ts";
import { addition, readAddition, removal } from "./action-statements.ts";
import { SqlBatches } from "./sql-batches.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

/** Keeps actions in an SQLite database. */
export class SqliteActionStore implements ActionStore {
  readonly #reads: ActionReads;
  readonly #changes: SqlBatches;
  readonly #last: Map<string, Timetoken>;
  readonly #waiting = new Map<string, number>();
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer; whoever made it closes it, after this store has stopped.
   * @param refused told the database's own word when it refuses changes, for the log.
   */
  constructor(reading: Database, writer: Writer, refused: (reason: string) => void) {
    this.#reads = new ActionReads(reading);
    this.#changes = new SqlBatches(writer, refused);
    const clocks = reading
      .query<{ keyset: string; last_timetoken: bigint }, []>("SELECT keyset, last_timetoken FROM action_clock")
      .all();
    this.#last = new Map(clocks.map(({ keyset, last_timetoken: last }) => [keyset, last]));
  }

  async add(request: AddRequest): Promise<AddOutcome> {
    const { keyset, draft, notBefore } = request;
    const refusal = this.#refusal(keyset);
    if (refusal) return refusal;
    const action: Action = { ...draft, timetoken: this.#nextTimetoken(keyset, notBefore) };
    const changes = await this.#change(keyset, addition(request, action));
    if (!changes) return UNAVAILABLE;
    const { duplicates, added } = readAddition(changes);
    if (added > 0) return { kind: "added", action };
    return { kind: duplicates > 0 ? "duplicate" : "tooMany" };
  }

  async remove(request: RemoveRequest): Promise<RemoveOutcome> {
    const refusal = this.#refusal(request.keyset);
    if (refusal) return refusal;
    // An action never changes and its timetoken is never given again, so what is read here is what the deletion deletes.
    const action = this.#reads.find(request);
    if (!action) return { kind: "none" };
    if (action.uuid !== request.uuid) return { kind: "notAuthor" };
    const changes = await this.#change(request.keyset, removal(request));
    if (!changes) return UNAVAILABLE;
    return changes[0] === 0 ? { kind: "none" } : { kind: "removed", action };
  }

  async page(request: PageRequest): Promise<ActionPage> {
    return this.#reads.page(request);
  }

  async actionsOf(request: MessageActionsRequest): Promise<MessageActions> {
    return this.#reads.actionsOf(request);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#changes.drain();
  }

  #refusal(keyset: string): StoreRefusal | undefined {
    if (this.#isStopped) return UNAVAILABLE;
    return (this.#waiting.get(keyset) ?? 0) >= LIMITS.waitingActionsPerKeysetMax ? OVERLOADED : undefined;
  }

  // Also used up where nothing is added in the end: the next one is only higher.
  #nextTimetoken(keyset: string, notBefore: Timetoken): Timetoken {
    const last = this.#last.get(keyset) ?? 0n;
    const next = notBefore > last ? notBefore : last + 1n;
    this.#last.set(keyset, next);
    return next;
  }

  async #change(keyset: string, statements: readonly SqlStatement[]): Promise<readonly number[] | undefined> {
    this.#count(keyset, 1);
    const changes = await this.#changes.write(statements);
    this.#count(keyset, -1);
    return changes;
  }

  #count(keyset: string, more: number): void {
    const waiting = (this.#waiting.get(keyset) ?? 0) + more;
    if (waiting === 0) this.#waiting.delete(keyset);
    else this.#waiting.set(keyset, waiting);
  }
}

const UNAVAILABLE: StoreRefusal = Object.freeze({ kind: "unavailable" });
const OVERLOADED: StoreRefusal = Object.freeze({ kind: "overloaded" });
