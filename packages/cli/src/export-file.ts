/**
 * Finds out how far an export has come that was interrupted: from the last whole line of its file.
 *
 * @module
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { type ExportPosition, parseExportLine } from "@longwave/server";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";

/** Where an export goes on. */
export interface ResumedExport {
  /** The message of the last line; nothing where there is none. */
  readonly after: ExportPosition | undefined;
  /** Lines that are there. */
  readonly found: number;
}

const CHUNK_BYTES = 1_048_576;
const LINE_FEED = 0x0a;

/**
 * Looks at what an earlier export has left, and cuts off a line that it did not finish.
 *
 * @param path a file, which need not exist.
 * @param channel the channel that is exported, where it is only one.
 * @throws {Refusal} when the file is no such export: it is left as it is.
 */
export function resumeExport(path: string, channel: string | undefined): ResumedExport {
  const file = openIfThere(path);
  if (file === undefined) return { after: undefined, found: 0 };
  try {
    const { lines, lastStart, end } = linesOf(file);
    const text = Buffer.alloc(Math.max(0, end - lastStart - 1));
    readSync(file, text, 0, text.length, lastStart);
    const size = fstatSync(file).size;
    if (lines === 0 && size > 0 && !isBeginning(file, size)) throw foreign(path);
    const last = lines === 0 ? undefined : parseExportLine(text.toString(), "");
    if (last?.kind === "unusable") throw foreign(path);
    if (last && channel !== undefined && last.message.channel !== channel) {
      throw new Refusal(`${path} is an export of something else: it ends with ${last.message.channel}.`, EXIT.failed);
    }
    ftruncateSync(file, end);
    return { after: last?.message, found: lines };
  } finally {
    closeSync(file);
  }
}

function foreign(path: string): Refusal {
  return new Refusal(`${path} is no export that could be gone on with. Name another file with --out.`, EXIT.failed);
}

// An export that was killed in its first line.
function isBeginning(file: number, size: number): boolean {
  const wanted = '{"channel":"';
  const text = Buffer.alloc(Math.min(size, wanted.length));
  readSync(file, text, 0, text.length, 0);
  return wanted.startsWith(text.toString());
}

interface Lines {
  /** Whole ones. */
  readonly lines: number;
  /** Where the last of them begins. */
  readonly lastStart: number;
  /** Where the last of them ends, behind its line break. */
  readonly end: number;
}

function linesOf(file: number): Lines {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let [lines, lastStart, end] = [0, 0, 0];
  for (let at = 0; ;) {
    const bytes = readSync(file, chunk, 0, chunk.length, at);
    if (bytes === 0) return { lines, lastStart, end };
    for (let feed = chunk.indexOf(LINE_FEED); feed >= 0 && feed < bytes; feed = chunk.indexOf(LINE_FEED, feed + 1)) {
      [lines, lastStart, end] = [lines + 1, end, at + feed + 1];
    }
    at += bytes;
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r+");
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return undefined;
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new Refusal(`${path} cannot be written: ${reason}.`, EXIT.failed);
  }
}
