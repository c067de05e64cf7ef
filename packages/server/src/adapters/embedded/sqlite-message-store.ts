/**
 * The message store of a single process, on SQLite.
 *
 * Reads go through a connection of the main thread, and see what is still on its way to the disk; writes leave by the group
 * commit (`group-commit.ts`). Rules: spec/STORE.md.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS, TICKS_PER_MS, type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";
import { type Message, type PublishId, isExpired } from "../../ports/message.ts";
import {
  type CommitAtOutcome,
  type CommitOutcome,
  type CountRequest,
  type DeleteOutcome,
  type IdRequest,
  type KeptId,
  type MessageRange,
  type MessageStore,
  type Page,
  type PageRequest,
  type StoredReadRequest,
} from "../../ports/message-store.ts";
import { ExpirySweep } from "./expiry-sweep.ts";
import { type CommitObserver, GroupCommit } from "./group-commit.ts";
import { byTimetoken } from "./keyset-log.ts";
import { insertionAt } from "./insertion-at.ts";
import { idFloorAt } from "./publish-ids.ts";
import { mergePage } from "./page-merge.ts";
import { QueueAge } from "./queue-age.ts";
import { type DamageListener, ReadSession } from "./sqlite-reads.ts";
import type { Writer } from "./sqlite-writer.ts";
import { ENDED_ORDERLY, JOURNAL_LOST_THROUGH, QUEUE_AGE, RESERVED_THROUGH } from "./sqlite-writes.ts";
import { YoungJournal, isNamed } from "./young-journal.ts";

/** What the store tells those who watch it. */
export interface StoreObserver extends CommitObserver {
  /** A message is not as it was written, so nobody is shown it. Told once a message, and not of more than a thousand. */
  readonly damaged?: DamageListener | undefined;
}

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
  readonly #writes: GroupCommit;
  readonly #sweep: ExpirySweep;
  #stopped: Promise<void> | undefined;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer.
   */
  constructor(clock: Clock, reading: Database, writer: Writer, observer: StoreObserver) {
    this.#clock = clock;
    this.#writer = writer;
    this.#reads = new ReadSession(reading, (message) => observer.damaged?.(message));
    this.#young = new YoungJournal(reading);
    const settings = reading.query<{ value: bigint }, [string]>("SELECT value FROM setting WHERE name = ?");
    this.reservedThrough = settings.get(RESERVED_THROUGH)?.value ?? 0n;
    const lost = settings.get(ENDED_ORDERLY) ? settings.get(JOURNAL_LOST_THROUGH)?.value : this.reservedThrough;
    this.lostThrough = lost ?? 0n;
    this.idsThrough = this.#reads.newestId();
    this.#age = openAge(clock, reading, this.reservedThrough);
    this.#writes = new GroupCommit({ clock, writer, age: this.#age, observer });
    this.#sweep = new ExpirySweep(clock, writer);
  }

  get agedThrough(): Timetoken {
    return this.#age.passed;
  }

  /** Messages accepted and not yet committed, and deletions among them. */
  get backlogMessages(): number {
    return this.#writes.size;
  }

  isOverloaded(keyset: string): boolean {
    return this.#writes.isFullFor(keyset) || this.#stopped !== undefined;
  }

  commit(message: Message, id?: PublishId): Promise<CommitOutcome> {
    if (this.isOverloaded(message.keyset)) return Promise.resolve("overloaded");
    this.#age.note(message.timetoken);
    return this.#writes.commit(message, id);
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
    return this.#writes.deleteRange(range);
  }

  journal(message: Message): void {
    this.#age.note(message.timetoken);
    this.#writes.journal(message);
  }

  reserve(through: Timetoken): Promise<boolean> {
    return this.#writes.reserve(through);
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
    await this.#sweep.stop();
    await this.#writes.stop(last);
    await this.#writer.close();
  }

  #unwrittenIn({ keyset, channel, from, through }: MessageRange): readonly Message[] {
    return this.#unwritten(keyset).filter(
      (message) => message.channel === channel && message.timetoken >= from && message.timetoken <= through,
    );
  }

  // Messages whose commit is under way and that have not expired already.
  #unwritten(keyset: string): readonly Message[] {
    const now = this.#now();
    return [...this.#writes.messagesOf(keyset)].filter((message) => !isExpired(message, now));
  }

  #now(): Timetoken {
    return timetokenFromMs(this.#clock.wallMs());
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

/** Later than every timetoken, and the largest integer of the database. */
const FOR_EVER: Timetoken = 2n ** 63n - 1n;
