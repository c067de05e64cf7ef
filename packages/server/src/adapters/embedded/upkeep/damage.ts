/**
 * Says in words what is wrong with the files of a data directory, as far as it can be seen without opening them.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { DamagedLog, LogState } from "../write-ahead-log.ts";

/** What a damaged log has taken away: a sentence. */
export function lossOf({ commits, commitsLost }: DamagedLog): string {
  const lost = `${commitsLost} ${commitsLost === 1 ? "commit" : "commits"} or more`;
  return `${commits} of its commits can be read and ${lost} after them cannot, with the messages that were in them.`;
}

/**
 * What is wrong with a database file: a clause.
 *
 * @param file its path.
 * @param word the database's own word, for what cannot be seen from outside.
 */
export function describeDamage(file: string, word: string): string {
  const shape = readShape(file);
  if (shape === undefined) return word;
  const { bytes, pageBytes, pages } = shape;
  if (pageBytes === undefined) return `${file} does not begin as a database does`;
  if (bytes < pages * pageBytes) return `${file} has ${bytes} bytes of the ${pages * pageBytes} that it should have`;
  return `${word} (${file})`;
}

/**
 * What a database lacks at its end: a clause, or nothing where all of it is there, in the file or in its log.
 *
 * SQLite itself takes a last page that is only half there, and fills it up with zeros.
 */
export function describeLack(file: string, log: LogState): string | undefined {
  const shape = readShape(file);
  if (shape?.pageBytes === undefined || log.kind === "damaged") return undefined;
  const { bytes, pageBytes } = shape;
  const pages = log.kind === "whole" && log.commits > 0 ? log.sizePages : shape.pages;
  for (let page = Math.floor(bytes / pageBytes) + 1; page <= pages; page++) {
    const isInLog = log.kind === "whole" && log.pages.has(page);
    if (!isInLog) return `${file} has ${bytes} bytes of the ${pages * pageBytes} that it should have`;
  }
  return undefined;
}

interface Shape {
  readonly bytes: number;
  /** Nothing where the file does not begin as a database does. */
  readonly pageBytes: number | undefined;
  readonly pages: number;
}

const TITLE = "SQLite format 3\0";

/** The shape of a database file. @returns nothing where it cannot be read. */
function readShape(path: string): Shape | undefined {
  try {
    const file = openSync(path, "r");
    const header = Buffer.alloc(100);
    readSync(file, header, 0, header.length, 0);
    const { size: bytes } = fstatSync(file);
    closeSync(file);
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const isDatabase = header.toString("latin1", 0, 16) === TITLE && pageBytes >= 512;
    return { bytes, pageBytes: isDatabase ? pageBytes : undefined, pages: header.readUInt32BE(28) };
  } catch {
    return undefined;
  }
}
