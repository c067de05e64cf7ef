/**
 * The message store of a single process, on SQLite.
 *
 * Reads go through a connection of the main thread; writes are gathered while the writer is busy and leave as one
 * transaction (group commit). Rules: spec/STORE.md.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS, TICKS_PER_MS, type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";
import { type Message, type PublishId, isExpired } from "../../ports/message.ts";
import {
  type CommitAtOutcome,
  type CommitOutcome,
  type CountRequest,
  type DeleteOutcome,
  type IdRequest,
  JOURNAL_INTERVAL_MS,
  type KeptId,
  type MessageRange,
  type MessageStore,
  type Page,
  type PageRequest,
  type StoredReadRequest,
} from "../../ports/message-store.ts";
import { type Commit, CommitQueue, type Deletion } from "./commit-queue.ts";
import { DELETED_PER_TRANSACTION_MAX, deletionOf } from "./deletions.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import { byTimetoken } from "./keyset-log.ts";
import { insertionAt } from "./insertion-at.ts";
import { idFloorAt } from "./publish-ids.ts";
import { mergePage } from "./page-merge.ts";
import { QueueAge } from "./queue-age.ts";
import { type DamageListener, ReadSession } from "./sqlite-reads.ts";
import type { Writer } from "./sqlite-writer.ts";
import {
  ENDED_ORDERLY,
  type IdWrite,
  JOURNAL_LOST_THROUGH,
  QUEUE_AGE,
  RESERVED_THROUGH,
  printJournal,
} from "./sqlite-writes.ts";
import { YoungJournal, isNamed } from "./young-journal.ts";

/** What the store tells those who watch it. */
export interface StoreObserver {
  /** A transaction has ended. `refusal` is the database's own word when it failed. */
  committed(messages: number, elapsedMs: number, refusal: string | undefined): void;
  /** A message is not as it was written, so nobody is shown it. Told once a message, and not of more than a thousand. */
  readonly damaged?: DamageListener | undefined;
}

interface Reservation {
  readonly through: Timetoken;
  readonly settle: (kept: boolean) => void;
}

/** Journalled messages that may wait for a disk that refuses them; the oldest leave first. */
const JOURNAL_WAITING_MAX = 100_000;
const JOURNAL_BATCH_MAX = 20_000;

/** Keeps messages in an SQLite database. */
export class SqliteMessageStore implements MessageStore {
  readonly reservedThrough: Timetoken;
  readonly lostThrough: Timetoken;
  readonly idsThrough: Timetoken;
  readonly #clock: Clock;
  readonly #writer: Writer;
  readonly #reads: ReadSession;
  readonly #young: YoungJournal;
  readonly #age: QueueAge;
  readonly #observer: StoreObserver;
  readonly #sweep: ExpirySweep;
  readonly #queue = new CommitQueue();
  #journal: Message[] = [];
  #journalTimer: Timer | undefined;
  #reservations: Reservation[] = [];
  #scheduled = false;
  #inFlight: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer.
   */
  constructor(clock: Clock, reading: Database, writer: Writer, observer: StoreObserver) {
    this.#clock = clock;
    this.#writer = writer;
    this.#observer = observer;
    this.#reads = new ReadSession(reading, (message) => observer.damaged?.(message));
    this.#young = new YoungJournal(reading);
    const settings = reading.query<{ value: bigint }, [string]>("SELECT value FROM setting WHERE name = ?");
    this.reservedThrough = settings.get(RESERVED_THROUGH)?.value ?? 0n;
    const lost = settings.get(ENDED_ORDERLY) ? settings.get(JOURNAL_LOST_THROUGH)?.value : this.reservedThrough;
    this.lostThrough = lost ?? 0n;
    this.idsThrough = this.#reads.newestId();
    this.#age = openAge(clock, reading, this.reservedThrough);
    this.#sweep = new ExpirySweep(clock, writer);
  }

  get agedThrough(): Timetoken {
    return this.#age.passed;
  }

  /** Messages accepted and not yet committed, and deletions among them. */
  get backlogMessages(): number {
    return this.#queue.size;
  }

