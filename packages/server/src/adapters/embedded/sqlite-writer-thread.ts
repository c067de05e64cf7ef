/**
 * The writer's thread: takes its settings first, then writes, and answers each with its outcome.
 *
 * After a refusal the connection is opened anew, so that a disk that has come back is found again.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { CLOSE, type WriteOutcome, type WriterSettings, applyWrite, openWriting } from "./sqlite-writer.ts";
import { type Write, WriteSession } from "./sqlite-writes.ts";

declare const self: Worker;

let settings: WriterSettings | undefined;
let database: Database | undefined;
let session: WriteSession | undefined;

self.addEventListener("message", ({ data }: MessageEvent<WriterSettings | Write | typeof CLOSE>) => {
  if (data === CLOSE) {
    forget();
    self.postMessage({ kind: "written", changes: [] } satisfies WriteOutcome);
    return;
  }
  if ("path" in data) {
    settings = data;
    return;
  }
  const outcome = write(data);
  if (outcome.kind === "refused") forget();
  self.postMessage(outcome);
});

function write(data: Write): WriteOutcome {
  try {
    session ??= open();
  } catch (refusal) {
    return { kind: "refused", reason: refusal instanceof Error ? refusal.message : String(refusal) };
  }
  return applyWrite(session, data);
}

function open(): WriteSession {
  if (!settings) throw new Error("the writer was not told its path");
  database = openWriting(settings);
  return new WriteSession(database);
}

function forget(): void {
  session = undefined;
  database?.close(true);
  database = undefined;
}
