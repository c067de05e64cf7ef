/**
 * Filter expressions of subscribers, each compiled once however many carry it.
 *
 * Bounded: the expression longest unused leaves. Rules: spec/FILTER.md FLT10, FLT12.
 *
 * @module
 */
import { LIMITS, type Predicate, compileFilter, parseFilter } from "@longwave/protocol";

const NOTHING: Predicate = () => false;

/** What an expression comes to. */
export interface Filter {
  /** Whether a message passes; none does where the expression is malformed. */
  readonly passes: Predicate;
  readonly isMalformed: boolean;
}

/** Compiled expressions. */
export class Filters {
  readonly #byText = new Map<string, Filter>(); // in the order of their last use

  /** Expressions that are compiled now. */
  get size(): number {
    return this.#byText.size;
  }

  /** The filter of an expression's text. */
  of(text: string): Filter {
    const filter = this.#byText.get(text) ?? compile(text);
    this.#byText.delete(text);
    this.#byText.set(text, filter);
    if (this.#byText.size > LIMITS.compiledFiltersMax) this.#forgetOldest();
    return filter;
  }

  #forgetOldest(): void {
    for (const text of this.#byText.keys()) {
      this.#byText.delete(text);
      return;
    }
  }
}

function compile(text: string): Filter {
  const outcome = parseFilter(text);
  if (outcome.kind === "malformed") return { passes: NOTHING, isMalformed: true };
  return { passes: compileFilter(outcome.expression), isMalformed: false };
}
