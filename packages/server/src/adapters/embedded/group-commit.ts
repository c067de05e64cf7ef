/**
 * Group commit: what is to be written gathers while the writer is busy, and leaves as one transaction.
 *
 * One write is in flight at a time. A transaction takes a fair batch of commits, every reservation, and the journal where it
 * is due; a deletion goes before it in transactions of its own. Called by the message store only. Rules: spec/STORE.md.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";
import type { Message, PublishId } from "../../ports/message.ts";
import type { CommitOutcome, DeleteOutcome, MessageRange } from "../../ports/message-store.ts";
import { type Commit, CommitQueue, type Deletion, type Waiting } from "./commit-queue.ts";
import { DELETED_PER_TRANSACTION_MAX, deletionOf } from "./deletions.ts";
import type { QueueAge } from "./queue-age.ts";
import type { Writer } from "./sqlite-writer.ts";
import { type IdWrite, printJournal } from "./sqlite-writes.ts";
import { WaitingJournal } from "./waiting-journal.ts";

/** Is told of transactions. */
export interface CommitObserver {
  /** A transaction has ended. `refusal` is the database's own word when it failed. */
  committed(messages: number, elapsedMs: number, refusal: string | undefined): void;
}

/** What a group commit works with. */
export interface GroupCommitParts {
  readonly clock: Clock;
  readonly writer: Writer;
  readonly age: QueueAge;
  readonly observer: CommitObserver;
}

interface Reservation {
  readonly through: Timetoken;
  readonly settle: (kept: boolean) => void;
}

/** The writes of a message store. */
export class GroupCommit {
  readonly #parts: GroupCommitParts;
  readonly #queue = new CommitQueue();
  readonly #journal: WaitingJournal;
  #reservations: Reservation[] = [];
  #scheduled = false;
  #inFlight: Promise<void> | undefined;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
    this.#journal = new WaitingJournal(parts.clock, () => this.#schedule());
  }

  /** Commits and deletions that wait or are being written. */
  get size(): number {
    return this.#queue.size;
  }

  isFullFor(keyset: string): boolean {
    return this.#queue.isFullFor(keyset);
  }

  /** Messages of a keyset whose commit is under way. */
  messagesOf(keyset: string): Iterable<Message> {
    return this.#queue.messagesOf(keyset);
  }

  commit(message: Message, id: PublishId | undefined): Promise<CommitOutcome> {
    return new Promise((settle) => this.#push({ kind: "commit", message, id, settle }));
  }

  deleteRange(range: MessageRange): Promise<DeleteOutcome> {
    return new Promise((settle) => this.#push({ kind: "deletion", range, settle }));
  }

  journal(message: Message): void {
    this.#journal.add(message);
  }

  reserve(through: Timetoken): Promise<boolean> {
    return new Promise((settle) => {
      this.#reservations.push({ through, settle });
      this.#schedule();
    });
  }

  /** Writes whatever waits, and last the exact last timetoken in place of the reservation ahead of it. */
  async stop(last: Timetoken | undefined): Promise<void> {
    const { writer, age } = this.#parts;
    this.#journal.stop();
    while (this.size > 0 || this.#inFlight) {
      await this.#inFlight;
      this.#send();
    }
    await writer.write({
      messages: [],
      ids: [],
      journal: printJournal(this.#journal.takeAll()),
      reserve: last,
      queueAge: age.print(),
      journalFloor: age.passed,
      isLast: true,
    });
  }

  #push(next: Waiting): void {
    this.#queue.push(next);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return; // what waits leaves when the write in flight has ended
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#inFlight) return;
    if (this.size === 0 && this.#reservations.length === 0 && !this.#journal.isDue) return;
    this.#inFlight = this.#write().finally(() => {
      this.#inFlight = undefined;
      this.#send();
    });
  }

  async #write(): Promise<void> {
    const deletion = this.#queue.takeDeletion();
    if (deletion) await this.#deleteSome(deletion);
    await this.#writeMessages();
  }

  // What is left of the range waits behind the commits that have come meanwhile.
  async #deleteSome(deletion: Deletion): Promise<void> {
    const outcome = await this.#parts.writer.write(deletionOf(deletion.range));
    if (outcome.kind === "refused") deletion.settle("unavailable");
    else if ((outcome.changes.at(-1) ?? 0) < DELETED_PER_TRANSACTION_MAX) deletion.settle("deleted");
    else this.#queue.push(deletion);
  }

  async #writeMessages(): Promise<void> {
    const { clock, writer, age, observer } = this.#parts;
    const batch = this.#queue.takeBatch();
    const reservations = this.#reservations.splice(0);
    const journal = this.#journal.takeBatch();
    if (batch.length + reservations.length + journal.length === 0) return; // there was a deletion, and nothing else
    const reserve = reservations.map(({ through }) => through).reduce<Timetoken | undefined>(later, undefined);
    const startedMs = clock.monotonicMs();
    const outcome = await writer.write({
      messages: batch.map(({ message }) => message),
      ids: idsOf(batch),
      journal: printJournal(journal),
      reserve,
      queueAge: reserve === undefined ? undefined : age.print(),
      journalFloor: age.passed,
      isLast: false,
    });
    const refusal = outcome.kind === "refused" ? outcome.reason : undefined;
    observer.committed(batch.length, clock.monotonicMs() - startedMs, refusal);
    this.#queue.written();
    if (refusal !== undefined && journal.length > 0) this.#journal.putBack(journal);
    for (const { settle } of batch) settle(refusal === undefined ? "committed" : "unavailable");
    for (const { settle } of reservations) settle(refusal === undefined);
  }
}

function idsOf(batch: readonly Commit[]): readonly IdWrite[] {
  const ids: IdWrite[] = [];
  for (const [at, { id }] of batch.entries()) if (id) ids.push({ ...id, at });
  return ids;
}

function later(one: Timetoken | undefined, other: Timetoken): Timetoken {
  return one === undefined || other > one ? other : one;
}
