/**
 * What waits for the disk: a lane for each keyset, emptied in turns, so that one keyset's flood is nobody else's delay.
 *
 * Order: commits and deletions of one keyset keep the order of their calls; those of different keysets have none. Bounds: a
 * keyset may have as much waiting as is free for all, so whoever has nothing waiting always finds room. Called by the message
 * store only. Rules: spec/STORE.md STO2, STO5, spec/LIMITS.md LMT11.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { type Message, type PublishId, weightOf } from "../../ports/message.ts";
import type { CommitOutcome, DeleteOutcome, MessageRange } from "../../ports/message-store.ts";

/** A message whose publisher waits. */
export interface Commit {
  readonly kind: "commit";
  readonly message: Message;
  readonly id: PublishId | undefined;
  readonly settle: (outcome: CommitOutcome) => void;
}

/** Waits among the commits of its keyset, so that every message that was there before it is written before it. */
export interface Deletion {
  readonly kind: "deletion";
  readonly range: MessageRange;
  readonly settle: (outcome: DeleteOutcome) => void;
}

/** What a lane holds. */
export type Waiting = Commit | Deletion;

/** How much may wait, and how much leaves together. */
export interface CommitBounds {
  readonly waitingMax: number;
  readonly waitingBytesMax: number;
  /** A transaction is bounded, so that its acknowledgements do not wait for a whole flood. */
  readonly batchMax: number;
  readonly batchBytesMax: number;
}

const BOUNDS: CommitBounds = Object.freeze({
  waitingMax: LIMITS.commitBacklogMessagesMax,
  waitingBytesMax: LIMITS.commitBacklogBytesMax,
  batchMax: 5_000,
  batchBytesMax: 8_388_608,
});

/** What may be taken of one lane. */
interface Share {
  readonly countMax: number;
  /** Of the whole batch so far. */
  readonly bytesMax: number;
}

interface Lane {
  items: Waiting[];
  /** Of its items and of those that are being written. */
  count: number;
  bytes: number;
}

/** The commits and deletions of all keysets that have not reached the disk. */
export class CommitQueue {
  readonly #bounds: CommitBounds;
  readonly #lanes = new Map<string, Lane>(); // in the order of their next turns
  #writing: readonly Commit[] = [];
  #count = 0;
  #bytes = 0;

  constructor(bounds: CommitBounds = BOUNDS) {
    this.#bounds = bounds;
  }

  /** Commits and deletions that wait or are being written. */
  get size(): number {
    return this.#count;
  }

  /** Whether a keyset has as much waiting as is left for all. */
  isFullFor(keyset: string): boolean {
    const lane = this.#lanes.get(keyset);
    const isFull = (lane?.count ?? 0) >= this.#bounds.waitingMax - this.#count;
    return isFull || (lane?.bytes ?? 0) >= this.#bounds.waitingBytesMax - this.#bytes;
  }

  push(next: Waiting): void {
    const keyset = keysetOf(next);
    const lane = this.#lanes.get(keyset) ?? { items: [], count: 0, bytes: 0 };
    this.#lanes.set(keyset, lane);
    lane.items.push(next);
    this.#add(lane, 1, weightOfWaiting(next));
  }

  /** Takes a deletion whose turn it is: nothing of its keyset waits before it. */
  takeDeletion(): Deletion | undefined {
    for (const lane of this.#lanes.values()) {
      const [first] = lane.items;
      if (first?.kind !== "deletion") continue;
      lane.items.shift();
      this.#settle(first, lane);
      return first;
    }
    return undefined;
  }

  /** Takes what leaves together: of each keyset its share, and more of those that have more where there is room. */
  takeBatch(): readonly Commit[] {
    const { batchMax, batchBytesMax } = this.#bounds;
    const batch: Commit[] = [];
    let bytes = 0;
    const takeFrom = (keyset: string, lane: Lane, { countMax, bytesMax }: Share): void => {
      let taken = 0;
      for (const next of lane.items) {
        if (next.kind === "deletion") break;
        const weight = weightOf(next.message);
        const isOver = taken >= countMax || batch.length >= batchMax || bytes + weight > bytesMax;
        if (batch.length > 0 && isOver) break;
        batch.push(next);
        bytes += weight;
        taken += 1;
      }
      if (taken === 0) return;
      lane.items = lane.items.slice(taken);
      if (this.#lanes.delete(keyset)) this.#lanes.set(keyset, lane); // behind those that had nothing of this one
    };
    const lanes = [...this.#lanes].filter(([, lane]) => lane.items[0]?.kind === "commit");
    const countMax = Math.ceil(batchMax / lanes.length);
    for (const [keyset, lane] of lanes) {
      takeFrom(keyset, lane, { countMax, bytesMax: Math.min(batchBytesMax, bytes + batchBytesMax / lanes.length) });
    }
    for (const [keyset, lane] of lanes) takeFrom(keyset, lane, { countMax: batchMax, bytesMax: batchBytesMax });
    this.#writing = batch;
    return batch;
  }

  /** What was taken has been written, or was refused. */
  written(): void {
    for (const commit of this.#writing) {
      const lane = this.#lanes.get(commit.message.keyset);
      if (lane) this.#settle(commit, lane);
    }
    this.#writing = [];
  }

  /** The messages of a keyset that have not reached the disk, or may not have. */
  *messagesOf(keyset: string): Generator<Message> {
    for (const { message } of this.#writing) if (message.keyset === keyset) yield message;
    for (const next of this.#lanes.get(keyset)?.items ?? []) if (next.kind === "commit") yield next.message;
  }

  #settle(done: Waiting, lane: Lane): void {
    this.#add(lane, -1, -weightOfWaiting(done));
    if (lane.count === 0) this.#lanes.delete(keysetOf(done));
  }

  #add(lane: Lane, count: number, bytes: number): void {
    lane.count += count;
    lane.bytes += bytes;
    this.#count += count;
    this.#bytes += bytes;
  }
}

function keysetOf(waiting: Waiting): string {
  return waiting.kind === "commit" ? waiting.message.keyset : waiting.range.keyset;
}

function weightOfWaiting(waiting: Waiting): number {
  return waiting.kind === "commit" ? weightOf(waiting.message) : 0;
}
