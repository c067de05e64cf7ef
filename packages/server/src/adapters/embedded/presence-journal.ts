/**
 * Members of channels on disk, written behind: what a restart finds, so that nobody is announced who never went.
 *
 * A row for each member, written when it joins, changes its state or ends, in batches; signs of life are not written. An
 * orderly stop writes how long each had left. After a crash that is unknown, and a member has its whole timeout again.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { Member } from "./presence-members.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

/** How long a change may wait for the disk, in milliseconds. */
export const PRESENCE_WRITE_INTERVAL_MS = 500;

const BATCH_MEMBERS_MAX = 2_000;
/** Changes that may wait for a disk that refuses them; beyond it the oldest are forgotten, and come back at a restart. */
const WAITING_MEMBERS_MAX = 4_000_000;

/** A member as it was found on disk. */
export interface KeptMember {
  readonly keyset: string;
  readonly channel: string;
  readonly uuid: string;
  readonly isPresent: boolean;
  readonly state: string | undefined;
  readonly timeoutMs: number;
  readonly remainingMs: number;
}

interface Row {
  readonly keyset: string;
  readonly channel: string;
  readonly uuid: string;
  readonly is_present: bigint;
  readonly state: string | null;
  readonly timeout_ms: bigint;
  readonly remaining_ms: bigint | null;
}

const KEEP = `INSERT INTO presence (keyset, channel, uuid, is_present, state, timeout_ms, remaining_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (keyset, channel, uuid) DO UPDATE SET is_present = excluded.is_present,
  state = excluded.state, timeout_ms = excluded.timeout_ms, remaining_ms = excluded.remaining_ms`;
const DROP = "DELETE FROM presence WHERE keyset = ? AND channel = ? AND uuid = ?";

/** Writes members behind. */
export class PresenceJournal {
  readonly #clock: Clock;
  readonly #reading: Database;
  readonly #writer: Writer;
  readonly #refused: (reason: string) => void;
  // In the order in which they were first touched: an end comes before the same uuid's next beginning.
  #waiting = new Set<Member>();
  #timer: Timer | undefined;
  #inFlight: Promise<void> | undefined;
  #isStopped = false;

  /**
   * @param reading a connection opened with `safeIntegers`, on a database of the current schema.
   * @param writer the database's only writer; who closes it does so after {@link stop}.
   * @param refused told the database's own word when it refuses; what it refused is tried again.
   */
  constructor(clock: Clock, reading: Database, writer: Writer, refused: (reason: string) => void) {
    this.#clock = clock;
    this.#reading = reading;
    this.#writer = writer;
    this.#refused = refused;
  }

  /** Everybody who was there when the last process ended. Called once, before anything is noted. */
  load(): readonly KeptMember[] {
    const rows = this.#reading.query<Row, []>("SELECT * FROM presence").all();
    // How long somebody had left is true for one start only: a crash after it must not find it again.
    if (rows.some((row) => row.remaining_ms !== null)) {
      const forgetting = this.#write([{ sql: "UPDATE presence SET remaining_ms = NULL", values: [] }]);
      this.#inFlight = this.#follow(forgetting);
    }
    return rows.map((row) => ({
      keyset: row.keyset,
      channel: row.channel,
      uuid: row.uuid,
      isPresent: row.is_present === 1n,
      state: row.state ?? undefined,
      timeoutMs: Number(row.timeout_ms),
      remainingMs: Number(row.remaining_ms ?? row.timeout_ms),
    }));
  }

  /** Notes that a member is to be written as it will be then. */
  note(member: Member): void {
    if (member.isGone && !member.isKept) {
      this.#waiting.delete(member); // the disk never heard of it
      return;
    }
    this.#waiting.add(member);
    this.#schedule();
  }

  /** Writes what waits, then how long everybody has left. */
  async stop(everybody: Iterable<Member>, nowMs: number): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#inFlight;
    const all = new Set([...this.#waiting].filter(({ isGone }) => isGone));
    for (const member of everybody) all.add(member);
    this.#waiting = all;
    while (this.#waiting.size > 0) {
      const written = await this.#writeBatch((member) => Math.max(0, Math.round(member.deadlineMs - nowMs)));
      if (!written) return; // the process ends; what the disk has is what a crash would leave
    }
  }

  #schedule(): void {
    if (this.#timer || this.#inFlight || this.#isStopped) return;
    this.#timer = this.#clock.after(PRESENCE_WRITE_INTERVAL_MS, () => {
      this.#timer = undefined;
      this.#inFlight = this.#follow(this.#flush());
    });
  }

  async #follow(writing: Promise<unknown>): Promise<void> {
    await writing;
    this.#inFlight = undefined;
    if (this.#waiting.size > 0) this.#schedule();
  }

  // Everything that waits now; what is noted meanwhile waits for the next time.
  async #flush(): Promise<void> {
    for (let left = this.#waiting.size; left > 0; left -= BATCH_MEMBERS_MAX) {
      if (!(await this.#writeBatch(() => null))) return;
    }
  }

  async #writeBatch(remainingMsOf: (member: Member) => number | null): Promise<boolean> {
    const batch: Member[] = [];
    for (const member of this.#waiting) {
      if (batch.length === BATCH_MEMBERS_MAX) break;
      batch.push(member);
    }
    for (const member of batch) {
      this.#waiting.delete(member);
      member.isKept = true;
    }
    const isWritten = await this.#write(batch.map((member) => statementOf(member, remainingMsOf(member))));
    if (!isWritten) this.#putBack(batch);
    return isWritten;
  }

  async #write(statements: readonly SqlStatement[]): Promise<boolean> {
    const outcome = await this.#writer.write({ statements });
    if (outcome.kind === "refused") this.#refused(outcome.reason);
    return outcome.kind === "written";
  }

  #putBack(batch: readonly Member[]): void {
    const waiting = [...batch, ...this.#waiting];
    this.#waiting = new Set(waiting.slice(-WAITING_MEMBERS_MAX));
  }
}

function statementOf(member: Member, remainingMs: number | null): SqlStatement {
  const { channel, uuid, isPresent, isGone, state, timeoutMs } = member;
  const key = [channel.keyset.name, channel.name, uuid] as const;
  if (isGone) return { sql: DROP, values: key };
  return { sql: KEEP, values: [...key, isPresent ? 1 : 0, state ?? null, Math.round(timeoutMs), remainingMs] };
}
