/**
 * The progress of a long publish: a line that is drawn again and again on a terminal, a summary at the end everywhere.
 *
 * Rules: spec/CLI.md CLI11.
 *
 * @module
 */

/** How a publish went so far. */
export interface Tally {
  readonly published: number;
  readonly failed: number;
}

/** Where progress is shown: standard error, so that output stays clean. */
export interface ProgressScreen {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  /** Milliseconds of a clock that only runs forward. */
  readonly nowMs: () => number;
}

const REDRAW_MS = 100;
const NOTES_MAX = 20;
const ERASE_LINE = "\r\u001b[K";

/** Counts what went well and what did not, and shows it. */
export class Progress {
  readonly #screen: ProgressScreen;
  readonly #startedMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #published = 0;
  #failed = 0;

  constructor(screen: ProgressScreen) {
    this.#screen = screen;
    this.#startedMs = screen.nowMs();
  }

  get tally(): Tally {
    return { published: this.#published, failed: this.#failed };
  }

  /** Counts a message that was acknowledged. */
  pass(): void {
    this.#published += 1;
    this.#draw();
  }

  /** Counts a message that was not, and says why: in full for the first ones, as a number for the others. */
  fail(sentence: string): void {
    this.#failed += 1;
    if (this.#failed <= NOTES_MAX) this.#note(sentence);
    if (this.#failed === NOTES_MAX + 1) this.#note("Further errors are only counted.");
    this.#draw();
  }

  /** Puts the summary where the progress was. */
  end(): void {
    this.#note(this.#summary());
  }

  #note(sentence: string): void {
    this.#screen.write(`${this.#screen.isTerminal ? ERASE_LINE : ""}${sentence}\n`);
  }

  #draw(): void {
    const nowMs = this.#screen.nowMs();
    if (!this.#screen.isTerminal || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#screen.write(`${ERASE_LINE}${this.#summary()}`);
  }

  #summary(): string {
    return printTally(this.tally, this.#screen.nowMs() - this.#startedMs);
  }
}

/**
 * Prints a tally.
 *
 * @param elapsedMs how long it took.
 * @example
 * ```ts
 * printTally({ published: 300, failed: 1 }, 500); // "300 published, 1 error, 600/s"
 * ```
 */
export function printTally({ published, failed }: Tally, elapsedMs: number): string {
  const rate = Math.round((published * 1_000) / Math.max(elapsedMs, 1));
  return `${published} published, ${failed} ${failed === 1 ? "error" : "errors"}, ${rate}/s`;
}
