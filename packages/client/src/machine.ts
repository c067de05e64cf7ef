/**
 * Runs a state machine: takes events, performs the effects of each in order.
 *
 * @module
 */

/** A step of a machine. */
interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Why what was under way is over, which nobody asks: without a reason a runtime makes an error with a stack each time. */
const REPLACED = "replaced";

/** One machine, where it stands. */
export class Machine<State, Event, Effect> {
  readonly #transition: (state: State, event: Event) => Step<State, Effect>;
  readonly #perform: (effect: Effect) => void;
  readonly #effects: Effect[] = []; // still to be performed, in order
  #isPerforming = false;
  #current = new AbortController(); // of what is under way
  /** Where it stands. */
  state: State;

  constructor(
    state: State,
    transition: (state: State, event: Event) => Step<State, Effect>,
    perform: (effect: Effect) => void,
  ) {
    this.state = state;
    this.#transition = transition;
    this.#perform = perform;
  }

  /**
   * Takes an event and performs what follows from it.
   *
   * The state is the new one at once. Where a listener causes the event, its effects follow those that are being performed.
   */
  handle(event: Event): void {
    const { state, effects } = this.#transition(this.state, event);
    this.state = state;
    this.#effects.push(...effects);
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    for (let next = this.#effects.shift(); next !== undefined; next = this.#effects.shift()) this.#perform(next);
    this.#isPerforming = false;
  }

  /** Cancels what is under way, and makes room for the next. */
  replace(): AbortSignal {
    this.#current.abort(REPLACED);
    this.#current = new AbortController();
    return this.#current.signal;
  }
}
