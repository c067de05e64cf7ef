/**
 * The thread that copies a database: takes one order, answers it once.
 *
 * @module
 */
import { Database } from "bun:sqlite";

declare const self: Worker;

/** What to copy, and where to. */
export interface CopyOrder {
  readonly from: string;
  /** A file that is not there yet. */
  readonly to: string;
}

/** What came of it: the database's own word, where it refused. */
export interface CopyOutcome {
  readonly refusal: string | undefined;
}

self.addEventListener("message", ({ data }: MessageEvent<CopyOrder>) => {
  self.postMessage(copy(data));
});

function copy({ from, to }: CopyOrder): CopyOutcome {
  try {
    const database = new Database(from, { readonly: true });
    database.run("PRAGMA busy_timeout = 5000");
    database.run("VACUUM INTO ?", [to]);
    database.close(true);
    return { refusal: undefined };
  } catch (refusal) {
    return { refusal: refusal instanceof Error ? refusal.message : String(refusal) };
  }
}
