/**
 * The push queue of a single process, on SQLite.
 *
 * Which jobs are claimed is known in memory alone: a process that ends forgets it, and the next one claims them again.
 * Rules: spec/PUSH.md PSH50-PSH57.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { LIMITS } from "@longwave/protocol";
import type { PushNotice } from "../../ports/push-gateway.ts";
import type { ClaimRequest, PushJob, PushJobOutcome, PushMessage, PushQueue } from "../../ports/push-queue.ts";
import { SqlBatches } from "./sql-batches.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

/** How much may wait. */
export interface PushQueueBounds {
  readonly pushQueueEntriesMax: number;
  readonly pushQueueEntriesPerKeysetMax: number;
}

interface JobRow {
  readonly id: bigint;
  readonly keyset: string;
  readonly channel: string;
  readonly timetoken: bigint;
  readonly notice: string;
  readonly is_debugged: bigint;
  readonly expires_ms: bigint;
  readonly token: string | null;
  readonly after: string | null;
  readonly attempts: bigint;
}

interface KeysetRow {
  readonly keyset: string;
}

/** How long a job waits that could not be settled. */
const UNSETTLED_MS = 10_000;

/** Keeps jobs in an SQLite database. */
export class SqlitePushQueue implements PushQueue {
  readonly #keysets: Statement<KeysetRow, []>;
  readonly #due: Statement<JobRow, [keyset: string, nowMs: number, jobsMax: number]>;
  readonly #count: Statement<{ readonly jobs: bigint }, []>;
  readonly #changes: SqlBatches;
  readonly #bounds: PushQueueBounds;
  /** The claimed jobs of each keyset, and until when they are not given out again. */
  readonly #claimed = new Map<string, Map<string, number>>();
  #turn = 0;
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer; whoever made it closes it, after this queue has stopped.
   * @param refused told the database's own word when it refuses changes, for the log.
   */
  constructor(reading: Database, writer: Writer, refused: (reason: string) => void, bounds: PushQueueBounds = LIMITS) {
    this.#changes = new SqlBatches(writer, refused);
    this.#bounds = bounds;
    this.#keysets = reading.prepare("SELECT keyset FROM push_job_tally ORDER BY keyset");
    this.#due = reading.prepare(
      `SELECT id, keyset, channel, timetoken, notice, is_debugged, expires_ms, token, after, attempts FROM push_job
       WHERE keyset = ? AND due_ms <= ? ORDER BY due_ms, id LIMIT ?`,
    );
    this.#count = reading.prepare("SELECT coalesce(sum(jobs), 0) AS jobs FROM push_job_tally");
  }

  /** How many jobs wait. */
  get size(): number {
    return Number(this.#count.get()?.jobs ?? 0);
  }

  async add(
    message: PushMessage,
    notices: readonly PushNotice[],
    nowMs: number,
  ): Promise<"kept" | "full" | "unavailable"> {
    if (this.#isStopped) return "unavailable";
    const entries = notices.map((notice) => ({ notice: JSON.stringify(notice), dueMs: nowMs }));
    const rows = await this.#changes.write([this.#insertion({ ...message, attempts: 0 }, entries)]);
    if (!rows) return "unavailable";
    return rows[0] === 0 ? "full" : "kept";
  }

  async claim({ nowMs, jobsMax, jobsPerKeysetMax }: ClaimRequest): Promise<readonly PushJob[]> {
    const keysets = this.#keysets.all();
    this.#turn += 1;
    const claimed: PushJob[] = [];
    for (let at = 0; at < keysets.length && claimed.length < jobsMax; at++) {
      const { keyset } = keysets[(this.#turn + at) % keysets.length] as KeysetRow; // each begins once
      const mine = this.#claimed.get(keyset) ?? new Map<string, number>();
      const jobs = this.#due
        .all(keyset, nowMs, mine.size + jobsPerKeysetMax)
        .filter(({ id }) => (mine.get(String(id)) ?? 0) <= nowMs)
        .slice(0, Math.min(jobsPerKeysetMax - inHand(mine, nowMs), jobsMax - claimed.length))
        .map(jobOf);
      for (const { id } of jobs) mine.set(id, Number.POSITIVE_INFINITY);
      if (mine.size > 0) this.#claimed.set(keyset, mine);
      claimed.push(...jobs);
    }
    return claimed;
  }

  async settle(job: PushJob, { rest, again }: PushJobOutcome, nowMs: number): Promise<"kept" | "full" | "unavailable"> {
    if (this.#isStopped) return "unavailable";
    const statements = [
      rest ? continuation(job, rest) : { sql: "DELETE FROM push_job WHERE id = ?", values: [job.id] },
    ];
    if (again.length > 0) statements.push(this.#insertion({ ...job, attempts: 1 }, again));
    const rows = await this.#changes.write(statements);
    const mine = this.#claimed.get(job.keyset);
    if (!rows) {
      mine?.set(job.id, nowMs + UNSETTLED_MS);
      return "unavailable";
    }
    mine?.delete(job.id);
    if (mine?.size === 0) this.#claimed.delete(job.keyset);
    return again.length > 0 && rows[1] === 0 ? "full" : "kept";
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#changes.drain();
  }

  // All or none: the bounds are looked at for all of them, before the first is there.
  #insertion(shared: Shared, entries: readonly Entry[]): SqlStatement {
    const { keyset, channel, timetoken, isDebugged, expiresMs, attempts, notice } = shared;
    const { pushQueueEntriesMax, pushQueueEntriesPerKeysetMax } = this.#bounds;
    const text = notice && JSON.stringify({ ...notice, excluded: [] }); // it is decided to whom this goes
    const known = [keyset, channel, timetoken, isDebugged ? 1 : 0, expiresMs, attempts, text ?? null];
    const many = entries.length;
    return {
      sql: `INSERT INTO push_job (keyset, channel, timetoken, is_debugged, expires_ms, attempts, notice, token, due_ms)
        SELECT ?, ?, ?, ?, ?, ?, coalesce(?, value ->> 'notice'), value ->> 'token', value ->> 'dueMs' FROM json_each(?)
        WHERE coalesce((SELECT jobs FROM push_job_tally WHERE keyset = ?), 0) + ? <= ?
        AND coalesce((SELECT sum(jobs) FROM push_job_tally), 0) + ? <= ?`,
      values: known.concat(
        JSON.stringify(entries),
        keyset,
        many,
        pushQueueEntriesPerKeysetMax,
        many,
        pushQueueEntriesMax,
      ),
    };
  }
}

/** What jobs that are added together have in common; the notice, where they are for single devices. */
interface Shared extends PushMessage {
  readonly attempts: number;
  readonly notice?: PushNotice;
}

/** What one job has for itself. */
interface Entry {
  readonly dueMs: number;
  /** JSON text, where it is not shared. */
  readonly notice?: string;
  /** The device; all of them where there is none. */
  readonly token?: string;
}

function continuation({ id }: PushJob, rest: NonNullable<PushJobOutcome["rest"]>): SqlStatement {
  const { after, attempts, dueMs } = rest;
  const sql = "UPDATE push_job SET after = ?, attempts = ?, due_ms = ? WHERE id = ?";
  return { sql, values: [after ?? null, attempts, dueMs, id] };
}

function inHand(claimed: ReadonlyMap<string, number>, nowMs: number): number {
  let jobs = 0;
  for (const untilMs of claimed.values()) if (untilMs > nowMs) jobs += 1;
  return jobs;
}

function jobOf(row: JobRow): PushJob {
  return {
    id: String(row.id),
    keyset: row.keyset,
    channel: row.channel,
    timetoken: row.timetoken,
    notice: JSON.parse(row.notice) as PushNotice, // as it was written
    isDebugged: row.is_debugged !== 0n,
    expiresMs: Number(row.expires_ms),
    token: row.token ?? undefined,
    after: row.after ?? undefined,
    attempts: Number(row.attempts),
  };
}
