/**
 * The ids that publishers gave to their messages, in memory: what each stands for, and who waits to hear it.
 *
 * Not what survives a restart: the store keeps the ids of stored messages, and `mayBeOnDisk` says when it must be asked.
 * Called by append-once.ts only. Looking and taking an id are one step. Rules: spec/IDEMPOTENCY.md.
 *
 * @module
 */
import { LIMITS, TICKS_PER_MS, type Timetoken } from "@longwave/protocol";
import type { IdRequest } from "../../ports/message-store.ts";

/** How many ids are remembered and how many repeats wait. Zero means none. */
export interface IdOptions {
  /** Ids of one keyset. @defaultValue 100_000 */
  readonly idsPerKeysetMax?: number | undefined;
  /** Ids of all keysets together. @defaultValue 1_000_000 */
  readonly idsMax?: number | undefined;
  /** Repeats of one keyset that wait for the first. @defaultValue 10_000 */
  readonly repeatsPerKeysetMax?: number | undefined;
}

/** What became of the message that an id stands for. */
export interface Outcome {
  readonly timetoken: Timetoken;
  readonly digest: string;
  readonly state:
    | "kept"
    /** Acknowledged from memory; nobody else knows it. */
    | "unstored"
    /** Announced, and not kept, because the disk refused it: a repeat may try again. */
    | "unkept";
}

/** What a publish is told about its id. */
export type Claim =
  /** It is the caller's, who must say what became of it: `settle` or `release`. `first` was announced already. */
  | { readonly kind: "claimed"; readonly first: Timetoken | undefined }
  | { readonly kind: "duplicate"; readonly timetoken: Timetoken }
  | { readonly kind: "taken" }
  /** Somebody else has claimed it. Nothing comes where that was given free. */
  | { readonly kind: "pending"; readonly settled: Promise<Outcome | undefined> }
  /** Too many wait already. */
  | { readonly kind: "full" };

interface Pending {
  readonly state: "pending";
  settled: PromiseWithResolvers<Outcome | undefined> | undefined; // made by the first that waits
}

interface Remembered extends Outcome {
  readonly name: string;
}

const AGE = BigInt(LIMITS.idempotencyIdAgeMsMax) * TICKS_PER_MS;
/** Ids of a keyset that one step of the sweep forgets. */
const SWEPT_MAX = 10_000;
/** The part of all ids that the largest keyset gives up at once, so that it is looked for seldom. */
const GIVEN_UP_PART = 1_000;
const COMPACT_AT = 1_024;

/** Messages at or before it are so old that their ids stand for nothing. */
export function idFloorAt(now: Timetoken): Timetoken {
  return now - AGE;
}

/** The ids of all keysets of a process. */
export class PublishIds {
  readonly #perKeysetMax: number;
  readonly #idsMax: number;
  readonly #repeatsMax: number;
  readonly #keysets = new Map<string, KeysetIds>();
  #onDiskThrough: Timetoken;
  #size = 0;

  /** @param onDiskThrough the newest message whose id only the store knows. */
  constructor(onDiskThrough: Timetoken, options: IdOptions = {}) {
    this.#onDiskThrough = onDiskThrough;
    this.#perKeysetMax = options.idsPerKeysetMax ?? LIMITS.idempotencyIdsPerKeysetMax;
    this.#idsMax = options.idsMax ?? LIMITS.idempotencyIdsMax;
    this.#repeatsMax = options.repeatsPerKeysetMax ?? LIMITS.waitingRepeatsPerKeysetMax;
  }

  /** Ids that are remembered. */
  get size(): number {
    return this.#size;
  }

  /** Whether the store may know an id that is not remembered here. */
  mayBeOnDisk(now: Timetoken): boolean {
    return this.#onDiskThrough > idFloorAt(now);
  }

