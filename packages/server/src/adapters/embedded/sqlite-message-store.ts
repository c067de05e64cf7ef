/**
 * The message store of a single process, on SQLite.
 *
 * Reads go through a connection of the main thread; writes are gathered while the writer is busy and leave as one
 * transaction (group commit). Rules: spec/STORE.md.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS, TICKS_PER_MS, type Timetoken } from "@longwave/protocol";
import type { Clock, Timer } from "../../ports/clock.ts";
import { type Message, weightOf } from "../../ports/message.ts";
import {
  type CommitOutcome,
  JOURNAL_INTERVAL_MS,
  type MessageStore,
  type StoredReadRequest,
} from "../../ports/message-store.ts";
import { byTimetoken } from "./keyset-log.ts";
import { QueueAge } from "./queue-age.ts";
import { ReadSession } from "./sqlite-reads.ts";
import type { Writer } from "./sqlite-writer.ts";
import { ENDED_ORDERLY, JOURNAL_LOST_THROUGH, QUEUE_AGE, RESERVED_THROUGH, printJournal } from "./sqlite-writes.ts";
import { YoungJournal, isNamed } from "./young-journal.ts";

/** What the store tells those who watch it. */
export interface StoreObserver {
  /** A transaction has ended. `refusal` is the database's own word when it failed. */
  committed(messages: number, elapsedMs: number, refusal: string | undefined): void;
}

interface Waiting {
  readonly message: Message;
  readonly settle: (outcome: CommitOutcome) => void;
}

interface Reservation {
  readonly through: Timetoken;
  readonly settle: (kept: boolean) => void;
}

const BATCH_MESSAGES_MAX = 5_000;
const BATCH_BYTES_MAX = 8_388_608;
/** Journalled messages that may wait for a disk that refuses them; the oldest leave first. */
const JOURNAL_WAITING_MAX = 100_000;
const JOURNAL_BATCH_MAX = 20_000;

