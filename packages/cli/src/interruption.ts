/**
 * Ctrl-C and SIGTERM as one request to end; a second one ends the process where it stands.
 *
 * @module
 */
import { EXIT } from "./exit-code.ts";

// A terminal signals every process of a pipeline, and launchers (npm, `bin/longwave.mjs`) pass the signal on besides: what
// comes this soon after the first is the same key press.
const SAME_PRESS_MS = 500;

/** A request to end that may come. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Fulfilled when it comes. */
  readonly requested: Promise<void>;
}

/** Takes SIGINT and SIGTERM over for the rest of the process. SIGHUP is left alone, so that `nohup` does what it says. */
export function awaitInterruption(): Interruption {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  let firstMs: number | undefined;
  const interrupt = (): void => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      controller.abort();
      resolve();
    } else if (performance.now() - firstMs >= SAME_PRESS_MS) {
      process.exit(EXIT.interrupted);
    }
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return { signal: controller.signal, requested: promise };
}
