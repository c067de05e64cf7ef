/**
 * The embedded database: its tables, and how an older directory is brought up to date.
 *
 * One SQLite file, WAL. Appends go to the end of `message` (ids only grow) and to one index that finds a channel's
 * messages by timetoken. `user_version` holds the schema's version; a newer one than this program knows is refused.
 *
 * @module
 */
import type { Database } from "bun:sqlite";

// Version 1: messages, and what was acknowledged from memory.
const MESSAGES = `
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
  `;

// Channel groups: a group has a row while it has members.
const CHANNEL_GROUPS = `
  CREATE TABLE channel_group (
    id INTEGER PRIMARY KEY,
    keyset TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (keyset, namespace, name)
  ) STRICT;
  CREATE TABLE channel_group_member (
    group_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (group_id, channel)
  ) STRICT, WITHOUT ROWID;
  `;

// Message actions. What a message has of them is tallied by triggers, so that no statement of any room can forget it.
const MESSAGE_ACTIONS = `
  CREATE TABLE action (
    id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    timetoken INTEGER NOT NULL,
    message_timetoken INTEGER NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    uuid TEXT NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX action_by_channel ON action (channel_id, timetoken);
  CREATE UNIQUE INDEX action_by_message ON action (channel_id, message_timetoken, uuid, type, value);
  CREATE TABLE action_tally (
    channel_id INTEGER NOT NULL,
    message_timetoken INTEGER NOT NULL,
    actions INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (channel_id, message_timetoken)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER action_added AFTER INSERT ON action BEGIN
    INSERT INTO action_tally VALUES (new.channel_id, new.message_timetoken, 1, new.bytes)
      ON CONFLICT (channel_id, message_timetoken) DO UPDATE SET actions = actions + 1, bytes = bytes + excluded.bytes;
  END;
  CREATE TRIGGER action_removed AFTER DELETE ON action BEGIN
    UPDATE action_tally SET actions = actions - 1, bytes = bytes - old.bytes
      WHERE channel_id = old.channel_id AND message_timetoken = old.message_timetoken;
    DELETE FROM action_tally
      WHERE channel_id = old.channel_id AND message_timetoken = old.message_timetoken AND actions = 0;
  END;
  CREATE TABLE action_clock (keyset TEXT PRIMARY KEY, last_timetoken INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `;

// App context: a collection is what a keyset has of one kind ("uuid", "channel", "relation"). Texts are found without regard
// to the case of ASCII letters, so that one index serves equality, order and the beginnings of patterns. A user has a
// bounded number of memberships, so only members are indexed by more than who they are. Tallies are kept by triggers.
const OBJECTS = `
  CREATE TABLE object_collection (
    id INTEGER PRIMARY KEY,
    keyset TEXT NOT NULL,
    kind TEXT NOT NULL,
    records INTEGER NOT NULL DEFAULT 0,
    UNIQUE (keyset, kind)
  ) STRICT;
  CREATE TABLE object_metadata (
    rowid INTEGER PRIMARY KEY,
    collection_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    external_id TEXT,
    profile_url TEXT,
    email TEXT,
    description TEXT,
    type TEXT,
    status TEXT,
    custom TEXT,
    updated_us INTEGER NOT NULL,
    etag TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX object_metadata_by_id ON object_metadata (collection_id, id);
  CREATE INDEX object_metadata_by_id_in_any_case ON object_metadata (collection_id, id COLLATE NOCASE);
  CREATE INDEX object_metadata_by_name ON object_metadata (collection_id, name COLLATE NOCASE, id);
  CREATE INDEX object_metadata_by_external_id ON object_metadata (collection_id, external_id COLLATE NOCASE, id);
  CREATE INDEX object_metadata_by_email ON object_metadata (collection_id, email COLLATE NOCASE, id);
  CREATE INDEX object_metadata_by_type ON object_metadata (collection_id, type COLLATE NOCASE, id);
  CREATE INDEX object_metadata_by_status ON object_metadata (collection_id, status COLLATE NOCASE, id);
  CREATE INDEX object_metadata_by_updated ON object_metadata (collection_id, updated_us, id);
  CREATE TRIGGER object_metadata_added AFTER INSERT ON object_metadata BEGIN
    UPDATE object_collection SET records = records + 1 WHERE id = new.collection_id;
  END;
  CREATE TRIGGER object_metadata_removed AFTER DELETE ON object_metadata BEGIN
    UPDATE object_collection SET records = records - 1 WHERE id = old.collection_id;
  END;
  CREATE TABLE object_relation (
    rowid INTEGER PRIMARY KEY,
    collection_id INTEGER NOT NULL,
    uuid TEXT NOT NULL,
    channel TEXT NOT NULL,
    type TEXT,
    status TEXT,
    custom TEXT,
    updated_us INTEGER NOT NULL,
    etag TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX object_relation_by_uuid ON object_relation (collection_id, uuid, channel);
  CREATE UNIQUE INDEX object_relation_by_channel ON object_relation (collection_id, channel, uuid);
  CREATE INDEX object_relation_by_type ON object_relation (collection_id, channel, type COLLATE NOCASE, uuid);
  CREATE INDEX object_relation_by_status ON object_relation (collection_id, channel, status COLLATE NOCASE, uuid);
  CREATE INDEX object_relation_by_updated ON object_relation (collection_id, channel, updated_us, uuid);
  CREATE TABLE object_relation_tally (
    collection_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    relations INTEGER NOT NULL,
    PRIMARY KEY (collection_id, kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER object_relation_added AFTER INSERT ON object_relation BEGIN
    INSERT INTO object_relation_tally
      VALUES (new.collection_id, 'uuid', new.uuid, 1), (new.collection_id, 'channel', new.channel, 1)
      ON CONFLICT (collection_id, kind, id) DO UPDATE SET relations = relations + 1;
  END;
  CREATE TRIGGER object_relation_removed AFTER DELETE ON object_relation BEGIN
    UPDATE object_relation_tally SET relations = relations - 1 WHERE collection_id = old.collection_id
      AND (kind, id) IN (VALUES ('uuid', old.uuid), ('channel', old.channel));
    DELETE FROM object_relation_tally WHERE collection_id = old.collection_id AND relations = 0
      AND (kind, id) IN (VALUES ('uuid', old.uuid), ('channel', old.channel));
  END;
  `;

// The statements that lead from version n to n + 1 stand at index n.
const MIGRATIONS: readonly (readonly string[])[] = [[MESSAGES], [CHANNEL_GROUPS, MESSAGE_ACTIONS, OBJECTS]];

/** The version that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

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
      for (const text of statements) database.run(text);
      database.run(`PRAGMA user_version = ${step + 1}`);
    })();
  }
  return { kind: "current" };
}
