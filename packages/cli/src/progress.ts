/**
 * The progress of a long publish: a line that is rewritten on a terminal, a summary at the end everywhere.
 *
 * @module
 */

/** Counts what went well and what did not, and shows it. */
export interface Progress {
  readonly failed: number;
  pass(): void;
  /** @param reason a sentence about this one; the first few are printed. */
  fail(reason: string): void;
  end(): void;
}

const REDRAW_MS = 100;
const REASONS_MAX = 10;

/** Makes a progress line on a stream, which is standard error so that output stays clean. */
export function createProgress(stream: { write(text: string): unknown; isTTY?: boolean }): Progress {
  const startedMs = performance.now();
  let [passed, failed, drawnMs] = [0, 0, 0];
  const rate = (): number => Math.round(passed / Math.max(0.001, (performance.now() - startedMs) / 1_000));
  const summary = (): string => `${passed} published, ${failed} failed, ${rate()}/s`;
  const draw = (): void => {
    if (stream.isTTY !== true || performance.now() - drawnMs < REDRAW_MS) return;
    drawnMs = performance.now();
    stream.write(`\r\u001b[K${summary()}`);
  };
  return {
    get failed() {
      return failed;
    },
    pass() {
      passed += 1;
      draw();
    },
    fail(reason) {
      failed += 1;
      if (failed <= REASONS_MAX) stream.write(`${stream.isTTY === true ? "\r\u001b[K" : ""}${reason}\n`);
      draw();
    },
    end: () => stream.write(`${stream.isTTY === true ? "\r\u001b[K" : ""}${summary()}\n`),
  };
}
