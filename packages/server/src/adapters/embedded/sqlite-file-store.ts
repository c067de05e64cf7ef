/**
 * The file store of a single process, on SQLite.
 *
 * What may be refused is a condition in a statement's text, so that a put with its bounds is one step; what a keyset has is
 * tallied by triggers (schema.ts). Rules: spec/FILES.md FIL40-FIL47.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type {
  FileBounds,
  FilePageRequest,
  FilePlace,
  FilePutOutcome,
  FileRecord,
  FileRemoveOutcome,
  FileStore,
} from "../../ports/file-store.ts";
import { SqlBatches } from "./sql-batches.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

interface Row {
  readonly keyset: string;
  readonly channel: string;
  readonly id: string;
  readonly name: string;
  readonly bytes: bigint;
  readonly media_type: string;
  readonly created_ms: bigint;
  readonly expires_ms: bigint | null;
  readonly digest: string;
  readonly blob: string;
}

interface BlobRow {
  readonly blob: string;
}

const COLUMNS = "keyset, channel, id, name, bytes, media_type, created_ms, expires_ms, digest, blob";
const IS_THERE = "(expires_ms IS NULL OR expires_ms > ?)";

/** Keeps what is known of files in an SQLite database. */
export class SqliteFileStore implements FileStore {
  readonly #find: Statement<Row, [keyset: string, channel: string, id: string, nowMs: number]>;
  readonly #page: Statement<Row, [keyset: string, channel: string, after: string, nowMs: number, filesMax: number]>;
  readonly #expired: Statement<BlobRow, [nowMs: number, filesMax: number]>;
  readonly #blobsOf: Statement<BlobRow, [keyset: string, filesMax: number]>;
  readonly #keysets: Statement<Pick<Row, "keyset">, []>;
  readonly #named: Statement<BlobRow, [blobs: string]>;
  readonly #changes: SqlBatches;
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer; whoever made it closes it, after this store has stopped.
   * @param refused told the database's own word when it refuses changes, for the log.
   */
  constructor(reading: Database, writer: Writer, refused: (reason: string) => void) {
    this.#changes = new SqlBatches(writer, refused);
    this.#find = reading.prepare(
      `SELECT ${COLUMNS} FROM file WHERE keyset = ? AND channel = ? AND id = ? AND ${IS_THERE}`,
    );
    this.#page = reading.prepare(
      `SELECT ${COLUMNS} FROM file WHERE keyset = ? AND channel = ? AND id > ? AND ${IS_THERE} ORDER BY id LIMIT ?`,
    );
    this.#expired = reading.prepare("SELECT blob FROM file WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?");
    this.#blobsOf = reading.prepare("SELECT blob FROM file WHERE keyset = ? LIMIT ?");
    this.#keysets = reading.prepare("SELECT keyset FROM file_tally WHERE files > 0");
    this.#named = reading.prepare("SELECT f.blob FROM json_each(?) j JOIN file f ON f.blob = j.value");
  }

  async put(file: FileRecord, bounds: FileBounds): Promise<FilePutOutcome> {
    const changes = await this.#change([insertion(file, bounds)]);
    if (!changes) return { kind: "unavailable" };
    if (changes.some((rows) => rows > 0)) return { kind: "kept" };
    const row = this.#find.get(file.keyset, file.channel, file.id, 0); // also one that has expired is in the way
    return row ? { kind: "exists", file: recordOf(row) } : { kind: "noRoom" };
  }

  async find({ keyset, channel, id }: FilePlace, nowMs: number): Promise<FileRecord | undefined> {
    const row = this.#find.get(keyset, channel, id, nowMs);
    return row ? recordOf(row) : undefined;
  }

  async remove({ keyset, channel, id }: FilePlace, name: string): Promise<FileRemoveOutcome> {
    // A file never changes and a blob is named once, so what is read here is what the deletion deletes.
    const row = this.#find.get(keyset, channel, id, 0);
    if (row?.name !== name) return { kind: "none" };
    const changes = await this.#change([{ sql: "DELETE FROM file WHERE blob = ?", values: [row.blob] }]);
    if (!changes) return { kind: "unavailable" };
    return changes[0] === 0 ? { kind: "none" } : { kind: "removed", blob: row.blob };
  }

  async page({ keyset, channel, after, filesMax, nowMs }: FilePageRequest): Promise<readonly FileRecord[]> {
    return this.#page.all(keyset, channel, after, nowMs, filesMax).map(recordOf);
  }

  async expire(nowMs: number, filesMax: number): Promise<readonly string[]> {
    const blobs = this.#expired.all(nowMs, filesMax).map(blobOf);
    if (blobs.length === 0) return [];
    return (await this.#change([deletion(blobs)])) ? blobs : [];
  }

  async removeOf(keyset: string, filesMax: number): Promise<readonly string[]> {
    const tallyIsOver = { sql: "DELETE FROM file_tally WHERE keyset = ? AND files = 0", values: [keyset] };
    if (!(await this.#change([tallyIsOver]))) return []; // and what was put before has been written with it
    const blobs = this.#blobsOf.all(keyset, filesMax).map(blobOf);
    if (blobs.length === 0) return [];
    return (await this.#change([deletion(blobs), tallyIsOver])) ? blobs : [];
  }

  async keysets(): Promise<readonly string[]> {
    return this.#keysets.all().map(({ keyset }) => keyset);
  }

  async named(blobs: readonly string[]): Promise<readonly string[]> {
    return this.#named.all(JSON.stringify(blobs)).map(blobOf);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#changes.drain();
  }

  async #change(statements: readonly SqlStatement[]): Promise<readonly number[] | undefined> {
    return this.#isStopped ? undefined : this.#changes.write(statements);
  }
}

function deletion(blobs: readonly string[]): SqlStatement {
  return {
    sql: "DELETE FROM file WHERE blob IN (SELECT value FROM json_each(?))",
    values: [JSON.stringify(blobs)],
  };
}

function insertion(file: FileRecord, { filesMax, bytesMax }: FileBounds): SqlStatement {
  const { keyset, channel, id, name, bytes, mediaType, createdMs, expiresMs, digest, blob } = file;
  const known = [keyset, channel, id, name, bytes, mediaType, createdMs, expiresMs ?? null, digest, blob];
  return {
    sql: `INSERT INTO file (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
      WHERE coalesce((SELECT files FROM file_tally WHERE keyset = ?), 0) < ?
      AND coalesce((SELECT bytes FROM file_tally WHERE keyset = ?), 0) + ? <= ?
      ON CONFLICT (keyset, channel, id) DO NOTHING`,
    values: known.concat(keyset, filesMax, keyset, bytes, bytesMax),
  };
}

function recordOf(row: Row): FileRecord {
  return {
    keyset: row.keyset,
    channel: row.channel,
    id: row.id,
    name: row.name,
    bytes: Number(row.bytes),
    mediaType: row.media_type,
    createdMs: Number(row.created_ms),
    expiresMs: row.expires_ms === null ? undefined : Number(row.expires_ms),
    digest: row.digest,
    blob: row.blob,
  };
}

function blobOf({ blob }: BlobRow): string {
  return blob;
}