  isOverloaded(keyset: string): boolean {
    return this.#queue.isFullFor(keyset) || this.#stopped !== undefined;
  }

  commit(message: Message, id?: PublishId): Promise<CommitOutcome> {
    if (this.isOverloaded(message.keyset)) return Promise.resolve("overloaded");
    this.#age.note(message.timetoken);
    return new Promise((settle) => {
      this.#queue.push({ kind: "commit", message, id, settle });
      this.#schedule();
    });
  }

  async commitAt(message: Message): Promise<CommitAtOutcome> {
    if (this.#stopped) return "unavailable";
    const { keyset, channel, timetoken } = message;
    if (this.#unwrittenIn({ keyset, channel, from: timetoken, through: timetoken }).length > 0) return "occupied";
    const outcome = await this.#writer.write(insertionAt(message));
    if (outcome.kind === "refused") return "unavailable";
    return outcome.changes.at(-1) === 1 ? "committed" : "occupied";
  }

  deleteRange(range: MessageRange): Promise<DeleteOutcome> {
    if (this.isOverloaded(range.keyset)) return Promise.resolve("unavailable");
    return new Promise((settle) => {
      this.#queue.push({ kind: "deletion", range, settle });
      this.#schedule();
    });
  }

  journal(message: Message): void {
    this.#age.note(message.timetoken);
    this.#journal.push(message);
    if (this.#journal.length > JOURNAL_WAITING_MAX) this.#journal = this.#journal.slice(JOURNAL_WAITING_MAX / 2);
    this.#journalTimer ??= this.#clock.after(JOURNAL_INTERVAL_MS, () => {
      this.#journalTimer = undefined;
      this.#schedule();
    });
  }

  reserve(through: Timetoken): Promise<boolean> {
    return new Promise((settle) => {
      this.#reservations.push({ through, settle });
      this.#schedule();
    });
  }

  async read(request: StoredReadRequest): Promise<readonly Message[]> {
    const { after, through, name, keyset, messagesMax } = request;
    const unwritten = this.#unwritten(keyset).filter(
      ({ channel, timetoken }) => isNamed(name, channel) && timetoken > after && timetoken <= through,
    );
    const kept = this.#reads.read(request, this.#now());
    const journalled = this.#young.read(request);
    if (unwritten.length === 0 && journalled.length === 0) return kept;
    const byTime = new Map([...unwritten, ...journalled, ...kept].map((message) => [message.timetoken, message]));
    return [...byTime.values()].toSorted(byTimetoken).slice(0, messagesMax);
  }

