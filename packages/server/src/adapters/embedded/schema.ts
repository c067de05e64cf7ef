/**
 * The embedded database: its tables, and how an older directory is brought up to date.
 *
 * One SQLite file, WAL. A message is two rows: its body at the end of `body` (ids only grow), and a narrow one in
 * `message`, which lies in the order of channels and timetokens and says where the body is and when it expires. So an
 * append moves few pages, and counting reads no bodies (docs/adr/0007-history-layout.md). `user_version` holds the schema's version; a newer one than this program knows is refused.
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

// Messages in two tables: what they say, appended in the order of their commits, and when, by channel. Those of version 1
// that named no ttl are kept for ever, so that nothing is lost by an upgrade.
const MESSAGE_LAYOUT = `
  ALTER TABLE message RENAME TO message_1;
  DROP INDEX message_by_channel;
  CREATE TABLE body (
    id INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,
    event_type INTEGER,
    publisher TEXT,
    sequence INTEGER,
    meta TEXT,
    custom_message_type TEXT,
    origination TEXT
  ) STRICT;
  CREATE TABLE message (
    channel_id INTEGER NOT NULL,
    timetoken INTEGER NOT NULL,
    expires_at INTEGER,
    body_id INTEGER NOT NULL,
    PRIMARY KEY (channel_id, timetoken)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO body (id, payload, event_type, publisher, sequence, meta, custom_message_type, origination)
    SELECT id, payload, event_type, publisher, sequence, meta, custom_message_type, origination FROM message_1 ORDER BY id;
  INSERT INTO message (channel_id, timetoken, expires_at, body_id)
    SELECT channel_id, timetoken, CASE WHEN ttl_hours > 0 THEN timetoken + CAST(round(ttl_hours * 36000000000) AS INTEGER) END, id
    FROM message_1 ORDER BY channel_id, timetoken;
  CREATE INDEX message_by_expiry ON message (expires_at) WHERE expires_at IS NOT NULL;
  DROP TABLE message_1;
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

// Who is where, written behind.
const PRESENCE = `
  CREATE TABLE presence (
    keyset TEXT NOT NULL,
    channel TEXT NOT NULL,
    uuid TEXT NOT NULL,
    is_present INTEGER NOT NULL,
    state TEXT,
    timeout_ms INTEGER NOT NULL,
    remaining_ms INTEGER,
    PRIMARY KEY (keyset, channel, uuid)
  ) STRICT, WITHOUT ROWID;
  `;

// Keysets and what was granted: everything that access decides from, and what was changed by whom.
const ACCESS = `
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
  `;

// Publishers' ids of stored messages, written with them, for a day.
const PUBLISH_IDS = `
  CREATE TABLE publish_id (
    channel_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    timetoken INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (channel_id, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX publish_id_by_age ON publish_id (timetoken);
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

// Files, but for their content. What a keyset has of them is tallied by triggers.
const FILES = `
  CREATE TABLE file (
    keyset TEXT NOT NULL,
    channel TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    digest TEXT NOT NULL,
    blob TEXT NOT NULL UNIQUE,
    PRIMARY KEY (keyset, channel, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX file_by_expiry ON file (expires_ms) WHERE expires_ms IS NOT NULL;
  CREATE TABLE file_tally (keyset TEXT PRIMARY KEY, files INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER file_added AFTER INSERT ON file BEGIN
    INSERT INTO file_tally VALUES (new.keyset, 1, new.bytes)
      ON CONFLICT (keyset) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
  END;
  CREATE TRIGGER file_removed AFTER DELETE ON file BEGIN
    UPDATE file_tally SET files = files - 1, bytes = bytes - old.bytes WHERE keyset = old.keyset;
  END;
  `;

// Devices that are registered for push notifications: a device has a row while it has a channel. How many channels it has,
// and how many registrations its keyset has, is tallied by triggers.
const PUSH = `
  CREATE TABLE push_device (
    id INTEGER PRIMARY KEY,
    keyset TEXT NOT NULL,
    gateway TEXT NOT NULL,
    token TEXT NOT NULL,
    environment TEXT NOT NULL,
    topic TEXT NOT NULL,
    registered_ms INTEGER NOT NULL,
    channels INTEGER NOT NULL DEFAULT 0,
    UNIQUE (keyset, gateway, token, environment, topic)
  ) STRICT;
  CREATE TABLE push_registration (
    device_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    keyset TEXT NOT NULL,
    gateway TEXT NOT NULL,
    PRIMARY KEY (device_id, channel)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX push_registration_by_channel ON push_registration (keyset, channel, gateway, device_id);
  CREATE TABLE push_tally (keyset TEXT PRIMARY KEY, registrations INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER push_registration_added AFTER INSERT ON push_registration BEGIN
    UPDATE push_device SET channels = channels + 1 WHERE id = new.device_id;
    INSERT INTO push_tally VALUES (new.keyset, 1) ON CONFLICT (keyset) DO UPDATE SET registrations = registrations + 1;
  END;
  CREATE TRIGGER push_registration_removed AFTER DELETE ON push_registration BEGIN
    UPDATE push_device SET channels = channels - 1 WHERE id = old.device_id;
    UPDATE push_tally SET registrations = registrations - 1 WHERE keyset = old.keyset;
  END;
  `;

// Notifications that wait to be sent. How many a keyset has is tallied by triggers.
const PUSH_JOBS = `
  CREATE TABLE push_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    keyset TEXT NOT NULL,
    channel TEXT NOT NULL,
    timetoken INTEGER NOT NULL,
    notice TEXT NOT NULL,
    is_debugged INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    token TEXT,
    after TEXT,
    attempts INTEGER NOT NULL,
    due_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX push_job_by_due ON push_job (keyset, due_ms, id);
  CREATE TABLE push_job_tally (keyset TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER push_job_added AFTER INSERT ON push_job BEGIN
    INSERT INTO push_job_tally VALUES (new.keyset, 1) ON CONFLICT (keyset) DO UPDATE SET jobs = jobs + 1;
  END;
  CREATE TRIGGER push_job_removed AFTER DELETE ON push_job BEGIN
    UPDATE push_job_tally SET jobs = jobs - 1 WHERE keyset = old.keyset;
    DELETE FROM push_job_tally WHERE keyset = old.keyset AND jobs = 0;
  END;
  `;

// What tells rows that the disk has changed (message-checksum.ts). Rows of version 1 have none.
const CHECKSUMS = `
  ALTER TABLE body ADD COLUMN checksum INTEGER;
  ALTER TABLE action ADD COLUMN checksum INTEGER;
  `;

// The statements that lead from version n to n + 1 stand at index n.
const MIGRATIONS: readonly (readonly string[])[] = [
  [MESSAGES],
  [
    MESSAGE_LAYOUT,
    CHANNEL_GROUPS,
    MESSAGE_ACTIONS,
    PRESENCE,
    ACCESS,
    PUBLISH_IDS,
    OBJECTS,
    FILES,
    PUSH,
    PUSH_JOBS,
    CHECKSUMS,
  ],
];

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
