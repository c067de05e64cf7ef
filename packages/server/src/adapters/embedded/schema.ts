/**
 * The embedded database: its tables, and how an older directory is brought up to date.
 *
 * One SQLite file, WAL. Appends go to the end of `message` (ids only grow) and to one index that finds a channel's
 * messages by timetoken. `user_version` holds the schema's version; a newer one than this program knows is refused.
 *
 * @module
 */
import type { Database } from "bun:sqlite";

/** The version that this program writes. */
export const SCHEMA_VERSION = 2;

// The statements that lead from version n to n + 1 stand at index n.
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE channel (id INTEGER PRIMARY KEY, keyset TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (keyset, name)) STRICT;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    timetoken INTEGER NOT NULL,
    payload TEXT NOT NULL,
    event_type INTEGER,
    publisher TEXT,
    sequence INTEGER,
    meta TEXT,
    custom_message_type TEXT,
    origination TEXT,
    ttl_hours REAL
  ) STRICT;
  CREATE UNIQUE INDEX message_by_channel ON message (channel_id, timetoken);
  CREATE TABLE journal (id INTEGER PRIMARY KEY, last_timetoken INTEGER NOT NULL, messages TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE keyset (
    id INTEGER PRIMARY KEY,
    subscribe_key TEXT NOT NULL UNIQUE,
    publish_key TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,
    sealed TEXT NOT NULL
  ) STRICT;
  CREATE TABLE access_grant (
    keyset TEXT NOT NULL,
    level TEXT NOT NULL,
    resource TEXT NOT NULL,
    auth TEXT NOT NULL,
    mask INTEGER NOT NULL,
    ttl_minutes INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (keyset, level, resource, auth)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE revoked_token (
    keyset TEXT NOT NULL,
    token_id TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (keyset, token_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    keyset TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_keyset ON audit (keyset, id);
  `,
];

/** What became of an attempt to bring a database up to date. */
export type MigrationOutcome = { readonly kind: "current" } | { readonly kind: "newer"; readonly version: number };

/**
 * Brings a database to {@link SCHEMA_VERSION}, each step in a transaction of its own.
 *
 * @returns `newer` when the database was written by a newer program; it is left as it was.
 */
export function migrate(database: Database): MigrationOutcome {
  const version = Number(
    database.query<{ user_version: number | bigint }, []>("PRAGMA user_version").get()?.user_version,
  );
  if (version > SCHEMA_VERSION) return { kind: "newer", version };
  for (const [step, statements] of MIGRATIONS.entries()) {
    if (step < version) continue;
    database.transaction(() => {
      database.run(statements);
      database.run(`PRAGMA user_version = ${step + 1}`);
    })();
  }
  return { kind: "current" };
}
