/**
 * The broker of a single process: order and live delivery in memory.
 *
 * What it must keep over a restart (timetokens that never go back) it asks of its reserve; what it forgets, readers are
 * told of as shortfalls. Rules: spec/BROKER.md, spec/IDEMPOTENCY.md.
 *
 * @module
 */
import { LIMITS, type Timetoken } from "@longwave/protocol";
import type { AppendOutcome, Broker, Control, LogEntry, ReadAnswer, ReadRequest } from "../../ports/broker.ts";
import { type Clock, type Timer, every } from "../../ports/clock.ts";
import type { MaybePromise } from "../../ports/maybe-promise.ts";
import { type Message, type MessageDraft, type PublishId, weightOf } from "../../ports/message.ts";
import { AppendOnce, type IdStore } from "./append-once.ts";
import type { ChannelQueue } from "./channel-queue.ts";
import { KeysetLog } from "./keyset-log.ts";
import type { IdOptions } from "./publish-ids.ts";
import { QueueAge } from "./queue-age.ts";
import { QueueShares } from "./queue-shares.ts";
import { type TimetokenReserve, TimetokenSource } from "./timetoken-source.ts";

/** How long and how much queues remember. Zero means nothing, never "no limit". */
export interface QueueOptions {
  /** Messages kept per channel. @defaultValue 10_000 */
  readonly messagesMax?: number | undefined;
  /** Age after which a message leaves, in milliseconds. @defaultValue 1_200_000 (20 min) */
  readonly ageMsMax?: number | undefined;
  /** Bytes of all queues together, roughly. @defaultValue 268_435_456 (256 MiB) */
  readonly bytesMax?: number | undefined;
  /** Bytes of one keyset's queues beyond which its own oldest leave first when there is no room. @defaultValue 67_108_864 */
  readonly keysetBytesMax?: number | undefined;
}

/** The defaults of {@link QueueOptions}. */
export const QUEUE_DEFAULTS = Object.freeze({
  messagesMax: LIMITS.queueMessagesMax,
  ageMsMax: LIMITS.queueAgeMsMax,
  bytesMax: LIMITS.queueBytesMax,
  keysetBytesMax: LIMITS.queueBytesPerKeysetMax,
});

/** What the broker needs of the message store. */
export type BrokerStore = TimetokenReserve & IdStore;

const SWEEP_MS = 5_000;

const PUBLISHERS_MAX = 10_000;

/** Orders, remembers and announces messages within one process. */
export class MemoryBroker implements Broker {
  readonly #source: TimetokenSource;
  readonly #once: AppendOnce;
  readonly #messagesMax: number;
  readonly #age: QueueAge;
  readonly #bytesMax: number;
  readonly #logs = new Map<string, KeysetLog>();
  readonly #startedAfter: Timetoken;
  readonly #lostBefore: Timetoken;
  // All queues' messages, oldest first, from #head. A queue of ten thousand is marked by every full collection of garbage,
  // so what is kept for each message is the message, its payload and its timetoken, and nothing else.
  #remembered: Message[] = [];
  #head = 0;
  #stale = 0; // of them, those that their queue has forgotten already
  #bytes = 0;
  readonly #shares: QueueShares;
  readonly #publishers = new Map<string, string>();
  #fresh: LogEntry[] = [];
  readonly #followers = new Map<(entries: readonly LogEntry[]) => void, (message: Message) => boolean>();
  readonly #sweep: Timer;

  constructor(clock: Clock, store: BrokerStore, options: QueueOptions & IdOptions = {}) {
    this.#source = new TimetokenSource(clock, store);
    this.#once = new AppendOnce(store, (keyset, draft) => this.#appendAnew(keyset, draft), options);
    this.#startedAfter = store.reservedThrough;
    this.#lostBefore = store.lostThrough;
    this.#messagesMax = options.messagesMax ?? QUEUE_DEFAULTS.messagesMax;
    this.#age = new QueueAge(clock, options.ageMsMax ?? QUEUE_DEFAULTS.ageMsMax, store.reservedThrough);
    this.#bytesMax = options.bytesMax ?? QUEUE_DEFAULTS.bytesMax;
    this.#shares = new QueueShares(options.keysetBytesMax ?? QUEUE_DEFAULTS.keysetBytesMax);
    this.#sweep = every(clock, SWEEP_MS, () => this.#forgetOld());
  }

  /** Bytes that the queues hold, roughly. */
  get queueBytes(): number {
    return this.#bytes;
  }

  /** The newest timetoken that has been passed. */
  get last(): Timetoken {
    return this.#source.last;
  }

  append(keyset: string, draft: MessageDraft, id?: PublishId): MaybePromise<AppendOutcome> {
    if (id !== undefined) return this.#once.append({ keyset, draft, id }, this.#source.now);
    return this.#appendAnew(keyset, draft);
  }

  async settle(message: Message, id: PublishId, isKept: boolean): Promise<void> {
    this.#once.settle(message, id, isKept);
  }

  #appendAnew(keyset: string, draft: MessageDraft): MaybePromise<AppendOutcome> {
    const timetoken = this.#source.next();
    if (timetoken === undefined) return this.#appendLater(keyset, draft);
    return { kind: "appended", message: this.#remember(keyset, draft, timetoken) };
  }

  async #appendLater(keyset: string, draft: MessageDraft): Promise<AppendOutcome> {
    const timetoken = await this.#nextTimetoken();
    if (timetoken === undefined) return UNAVAILABLE;
    return { kind: "appended", message: this.#remember(keyset, draft, timetoken) };
  }

