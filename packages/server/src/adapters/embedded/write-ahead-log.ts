/**
 * Reads SQLite's write-ahead log as SQLite does after a crash, to say what SQLite does not: it takes the log up to the
 * first frame that is wrong and is silent about the rest, whether that is a write that never ended or damage that took
 * acknowledged commits away.
 *
 * The two are told apart by what follows. A process that is killed leaves frames without their commit behind; a commit
 * beyond a wrong frame was whole once. Read while no server uses the directory, and before any connection opens it.
 * Rules: spec/STORE.md STO21, STO22. Format: https://www.sqlite.org/fileformat2.html#walformat.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** How a log stands. */
export type LogState =
  /** There is none, or it is empty: the database file is everything. */
  | { readonly kind: "none" }
  /** Everything that was committed can be read. What a crash left unfinished is no part of it. */
  | {
      readonly kind: "whole";
      readonly commits: number;
      readonly pages: ReadonlySet<number>;
      readonly sizePages: number;
    }
  | DamagedLog;

/** A log that SQLite reads up to some frame only. */
export interface DamagedLog {
  readonly kind: "damaged";
  /** Commits that can be read. */
  readonly commits: number;
  /** Commits that cannot, as far as they can be counted: at least this many. */
  readonly commitsLost: number;
  /** What is wrong, a clause: "frame 7 of 40 is not as it was written". */
  readonly what: string;
  /** Tells this log from others of the same directory. */
  readonly id: string;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682; // its last bit says that checksums read big-endian words

interface Header {
  readonly pageBytes: number;
  readonly salt: bigint;
  readonly isLittleEndian: boolean;
  readonly sums: Sums;
}

type Sums = readonly [number, number];

/**
 * Reads a log.
 *
 * @param database the path of the database; the log lies beside it.
 */
export function readLog(database: string): LogState {
  for (let tries = 1; ; tries++) {
    try {
      return readLogOnce(database);
    } catch (failure) {
      if (!(failure instanceof Shortened) || tries === TRIES_MAX) throw failure;
    }
  }
}

/** A connection that was closing has emptied the log while it was read: what was in it is in the database now. */
class Shortened extends Error {}
const TRIES_MAX = 5;

function readLogOnce(database: string): LogState {
  const file = openIfThere(`${database}-wal`);
  if (file === undefined) return { kind: "none" };
  try {
    const bytes = fstatSync(file).size;
    if (bytes <= HEADER_BYTES) return { kind: "none" };
    const header = readHeader(file);
    return header ? readFrames(file, header, bytes, indexedFrames(database, header)) : withoutHeader(file, bytes);
  } finally {
    closeSync(file);
  }
}

function readAll(file: number, target: Buffer, position: number): void {
  if (readSync(file, target, 0, target.length, position) < target.length) throw new Shortened("the log was shortened");
}

function readFrames(file: number, header: Header, bytes: number, indexed: number): LogState {
  const frameBytes = FRAME_HEADER_BYTES + header.pageBytes;
  const frames = Math.floor((bytes - HEADER_BYTES) / frameBytes);
  const frame = Buffer.alloc(frameBytes);
  const pages = new Set<number>();
  let open: number[] = []; // pages of the commit that is being read
  let [commits, committedFrames, sizePages] = [0, 0, 0];
  let sums = header.sums;
  let at = 1;
  for (; at <= frames; at++) {
    readAll(file, frame, HEADER_BYTES + (at - 1) * frameBytes);
    if (frame.readBigUInt64BE(8) !== header.salt) break;
    const next = sumsOf(frame.subarray(FRAME_HEADER_BYTES), sumsOf(frame.subarray(0, 8), sums, header), header);
    if (frame.readUInt32BE(16) !== next[0] || frame.readUInt32BE(20) !== next[1]) break;
    sums = next;
    open.push(frame.readUInt32BE(0));
    if (frame.readUInt32BE(4) === 0) continue;
    for (const page of open) pages.add(page);
    open = [];
    [commits, committedFrames, sizePages] = [commits + 1, at, frame.readUInt32BE(4)];
  }
  const id = header.salt.toString(16).padStart(16, "0");
  const commitsLost = commitsFrom(file, header, at, frames);
  if (commitsLost > 0) {
    const what = `frame ${at} of ${frames} is not as it was written`;
    return { kind: "damaged", commits, commitsLost, what, id };
  }
  if (indexed > committedFrames) {
    const what = `it ends after ${committedFrames} frames and had ${indexed}`;
    return { kind: "damaged", commits, commitsLost: 1, what, id };
  }
  return { kind: "whole", commits, pages, sizePages };
}

// Frames of an earlier round of the log lie behind the current ones and have another salt. A frame whose salt itself is
// damaged must not hide those behind it, so all are looked at.
function commitsFrom(
  file: number,
  { salt, pageBytes }: Pick<Header, "salt" | "pageBytes">,
  from: number,
  frames: number,
): number {
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  let commits = 0;
  for (let at = from; at <= frames; at++) {
    readAll(file, head, HEADER_BYTES + (at - 1) * (FRAME_HEADER_BYTES + pageBytes));
    if (head.readBigUInt64BE(8) === salt && head.readUInt32BE(4) !== 0) commits += 1;
  }
  return commits;
}

function withoutHeader(file: number, bytes: number): LogState {
  const head = Buffer.alloc(HEADER_BYTES + FRAME_HEADER_BYTES);
  readSync(file, head, 0, head.length, 0);
  const pageBytes = pageBytesOf(head) ?? 4_096;
  const frames = Math.floor((bytes - HEADER_BYTES) / (FRAME_HEADER_BYTES + pageBytes));
  const salt = head.readBigUInt64BE(HEADER_BYTES + 8); // of the first frame
  const commitsLost = Math.max(1, commitsFrom(file, { salt, pageBytes }, 1, frames));
  const what = "its header is not as it was written";
  return { kind: "damaged", commits: 0, commitsLost, what, id: salt.toString(16).padStart(16, "0") };
}

function readHeader(file: number): Header | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  readAll(file, header, 0);
  const magic = header.readUInt32BE(0);
  const pageBytes = pageBytesOf(header);
  if ((magic & ~1) >>> 0 !== MAGIC || pageBytes === undefined) return undefined;
  const isLittleEndian = (magic & 1) === 0;
  const sums = sumsOf(header.subarray(0, 24), [0, 0], { isLittleEndian });
  if (header.readUInt32BE(24) !== sums[0] || header.readUInt32BE(28) !== sums[1]) return undefined;
  return { pageBytes, salt: header.readBigUInt64BE(16), isLittleEndian, sums };
}

function pageBytesOf(header: Buffer): number | undefined {
  const bytes = header.readUInt32BE(8);
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0 ? bytes : undefined;
}

// The index in shared memory outlives a killed process. It is written after each commit, so frames that it knows of and
// the log has not were cut off. SQLite itself does not ask it after a crash.
function indexedFrames(database: string, { salt }: Header): number {
  const file = openIfThere(`${database}-shm`);
  if (file === undefined) return 0;
  try {
    const header = Buffer.alloc(48);
    if (readSync(file, header, 0, header.length, 0) < header.length) return 0;
    const isWritten = header.readUInt8(12) === 1 && header.readBigUInt64BE(32) === salt;
    return isWritten ? header.readUInt32LE(16) : 0;
  } finally {
    closeSync(file);
  }
}

function sumsOf(bytes: Buffer, [first, second]: Sums, { isLittleEndian }: Pick<Header, "isLittleEndian">): Sums {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [one, two] = [first, second];
  for (let at = 0; at < bytes.byteLength; at += 8) {
    one = (one + words.getUint32(at, isLittleEndian) + two) >>> 0;
    two = (two + words.getUint32(at + 4, isLittleEndian) + one) >>> 0;
  }
  return [one, two];
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}
