/**
 * Checks the content of files that lie in a data directory: each is there, whole, and as it was written.
 *
 * Reads only, piece by piece, and may run beside the server: a file that is deleted meanwhile is no problem.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { closeSync, openSync, readSync } from "node:fs";
import { pathOfBlob } from "../disk-blob-store.ts";

interface FileRow {
  readonly channel: string;
  readonly id: string;
  readonly bytes: bigint;
  readonly digest: string;
  readonly blob: string;
}

/** What became of the content of a file: it is as it was written, or a clause says what is wrong with it. */
type Content = { readonly kind: "sound" } | { readonly kind: "wrong"; readonly what: string };

const PIECE_BYTES = 1_048_576;

/**
 * Names the files whose content is not as it was written, one after the other.
 *
 * @param databaseFile a database of the current schema, which is read on a connection of its own.
 * @param directory what holds the content.
 * @throws {SQLiteError} when the database cannot be read.
 */
export function* checkFiles(databaseFile: string, directory: string): Generator<string> {
  const database = new Database(databaseFile, { readonly: true, safeIntegers: true });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    const isKept = database.query("SELECT 1 FROM file WHERE blob = ?");
    const next = database.query<FileRow, [string]>(
      "SELECT channel, id, bytes, digest, blob FROM file WHERE blob > ? ORDER BY blob LIMIT 1",
    );
    for (let row = next.get(""); row !== null; row = next.get(row.blob)) {
      const content = readContent(pathOfBlob(directory, row.blob), row);
      if (content.kind === "sound" || isKept.get(row.blob) === null) continue;
      yield `The file ${row.id} on ${row.channel} ${content.what}.`;
    }
  } finally {
    database.close(true);
  }
}

function readContent(file: string, { bytes, digest }: FileRow): Content {
  const hash = new Bun.CryptoHasher("sha256");
  const piece = Buffer.alloc(PIECE_BYTES);
  let found = 0;
  try {
    const opened = openSync(file, "r");
    try {
      for (let read = -1; read !== 0; found += read) {
        read = readSync(opened, piece);
        hash.update(piece.subarray(0, read));
      }
    } finally {
      closeSync(opened);
    }
  } catch (refusal) {
    const isGone = refusal instanceof Error && "code" in refusal && refusal.code === "ENOENT";
    return { kind: "wrong", what: isGone ? "has no content any more" : `cannot be read: ${String(refusal)}` };
  }
  if (BigInt(found) !== bytes) return { kind: "wrong", what: `has ${found} bytes of the ${bytes} that it should have` };
  return hash.digest("hex") === digest ? { kind: "sound" } : { kind: "wrong", what: "is not as it was written" };
}
