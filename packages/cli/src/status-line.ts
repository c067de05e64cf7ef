/**
 * The progress of something long: a line that is drawn again and again on a terminal, a last one at the end everywhere.
 *
 * Written to standard error, so that output stays clean. Rules: spec/CLI.md CLI51.
 *
 * @module
 */
import type { ProgressScreen } from "./progress.ts";

const REDRAW_MS = 100;
const ERASE_LINE = "\r\u001b[K";

/** One line of progress. */
export class StatusLine {
  readonly #screen: ProgressScreen;
  readonly #startedMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(screen: ProgressScreen) {
    this.#screen = screen;
    this.#startedMs = screen.nowMs();
  }

  /** Shows how far it is. @param print called only when it is time to draw. */
  draw(print: () => string): void {
    const nowMs = this.#screen.nowMs();
    if (!this.#screen.isTerminal || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#screen.write(`${ERASE_LINE}${print()}`);
  }

  /** Says a sentence above the progress. */
  note(sentence: string): void {
    this.#screen.write(`${this.#erasing()}${sentence}\n`);
  }

  /** Takes the progress away, for a command that says the rest elsewhere. */
  clear(): void {
    this.#screen.write(this.#erasing());
  }

  /** Seconds since it began: "0.2 s". */
  get elapsed(): string {
    return `${((this.#screen.nowMs() - this.#startedMs) / 1_000).toFixed(1)} s`;
  }

  #erasing(): string {
    return this.#screen.isTerminal ? ERASE_LINE : "";
  }
}

/** The screen of this process. */
export function errorScreen(): ProgressScreen {
  return {
    isTerminal: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
    nowMs: () => performance.now(),
  };
}

/** Prints a size for people: "1.5 MiB". */
export function printBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${(bytes / 1_024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step] ?? ""}`;
}

/** Prints a part of a whole: "3,000 of 12,000 messages (25%)". */
export function printPart(done: number, whole: number, unit: string): string {
  const share = whole > 0 ? ` (${Math.min(99, Math.floor((done * 100) / whole))}%)` : "";
  return `${done.toLocaleString("en")} of ${whole.toLocaleString("en")} ${unit}${share}`;
}
