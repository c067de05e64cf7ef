/**
 * The broker of a single process: order and live delivery in memory.
 *
 * What it must keep over a restart (timetokens that never go back) it asks of its reserve; what it forgets, readers are
 * told of as shortfalls. Rules: spec/BROKER.md.
 *
 * @module
 */
import { LIMITS, TICKS_PER_MS, type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { AppendOutcome, Broker, ReadAnswer, ReadRequest } from "../../ports/broker.ts";
import { type Clock, type Timer, every } from "../../ports/clock.ts";
import { type Message, type MessageDraft, weightOf } from "../../ports/message.ts";
import type { ChannelQueue } from "./channel-queue.ts";
import { KeysetLog } from "./keyset-log.ts";
import { type TimetokenReserve, TimetokenSource } from "./timetoken-source.ts";

/** How long and how much queues remember. Zero means nothing, never "no limit". */
export interface QueueOptions {
  /** Messages kept per channel. @defaultValue 10_000 */
  readonly messagesMax?: number | undefined;
  /** Age after which a message leaves, in milliseconds. @defaultValue 1_200_000 (20 min) */
  readonly ageMsMax?: number | undefined;
  /** Bytes of all queues together, roughly. @defaultValue 268_435_456 (256 MiB) */
  readonly bytesMax?: number | undefined;
}

/** The defaults of {@link QueueOptions}. */
export const QUEUE_DEFAULTS = Object.freeze({
  messagesMax: LIMITS.queueMessagesMax,
  ageMsMax: LIMITS.queueAgeMsMax,
  bytesMax: LIMITS.queueBytesMax,
});

const SWEEP_MS = 5_000;

interface Remembered {
  readonly log: KeysetLog;
  readonly queue: ChannelQueue;
  readonly message: Message;
}

/** Orders, remembers and announces messages within one process. */
export class MemoryBroker implements Broker {
  readonly #clock: Clock;
  readonly #source: TimetokenSource;
  readonly #messagesMax: number;
  readonly #ageTicksMax: bigint;
  readonly #bytesMax: number;
  readonly #logs = new Map<string, KeysetLog>();
  readonly #startedAfter: Timetoken;
  #remembered: Remembered[] = []; // all queues' messages, oldest first, from #head
  #head = 0;
  #stale = 0; // of them, those that their queue has forgotten already
  #bytes = 0;
  #fresh: Message[] = [];
  readonly #followers = new Set<(messages: readonly Message[]) => void>();
  readonly #sweep: Timer;

  constructor(clock: Clock, reserve: TimetokenReserve, queue: QueueOptions = {}) {
    this.#clock = clock;
    this.#source = new TimetokenSource(clock, reserve);
    this.#startedAfter = reserve.reservedThrough;
    this.#messagesMax = queue.messagesMax ?? QUEUE_DEFAULTS.messagesMax;
    this.#ageTicksMax = BigInt(queue.ageMsMax ?? QUEUE_DEFAULTS.ageMsMax) * TICKS_PER_MS;
    this.#bytesMax = queue.bytesMax ?? QUEUE_DEFAULTS.bytesMax;
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

  async append(keyset: string, draft: MessageDraft): Promise<AppendOutcome> {
    let timetoken = this.#source.next();
    while (timetoken === undefined) {
      if (!(await this.#source.extend())) return UNAVAILABLE;
      timetoken = this.#source.next();
    }
    const message = { ...draft, keyset, timetoken };
    this.#remember(message);
    return { kind: "appended", message };
  }

  async position(): Promise<Timetoken> {
    const position = this.#source.position();
    if (position > 0n) return position;
    await this.#source.extend(); // the very first, of a store that has reserved nothing: zero would ask for now again
    return this.#source.position();
  }

  async read(request: ReadRequest): Promise<ReadAnswer> {
    return this.#logOf(request.keyset).read(request);
  }

  follow(receive: (messages: readonly Message[]) => void): () => void {
    this.#followers.add(receive);
    return () => this.#followers.delete(receive);
  }

  async stop(): Promise<void> {
    this.#sweep.cancel();
    this.#announce();
    this.#followers.clear();
  }

  #logOf(keyset: string): KeysetLog {
    const known = this.#logs.get(keyset);
    if (known) return known;
    const log = new KeysetLog(keyset, this.#startedAfter);
    this.#logs.set(keyset, log);
    return log;
  }

  #remember(message: Message): void {
    const log = this.#logOf(message.keyset);
    const queue = log.push(message);
    this.#remembered.push({ log, queue, message });
    this.#bytes += weightOf(message);
    if (queue.size > this.#messagesMax) this.#forgetEarly(log, queue);
    while (this.#bytes > this.#bytesMax) this.#forgetOldest();
    // All messages of one turn of the event loop are announced together, so that they leave in one write.
    if (this.#fresh.push(message) === 1) setImmediate(() => this.#announce());
  }

  #announce(): void {
    if (this.#fresh.length === 0) return;
    const messages = this.#fresh;
    this.#fresh = [];
    for (const receive of this.#followers) receive(messages);
  }

  #forgetOld(): void {
    const oldest = timetokenFromMs(this.#clock.wallMs()) - this.#ageTicksMax;
    for (let next = this.#remembered[this.#head]; next && next.message.timetoken <= oldest;) {
      this.#forgetOldest();
      next = this.#remembered[this.#head];
    }
  }

  #forgetOldest(): void {
    const next = this.#remembered[this.#head];
    if (next === undefined) return;
    this.#head += 1;
    if (isRemembered(next)) this.#forget(next.log, next.queue);
    else this.#stale -= 1;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#remembered.length) this.#compact();
  }

  // A queue over its own bound forgets before its turn; its entry stays in the common order until enough of them do.
  #forgetEarly(log: KeysetLog, queue: ChannelQueue): void {
    this.#forget(log, queue);
    this.#stale += 1;
    if (this.#stale >= COMPACT_AT && this.#stale * 2 >= this.#remembered.length - this.#head) this.#compact();
  }

  #compact(): void {
    this.#remembered = this.#remembered.slice(this.#head).filter(isRemembered);
    this.#head = 0;
    this.#stale = 0;
  }

  #forget(log: KeysetLog, queue: ChannelQueue): void {
    const message = queue.shift();
    if (message) this.#bytes -= weightOf(message);
    if (queue.size === 0) log.close(queue);
  }
}

function isRemembered({ queue, message }: Remembered): boolean {
  return message.timetoken > queue.floor;
}

const COMPACT_AT = 1_024;
const UNAVAILABLE: AppendOutcome = Object.freeze({ kind: "unavailable" });
