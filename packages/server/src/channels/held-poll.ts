/**
 * One long poll: gathers what matches while its backlog is read, then answers with the first batch that does.
 *
 * @module
 */
import type { Predicate, Timetoken } from "@longwave/protocol";
import type { Delivery, Match } from "./delivery.ts";
import { Gathered } from "./gathered.ts";
import type { Selection } from "./selection.ts";
import type { SubscribeCommand } from "./subscribe.ts";
import type { Subscriber } from "./subscriber-index.ts";

/** How waiting ends: with matches, none where its time is over, or for another reason. */
export type PollEnd = readonly Match[] | "gone" | "denied";

const NOTHING: readonly Match[] = Object.freeze([]);

/** A poll from its entry into the index to its answer. */
export class HeldPoll implements Subscriber {
  readonly keyset: string;
  readonly selection: Selection;
  readonly after: Timetoken;
  /** When it is answered empty, on the monotonic clock. */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #filter: Predicate | undefined;
  readonly #gathered: Gathered;
  readonly #isStillAllowed: () => boolean;
  readonly #signal: AbortSignal;
  #isWatched = false;
  #passed: Timetoken;
  #isStale = false;
  #answer: ((end: PollEnd) => void) | undefined;

  /** @param signal aborts when the client goes away. */
  constructor({ keyset, after, filter, isStillAllowed }: SubscribeCommand, selection: Selection, signal: AbortSignal) {
    this.keyset = keyset;
    this.selection = selection;
    this.after = after;
    this.#filter = filter;
    this.#isStillAllowed = isStillAllowed;
    this.#gathered = new Gathered(selection);
    this.#passed = after;
    this.#signal = signal;
  }

  /** Whether the client has gone away. */
  get isGone(): boolean {
    return this.#signal.aborted;
  }

  /** From now on it ends as soon as its client goes away; until then, when something comes for it. */
  watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    if (this.isGone) this.end("gone");
    else this.#signal.addEventListener("abort", () => this.end("gone"), { once: true });
  }

  /** The cursor of an empty answer: everything up to here has been looked at, and filtered out. */
  get passed(): Timetoken {
    return this.#isStale ? this.after : this.#passed;
  }

  /** Notes that everything up to an instant has been filtered out. */
  pass(timetoken: Timetoken): void {
    if (timetoken > this.#passed) this.#passed = timetoken;
  }

  /** Whether a group changed before it could answer: its next poll sees the members of then, so this one says nothing. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Takes what has been gathered so far. */
  gathered(): readonly Match[] {
    return this.#gathered.isEmpty ? NOTHING : this.#gathered.take();
  }

  /** Begins to wait. @param answer is called once. */
  wait(answer: (end: PollEnd) => void): void {
    this.#answer = answer;
  }

  offer(delivery: Delivery, requested: string): boolean {
    if (this.#filter && !this.#filter(delivery)) {
      if (this.#gathered.isEmpty) this.pass(delivery.message.timetoken);
      return false;
    }
    return this.#gathered.add(delivery, requested);
  }

  flush(): void {
    if (this.#answer && !this.#gathered.isEmpty) this.end(this.#gathered.take());
  }

  groupChanged(): void {
    if (this.#answer) this.end([]);
    else this.#isStale = true;
  }

  // One that does not wait yet is about to: it is judged again when it does.
  accessChanged(): void {
    if (this.#answer && !this.#isStillAllowed()) this.end("denied");
  }

  /** Answers, once; later calls do nothing. */
  end(matches: PollEnd): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(this.isGone ? "gone" : matches);
  }
}
