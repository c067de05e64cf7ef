/**
 * One long poll: gathers what matches while its backlog is read, then answers with the first batch that does.
 *
 * @module
 */
import { LIMITS, type Predicate, type SubscribeName, type Timetoken } from "@longwave/protocol";
import { type Delivery, type Match, namesItsMatches } from "./delivery.ts";
import type { SubscribeCommand } from "./subscribe.ts";
import type { Subscriber } from "./subscriber-index.ts";

/** A poll from its entry into the index to its answer. */
export class HeldPoll implements Subscriber {
  readonly keyset: string;
  readonly names: readonly SubscribeName[];
  readonly after: Timetoken;
  /** When it is answered empty, on the monotonic clock. */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #isNamed: boolean;
  readonly #filter: Predicate | undefined;
  #passed: Timetoken;
  #matches: Match[] = [];
  #answer: ((matches: readonly Match[] | "gone") => void) | undefined;

  constructor({ keyset, names, after, filter }: SubscribeCommand) {
    this.keyset = keyset;
    this.names = names;
    this.after = after;
    this.#isNamed = namesItsMatches(names);
    this.#filter = filter;
    this.#passed = after;
  }

  /** The cursor of an empty answer: everything up to here has been looked at, and filtered out. */
  get passed(): Timetoken {
    return this.#passed;
  }

  /** Notes that everything up to an instant has been filtered out. */
  pass(timetoken: Timetoken): void {
    if (timetoken > this.#passed) this.#passed = timetoken;
  }

  /** Whether somebody waits for its answer. */
  get isWaiting(): boolean {
    return this.#answer !== undefined;
  }

  /** Begins to wait; resolves at once when something has been gathered already. */
  wait(): Promise<readonly Match[] | "gone"> {
    if (this.#matches.length > 0) return Promise.resolve(this.#matches);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  offer(delivery: Delivery, requested: SubscribeName): boolean {
    const last = this.#matches.at(-1);
    // An answer takes no more messages than this; what is left out is after its cursor and comes with the next poll.
    const isFull = this.#matches.length >= LIMITS.answerMessagesMax && last?.delivery !== delivery;
    if (isFull) return false;
    if (this.#filter && !this.#filter(delivery)) {
      this.pass(delivery.message.timetoken);
      return false;
    }
    this.#matches.push({ delivery, matched: this.#isNamed ? requested.name : undefined });
    return last === undefined;
  }

  flush(): void {
    if (this.#answer && this.#matches.length > 0) this.end(this.#matches);
  }

  /** Answers, once; later calls do nothing. */
  end(matches: readonly Match[] | "gone"): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(matches);
  }
}
