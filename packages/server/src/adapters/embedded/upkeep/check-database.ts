/**
 * Reads a whole database and says what is in it and what is wrong with it.
 *
 * Reads only, in one transaction, so it may run beside the server. Not a repair. Rules: spec/STORE.md STO20,
 * spec/OPERATIONS.md OPS20-OPS22.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { SCHEMA_VERSION } from "../schema.ts";
import { type MessageRow, BODY, isSound, messageOf } from "../sqlite-reads.ts";
import { checkFiles } from "./check-files.ts";
import { COUNTS, RELATIONS, SHAPE_OF_ACTIONS } from "./relations.ts";
import { actionChecksum } from "../message-checksum.ts";

/** What was found: for people, in the order in which it is shown. */
export interface Findings {
  /** A name and what was found under it. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What is wrong, each a sentence. Nothing when the database is sound. */
  readonly problems: readonly string[];
}

/** Told how far a check has come, in messages. */
export type CheckListener = (checked: number, messages: number) => void;

const INTEGRITY_SENTENCES_MAX = 20;
/** Problems that are told in full; the others are only counted. */
const PROBLEMS_MAX = 50;
const LISTENED_EVERY = 10_000;

/** How a database is checked. */
export interface CheckSettings {
  readonly listen?: CheckListener | undefined;
  /** The directory that holds the content of its files; without it, that is not looked at. */
  readonly filesDirectory?: string | undefined;
}

/**
 * Checks a database.
 *
 * @param file its path; whatever is wrong with it becomes a problem, nothing is thrown.
 */
export function checkDatabase(file: string, settings: CheckSettings = {}): Findings {
  const check = new Check();
  check.part("The database", () => {
    const database = new Database(file, { readonly: true, safeIntegers: true });
    try {
      database.run("PRAGMA busy_timeout = 5000");
      database.run("BEGIN");
      checkAll(database, check, settings);
    } finally {
      database.close(true);
    }
  });
  return check;
}

class Check implements Findings {
  readonly facts: (readonly [string, string])[] = [];
  readonly #sentences: string[] = [];
  #unsaid = 0;