/** Keeps messages in an SQLite database. */
export class SqliteMessageStore implements MessageStore {
  readonly reservedThrough: Timetoken;
  readonly lostThrough: Timetoken;
  readonly #clock: Clock;
  readonly #writer: Writer;
  readonly #reads: ReadSession;
  readonly #young: YoungJournal;
  readonly #age: QueueAge;
  readonly #observer: StoreObserver;
  #waiting: Waiting[] = [];
  #writing: readonly Waiting[] = [];
  #backlogBytes = 0;
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
    this.#reads = new ReadSession(reading);
    this.#young = new YoungJournal(reading);
    const settings = reading.query<{ value: bigint }, [string]>("SELECT value FROM setting WHERE name = ?");
    this.reservedThrough = settings.get(RESERVED_THROUGH)?.value ?? 0n;
    const lost = settings.get(ENDED_ORDERLY) ? settings.get(JOURNAL_LOST_THROUGH)?.value : this.reservedThrough;
    this.lostThrough = lost ?? 0n;
    this.#age = openAge(clock, reading, this.reservedThrough);
  }

  get agedThrough(): Timetoken {
    return this.#age.passed;
  }

  /** Messages accepted and not yet committed. */
  get backlogMessages(): number {
    return this.#waiting.length + this.#writing.length;
  }

  get isOverloaded(): boolean {
    const isFull = this.backlogMessages >= LIMITS.commitBacklogMessagesMax;
    return isFull || this.#backlogBytes >= LIMITS.commitBacklogBytesMax || this.#stopped !== undefined;
  }

  commit(message: Message): Promise<CommitOutcome> {
    if (this.isOverloaded) return Promise.resolve("overloaded");
    this.#age.note(message.timetoken);
    this.#backlogBytes += weightOf(message);
    return new Promise((settle) => {
      this.#waiting.push({ message, settle });
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
    const unwritten = [...this.#writing, ...this.#waiting]
      .map(({ message }) => message)
      .filter((message) => message.keyset === keyset && isNamed(name, message.channel))
      .filter(({ timetoken }) => timetoken > after && timetoken <= through);
    const kept = this.#reads.read(request);
    const journalled = this.#young.read(request);
    if (unwritten.length === 0 && journalled.length === 0) return kept;
    const byTime = new Map([...unwritten, ...journalled, ...kept].map((message) => [message.timetoken, message]));
    return [...byTime.values()].toSorted(byTimetoken).slice(0, messagesMax);
  }

  stop(last?: Timetoken): Promise<void> {
    this.#stopped ??= this.#stop(last);
    return this.#stopped;
  }

  async #stop(last: Timetoken | undefined): Promise<void> {
    this.#journalTimer?.cancel();
    while (this.backlogMessages > 0 || this.#inFlight) {
      await this.#inFlight;
      this.#send();
    }
    // What remains is the journal, and the exact last timetoken in place of the reservation ahead of it.
    const rest = this.#journal.splice(0);
    await this.#writer.write({
      messages: [],
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
    if (this.#waiting.length === 0 && this.#reservations.length === 0 && !journalIsDue) return;
    this.#inFlight = this.#write().finally(() => {
      this.#inFlight = undefined;
      this.#send();
    });
  }

  async #write(): Promise<void> {
    const batch = this.#takeBatch();
    const reservations = this.#reservations.splice(0);
    const journal = this.#journal.splice(0, JOURNAL_BATCH_MAX);
    const reserve = reservations.map(({ through }) => through).reduce<Timetoken | undefined>(later, undefined);
    const startedMs = this.#clock.monotonicMs();
    const outcome = await this.#writer.write({
      messages: batch.map(({ message }) => message),
      journal: printJournal(journal),
      reserve,
      queueAge: reserve === undefined ? undefined : this.#age.print(),
      journalFloor: this.#age.passed,
      isLast: false,
    });
    const refusal = outcome.kind === "refused" ? outcome.reason : undefined;
    this.#observer.committed(batch.length, this.#clock.monotonicMs() - startedMs, refusal);
    this.#writing = [];
    if (refusal !== undefined && journal.length > 0) this.#putBack(journal);
    for (const { message, settle } of batch) {
      this.#backlogBytes -= weightOf(message);
      settle(refusal === undefined ? "committed" : "unavailable");
    }
    for (const { settle } of reservations) settle(refusal === undefined);
  }

  // A transaction is bounded in messages and bytes, so that its acknowledgements do not wait for a whole flood.
  #takeBatch(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of this.#waiting) {
      bytes += weightOf(message);
      if (count > 0 && (count >= BATCH_MESSAGES_MAX || bytes > BATCH_BYTES_MAX)) break;
      count += 1;
    }
    this.#writing = this.#waiting.splice(0, count);
    return this.#writing;
  }

  #putBack(journal: readonly Message[]): void {
    this.#journal = [...journal, ...this.#journal].slice(-JOURNAL_WAITING_MAX);
    this.#journalTimer ??= this.#clock.after(JOURNAL_INTERVAL_MS, () => {
      this.#journalTimer = undefined;
      this.#schedule();
    });
  }
}

// Goes on from where the process before this one was. Where none has noted it, timetokens must do for the time.
function openAge(clock: Clock, reading: Database, reservedThrough: Timetoken): QueueAge {
  const saved = reading.query<{ value: string }, [string]>("SELECT value FROM setting WHERE name = ?").get(QUEUE_AGE);
  const passed = reservedThrough - BigInt(LIMITS.queueAgeMsMax) * TICKS_PER_MS;
  const age = new QueueAge(clock, LIMITS.queueAgeMsMax, passed, saved?.value);
  age.note(reservedThrough); // what was given out after the last note is not older than this start
  return age;
}

function later(one: Timetoken | undefined, other: Timetoken): Timetoken {
  return one === undefined || other > one ? other : one;
}