  async readPage(request: PageRequest): Promise<Page> {
    return mergePage(request, this.#reads.page(request, this.#now()), this.#unwrittenIn(request));
  }

  async countAfter({ keyset, channel, after, countMax }: CountRequest): Promise<number> {
    const range = { keyset, channel, from: after + 1n, through: FOR_EVER };
    const unwritten = this.#unwrittenIn(range).map(({ timetoken }) => timetoken);
    const first = unwritten.reduce<Timetoken>((one, other) => (other < one ? other : one), FOR_EVER);
    const now = this.#now();
    const before = this.#reads.count({ ...range, through: first - 1n }, now, countMax);
    // From the first of them on some may be in the database already, so they are told apart by their timetokens.
    const kept = unwritten.length === 0 ? [] : this.#reads.timetokens({ ...range, from: first }, now, countMax);
    return Math.min(before + new Set([...unwritten, ...kept]).size, countMax);
  }

  async findId(request: IdRequest): Promise<KeptId | undefined> {
    return this.#reads.id(request, idFloorAt(this.#now()));
  }

  stop(last?: Timetoken): Promise<void> {
    this.#stopped ??= this.#stop(last);
    return this.#stopped;
  }

  async #stop(last: Timetoken | undefined): Promise<void> {
    this.#journalTimer?.cancel();
    await this.#sweep.stop();
    while (this.backlogMessages > 0 || this.#inFlight) {
      await this.#inFlight;
      this.#send();
    }
    // What remains is the journal, and the exact last timetoken in place of the reservation ahead of it.
    const rest = this.#journal.splice(0);
    await this.#writer.write({
      messages: [],
      ids: [],
      journal: printJournal(rest),
      reserve: last,
      queueAge: this.#age.print(),
      journalFloor: this.#age.passed,
      isLast: true,
    });
    await this.#writer.close();
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
    const isLong = this.#journal.length >= JOURNAL_BATCH_MAX;
    const journalIsDue = isLong || (this.#journal.length > 0 && this.#journalTimer === undefined);
    if (this.#queue.size === 0 && this.#reservations.length === 0 && !journalIsDue) return;
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
    const outcome = await this.#writer.write(deletionOf(deletion.range));
    if (outcome.kind === "refused") deletion.settle("unavailable");
    else if ((outcome.changes.at(-1) ?? 0) < DELETED_PER_TRANSACTION_MAX) deletion.settle("deleted");
    else this.#queue.push(deletion);
  }

  async #writeMessages(): Promise<void> {
    const batch = this.#queue.takeBatch();
    const reservations = this.#reservations.splice(0);
    const journal = this.#journal.splice(0, JOURNAL_BATCH_MAX);
    if (batch.length + reservations.length + journal.length === 0) return; // there was a deletion, and nothing else
    const reserve = reservations.map(({ through }) => through).reduce<Timetoken | undefined>(later, undefined);
    const startedMs = this.#clock.monotonicMs();
    const outcome = await this.#writer.write({
      messages: batch.map(({ message }) => message),
      ids: idsOf(batch),
      journal: printJournal(journal),
      reserve,
      queueAge: reserve === undefined ? undefined : this.#age.print(),
      journalFloor: this.#age.passed,
      isLast: false,
    });
    const refusal = outcome.kind === "refused" ? outcome.reason : undefined;
    this.#observer.committed(batch.length, this.#clock.monotonicMs() - startedMs, refusal);
    this.#queue.written();
    if (refusal !== undefined && journal.length > 0) this.#putBack(journal);
    for (const { settle } of batch) settle(refusal === undefined ? "committed" : "unavailable");
    for (const { settle } of reservations) settle(refusal === undefined);
  }

  #unwrittenIn({ keyset, channel, from, through }: MessageRange): readonly Message[] {
    return this.#unwritten(keyset).filter(
      (message) => message.channel === channel && message.timetoken >= from && message.timetoken <= through,
    );
  }

  // Messages whose commit is under way and that have not expired already.
  #unwritten(keyset: string): readonly Message[] {
    const now = this.#now();
    return [...this.#queue.messagesOf(keyset)].filter((message) => !isExpired(message, now));
  }

  #now(): Timetoken {
    return timetokenFromMs(this.#clock.wallMs());
  }

  #putBack(journal: readonly Message[]): void {
    this.#journal = [...journal, ...this.#journal].slice(-JOURNAL_WAITING_MAX);
    this.#journalTimer ??= this.#clock.after(JOURNAL_INTERVAL_MS, () => {
      this.#journalTimer = undefined;
      this.#schedule();
    });
  }
}

function idsOf(batch: readonly Commit[]): readonly IdWrite[] {
  const ids: IdWrite[] = [];
  for (const [at, { id }] of batch.entries()) if (id) ids.push({ ...id, at });
  return ids;
}

// Goes on from where the process before this one was. Where none has noted it, timetokens must do for the time.
function openAge(clock: Clock, reading: Database, reservedThrough: Timetoken): QueueAge {
  const saved = reading.query<{ value: string }, [string]>("SELECT value FROM setting WHERE name = ?").get(QUEUE_AGE);
  const passed = reservedThrough - BigInt(LIMITS.queueAgeMsMax) * TICKS_PER_MS;
  const age = new QueueAge(clock, LIMITS.queueAgeMsMax, passed, saved?.value);
  age.note(reservedThrough); // what was given out after the last note is not older than this start
  return age;
}

/** Later than every timetoken, and the largest integer of the database. */
const FOR_EVER: Timetoken = 2n ** 63n - 1n;

function later(one: Timetoken | undefined, other: Timetoken): Timetoken {
  return one === undefined || other > one ? other : one;
}