  get problems(): readonly string[] {
    if (this.#unsaid === 0) return this.#sentences;
    return [...this.#sentences, `And ${this.#unsaid.toLocaleString("en")} more.`];
  }

  problem(sentence: string): void {
    if (this.#sentences.length < PROBLEMS_MAX) this.#sentences.push(sentence);
    else this.#unsaid += 1;
  }

  /** Runs one part; a database that cannot say is a problem, and the other parts go on. */
  part(what: string, run: () => void): void {
    try {
      run();
    } catch (refusal) {
      const word = refusal instanceof Error ? refusal.message : String(refusal);
      this.problem(`${what} cannot be read: ${word}.`);
    }
  }
}

function checkAll(database: Database, check: Check, { listen = () => {}, filesDirectory }: CheckSettings): void {
  const version = numberOf(database, "PRAGMA user_version");
  check.facts.push(["schema", `${version}${version < SCHEMA_VERSION ? " (the next start brings it up to date)" : ""}`]);
  check.part("The size", () => addSize(database, check));
  check.part("The integrity of the pages", () => addIntegrity(database, check));
  if (version > SCHEMA_VERSION) {
    check.problem(
      `It was written by a newer Longwave: this one knows schema ${SCHEMA_VERSION}. Check it with that one.`,
    );
  }
  if (version !== SCHEMA_VERSION) return;
  for (const [name, sql] of COUNTS) {
    check.part(`The number of ${name}`, () => check.facts.push([name, numberOf(database, sql).toLocaleString("en")]));
  }
  for (const { what, sql, sentence } of RELATIONS) {
    check.part(what, () => {
      const broken = numberOf(database, sql);
      if (broken > 0) check.problem(sentence(broken));
    });
  }
  check.part("The age of the messages", () => addAge(database, check));
  check.part("What the messages say", () => addChecksums(database, check, listen));
  check.part("What the message actions say", () => addActionChecksums(database, check));
  if (filesDirectory === undefined) return;
  check.part("The content of files", () => {
    for (const sentence of checkFiles(database.filename, filesDirectory)) check.problem(sentence);
  });
}

function addSize(database: Database, { facts }: Check): void {
  const pageBytes = numberOf(database, "PRAGMA page_size");
  const [pages, free] = [numberOf(database, "PRAGMA page_count"), numberOf(database, "PRAGMA freelist_count")];
  const mebibytes = (count: number): string => ((count * pageBytes) / 1_048_576).toFixed(1);
  facts.push(["size", `${mebibytes(pages)} MiB, ${mebibytes(free)} MiB of it free`]);
}

function addIntegrity(database: Database, check: Check): void {
  const rows = database
    .query<{ integrity_check: string }, []>(`PRAGMA integrity_check(${INTEGRITY_SENTENCES_MAX})`)
    .all()
    .map(({ integrity_check: sentence }) => sentence);
  const isWhole = rows.length === 1 && rows[0] === "ok";
  check.facts.push(["pages", isWhole ? "whole" : "damaged"]);
  if (isWhole) return;
  for (const row of rows) check.problem(`A page is damaged: ${row.replaceAll("\n", " ")}.`);
}

function addAge(database: Database, { facts }: Check): void {
  const row = database
    .query<{ oldest: bigint | null; newest: bigint | null }, []>(
      "SELECT min(timetoken) AS oldest, max(timetoken) AS newest FROM message",
    )
    .get();
  if (!row || row.oldest === null || row.newest === null) return;
  facts.push(["oldest message", printInstant(row.oldest)], ["newest message", printInstant(row.newest)]);
}

function printInstant(timetoken: bigint): string {
  const wallMs = Number(timetoken / 10_000n);
  const isDate = wallMs < 8_640_000_000_000_000;
  return isDate ? `${timetoken} (${new Date(wallMs).toISOString()})` : String(timetoken);
}

function addChecksums(database: Database, check: Check, listen: CheckListener): void {
  const messages = numberOf(database, "SELECT count(*) FROM message");
  const rows = database.query<MessageRow & { readonly keyset: string }, []>(
    `SELECT c.keyset, c.name AS channel, m.timetoken, m.expires_at, ${BODY}
     FROM message m CROSS JOIN channel c ON c.id = m.channel_id CROSS JOIN body b ON b.id = m.body_id`,
  );
  let [checked, unprotected] = [0, 0];
  for (const row of rows.iterate()) {
    if (++checked % LISTENED_EVERY === 0) listen(checked, messages);
    if (row.checksum === null) unprotected += 1;
    if (!isSound(messageOf(row.keyset, row), row)) noteDamaged(check, row);
  }
  if (unprotected > 0)
    check.facts.push(["without a checksum", `${unprotected.toLocaleString("en")}, from earlier versions`]);
}

function noteDamaged(check: Check, { channel, timetoken }: Pick<MessageRow, "channel" | "timetoken">): void {
  check.problem(`The message ${timetoken} on ${channel} is not as it was written, so nobody is shown it.`);
}

interface ActionRow {
  readonly keyset: string;
  readonly channel: string;
  readonly timetoken: bigint;
  readonly message_timetoken: bigint;
  readonly uuid: string;
  readonly type: string;
  readonly value: string;
  readonly checksum: bigint | null;
}

function addActionChecksums(database: Database, check: Check): void {
  for (const row of database.query<ActionRow, []>(SHAPE_OF_ACTIONS).iterate()) {
    const action = { ...row, messageTimetoken: row.message_timetoken };
    if (row.checksum === null || Number(row.checksum) === actionChecksum(row, action)) continue;
    check.problem(
      `The message action ${row.timetoken} on ${row.channel} is not as it was written, so nobody is shown it.`,
    );
  }
}

function numberOf(database: Database, sql: string): number {
  const [value = 0n] = Object.values(database.query<Record<string, bigint>, []>(sql).get() ?? {});
  return Number(value);
}
