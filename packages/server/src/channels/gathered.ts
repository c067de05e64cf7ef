/**
 * Matches that a subscriber has been offered and not yet been given: bounded, since what is left out is read again.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { type Delivery, type Match, matchBy } from "./delivery.ts";
import { type Selection, namesItsMatches } from "./selection.ts";

/** The oldest matches since the last {@link Gathered.take}. */
export class Gathered {
  readonly #isNamed: boolean;
  #matches: Match[] = [];
  #isOverflown = false;

  constructor(selection: Selection) {
    this.#isNamed = namesItsMatches(selection);
  }

  get isEmpty(): boolean {
    return this.#matches.length === 0;
  }

  /** Whether something was left out: it is after the last match, and must be read again. */
  get isOverflown(): boolean {
    return this.#isOverflown;
  }

  /** Takes note of a match; whether it is the first. An answer holds no more messages than this, so none is kept beyond. */
  add(delivery: Delivery, requested: string): boolean {
    const last = this.#matches.at(-1);
    if (this.#isOverflown || (this.#matches.length >= LIMITS.answerMessagesMax && last?.delivery !== delivery)) {
      this.#isOverflown = true;
      return false;
    }
    this.#matches.push(matchBy(delivery, requested, this.#isNamed));
    return last === undefined;
  }

  /** Everything gathered, in timetoken order; begins anew. */
  take(): readonly Match[] {
    const matches = this.#matches;
    this.#matches = [];
    this.#isOverflown = false;
    return matches;
  }
}