  /** Takes an id that stands for nothing, or says what it stands for. */
  claim(place: IdRequest, digest: string, now: Timetoken): Claim {
    const ids = this.#idsOf(place.keyset);
    const name = nameOf(place);
    const known = ids.entries.get(name);
    if (known?.state === "pending") return ids.waiting >= this.#repeatsMax ? FULL : ids.wait(known);
    const isYoung = known !== undefined && known.timetoken > idFloorAt(now);
    if (isYoung && known.digest !== digest) return TAKEN;
    if (isYoung && known.state !== "unkept") return { kind: "duplicate", timetoken: known.timetoken };
    ids.entries.set(name, { state: "pending", settled: undefined });
    return { kind: "claimed", first: isYoung ? known.timetoken : undefined };
  }

  /** Says what became of a claimed id, also to whoever waits for it. */
  settle(place: IdRequest, outcome: Outcome): void {
    const ids = this.#idsOf(place.keyset);
    ids.settle(nameOf(place), outcome);
    this.#size += 1;
    if (ids.size > this.#perKeysetMax) this.#giveUp(ids, 1);
    if (this.#size > this.#idsMax) this.#giveUp(this.#largest(), Math.ceil(this.#idsMax / GIVEN_UP_PART));
  }

  /** Gives a claimed id free: nothing happened under it. */
  release(place: IdRequest): void {
    this.#idsOf(place.keyset).release(nameOf(place));
  }

  /** Forgets ids that have grown old, a bounded number of each keyset. */
  sweep(now: Timetoken): void {
    const floor = idFloorAt(now);
    for (const ids of this.#keysets.values()) {
      let left = SWEPT_MAX;
      for (let oldest = ids.oldest; oldest && oldest.timetoken <= floor && left > 0; oldest = ids.oldest) {
        this.#size -= 1;
        left -= 1;
        ids.forgetOldest();
      }
    }
  }

  #giveUp(ids: KeysetIds, count: number): void {
    for (let left = count; left > 0; left--) {
      const { oldest } = ids;
      if (!oldest) return;
      this.#size -= 1;
      if (oldest.state === "kept" && oldest.timetoken > this.#onDiskThrough) this.#onDiskThrough = oldest.timetoken;
      ids.forgetOldest();
    }
  }

  #largest(): KeysetIds {
    const all = [...this.#keysets.values()];
    return all.reduce((largest, ids) => (ids.size > largest.size ? ids : largest));
  }

  #idsOf(keyset: string): KeysetIds {
    const known = this.#keysets.get(keyset);
    if (known) return known;
    const ids = new KeysetIds();
    this.#keysets.set(keyset, ids);
    return ids;
  }
}

/** The ids of one keyset, and the order in which they were settled. */
class KeysetIds {
  readonly entries = new Map<string, Pending | Remembered>();
  waiting = 0;
  #order: Remembered[] = [];
  #head = 0;

  get size(): number {
    return this.#order.length - this.#head;
  }

  get oldest(): Remembered | undefined {
    return this.#order[this.#head];
  }

  wait(pending: Pending): Claim {
    pending.settled ??= Promise.withResolvers();
    this.waiting += 1;
    const settled = pending.settled.promise.finally(() => {
      this.waiting -= 1;
    });
    return { kind: "pending", settled };
  }

  settle(name: string, outcome: Outcome): void {
    const pending = this.entries.get(name);
    const remembered: Remembered = { ...outcome, name };
    this.entries.set(name, remembered);
    this.#order.push(remembered);
    if (pending?.state === "pending") pending.settled?.resolve(outcome);
  }

  release(name: string): void {
    const pending = this.entries.get(name);
    this.entries.delete(name);
    if (pending?.state === "pending") pending.settled?.resolve(undefined);
  }

  // An id that was taken again since has a younger entry, or one that is pending.
  forgetOldest(): void {
    const { oldest } = this;
    if (!oldest) return;
    this.#head += 1;
    if (this.entries.get(oldest.name) === oldest) this.entries.delete(oldest.name);
    if (this.#head < COMPACT_AT || this.#head * 2 < this.#order.length) return;
    this.#order = this.#order.slice(this.#head);
    this.#head = 0;
  }
}

// Neither may hold a control character. The text is made anew, so that it keeps no request in memory.
function nameOf({ channel, id }: IdRequest): string {
  return `${channel}\n${id}`;
}

const TAKEN: Claim = Object.freeze({ kind: "taken" });
const FULL: Claim = Object.freeze({ kind: "full" });