  async #nextTimetoken(): Promise<Timetoken | undefined> {
    let timetoken = this.#source.next();
    while (timetoken === undefined) {
      if (!(await this.#source.extend())) return undefined;
      timetoken = this.#source.next();
    }
    return timetoken;
  }

  async announce(keyset: string, control: Control): Promise<"announced" | "unavailable"> {
    const timetoken = await this.#nextTimetoken();
    if (timetoken === undefined) return "unavailable";
    this.#tell({ keyset, timetoken, control });
    return "announced";
  }

  async position(): Promise<Timetoken> {
    const position = this.#source.position();
    if (position > 0n) return position;
    await this.#source.extend(); // the very first, of a store that has reserved nothing: zero would ask for now again
    return this.#source.position();
  }

  read(request: ReadRequest): MaybePromise<ReadAnswer> {
    return this.#logOf(request.keyset).read(request);
  }

  follow(
    receive: (entries: readonly LogEntry[]) => void,
    isWanted: (message: Message) => boolean = always,
  ): () => void {
    this.#followers.set(receive, isWanted);
    return () => this.#followers.delete(receive);
  }

  async stop(): Promise<void> {
    this.#sweep.cancel();
    this.#flush();
    this.#followers.clear();
  }

  #logOf(keyset: string): KeysetLog {
    const known = this.#logs.get(keyset);
    if (known) return known;
    const log = new KeysetLog(keyset, this.#startedAfter, this.#lostBefore);
    this.#logs.set(keyset, log);
    return log;
  }

  #remember(keyset: string, draft: MessageDraft, timetoken: Timetoken): Message {
    const log = this.#logOf(keyset);
    const queue = log.queueFor(draft.channel);
    // One string for all messages of a channel or publisher; each request's own would keep its whole URL in memory.
    const publisher = this.#onlyOne(draft.publisher);
    const message: Message = { ...draft, publisher, channel: queue.channel, keyset: log.keyset, timetoken };
    queue.push(message);
    this.#remembered.push(message);
    this.#weigh(log, weightOf(message));
    if (queue.size > this.#messagesMax) this.#forgetEarly(log, queue);
    while (this.#bytes > this.#bytesMax) this.#makeRoom(log);
    if (this.#isWanted(message)) this.#tell(message);
    return message;
  }

  // Everything of one turn of the event loop is announced together, so that it leaves in one write.
  #tell(entry: LogEntry): void {
    if (this.#fresh.push(entry) === 1) setImmediate(() => this.#flush());
  }

  #onlyOne(publisher: string | undefined): string | undefined {
    if (publisher === undefined) return undefined;
    const known = this.#publishers.get(publisher);
    if (known !== undefined) return known;
    if (this.#publishers.size >= PUBLISHERS_MAX) this.#publishers.clear();
    this.#publishers.set(publisher, publisher);
    return publisher;
  }

  #flush(): void {
    if (this.#fresh.length === 0) return;
    const entries = this.#fresh;
    this.#fresh = [];
    for (const receive of this.#followers.keys()) receive(entries);
  }

  #isWanted(message: Message): boolean {
    for (const isWanted of this.#followers.values()) if (isWanted(message)) return true;
    return false;
  }

  #forgetOld(): void {
    this.#once.sweep(this.#source.now);
    this.#age.note(this.#source.last);
    const oldest = this.#age.passed;
    for (let next = this.#remembered[this.#head]; next && next.timetoken <= oldest;) {
      this.#forgetOldest(true);
      next = this.#remembered[this.#head];
    }
  }

  #weigh(log: KeysetLog, bytes: number): void {
    this.#bytes += bytes;
    this.#shares.add(log, bytes);
  }

  // Whoever holds more than its share makes room first, and of these whoever needs it (LMT12).
  #makeRoom(log: KeysetLog): void {
    const payer = this.#shares.payer(log);
    if (payer) this.#forgetOldestOf(payer);
    else this.#forgetOldest(false);
  }

  #forgetOldestOf(log: KeysetLog): void {
    const at = this.#shares.oldestOf(log, this.#remembered, this.#head);
    const message = this.#remembered[at];
    if (message === undefined || at === this.#head) this.#forgetOldest(false);
    else this.#forgetEarly(log, log.queueFor(message.channel));
  }

  // The oldest of all is the oldest of its queue, unless that queue was over its own bound and has forgotten it already.
  #forgetOldest(isAged: boolean): void {
    const next = this.#remembered[this.#head];
    if (next === undefined) return;
    this.#head += 1;
    const log = this.#logOf(next.keyset);
    if (log.remembers(next)) this.#forget(log, log.queueFor(next.channel), isAged);
    else this.#stale -= 1;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#remembered.length) this.#compact();
  }

  // A queue over its own bound forgets before its turn; its entry stays in the common order until enough of them do.
  #forgetEarly(log: KeysetLog, queue: ChannelQueue): void {
    this.#forget(log, queue, false);
    this.#stale += 1;
    if (this.#stale >= COMPACT_AT && this.#stale * 2 >= this.#remembered.length - this.#head) this.#compact();
  }

  #compact(): void {
    const young = this.#remembered.slice(this.#head);
    this.#remembered = young.filter((message) => this.#logOf(message.keyset).remembers(message));
    this.#head = 0;
    this.#stale = 0;
    this.#shares.moved();
  }

  #forget(log: KeysetLog, queue: ChannelQueue, isAged: boolean): void {
    const message = queue.shift(isAged);
    if (message) this.#weigh(log, -weightOf(message));
    if (queue.size === 0) log.close(queue);
  }
}

const always = (): boolean => true;
const COMPACT_AT = 1_024;
const UNAVAILABLE: AppendOutcome = Object.freeze({ kind: "unavailable" });
