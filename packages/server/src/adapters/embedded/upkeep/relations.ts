/**
 * What must hold between the tables of a database, beyond what SQLite itself looks after: one row a promise.
 *
 * @module
 */

function countOfMetadata(kind: string): string {
  return `SELECT coalesce(sum(records), 0) FROM object_collection WHERE kind = '${kind}'`;
}

// How many rows of two queries, each a tally by its key, are not in the other one too.
function difference(counted: string, tallied: string): string {
  return `WITH counted AS (${counted}), tallied AS (${tallied})
    SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM tallied)) +
      (SELECT count(*) FROM (SELECT * FROM tallied EXCEPT SELECT * FROM counted))`;
}

/** What is counted, by what it is called. */
export const COUNTS: readonly (readonly [name: string, sql: string])[] = [
  ["channels", "SELECT count(*) FROM channel"],
  ["messages", "SELECT count(*) FROM message"],
  ["message actions", "SELECT count(*) FROM action"],
  ["channel groups", "SELECT count(*) FROM channel_group"],
  ["present members", "SELECT count(*) FROM presence WHERE is_present = 1"],
  ["users", countOfMetadata("uuid")],
  ["channels with metadata", countOfMetadata("channel")],
  ["memberships", "SELECT count(*) FROM object_relation"],
  ["files", "SELECT count(*) FROM file"],
  ["push devices", "SELECT count(*) FROM push_device"],
  ["keysets", "SELECT count(*) FROM keyset"],
];

/** A promise: how many rows break it, and what that means. */
export interface Relation {
  /** What cannot be read where the query fails. */
  readonly what: string;
  /** Counts the rows that break it. */
  readonly sql: string;
  readonly sentence: (broken: number) => string;
}

const rows = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one} has` : `${count} ${many} have`;

/** Every promise. */
export const RELATIONS: readonly Relation[] = [
  {
    what: "The bodies of messages",
    sql: "SELECT count(*) FROM message m LEFT JOIN body b ON b.id = m.body_id WHERE b.id IS NULL",
    sentence: (broken) => `${rows(broken, "message", "messages")} no body any more.`,
  },
  {
    what: "The messages of bodies",
    sql: "SELECT abs((SELECT count(*) FROM body) - (SELECT count(DISTINCT body_id) FROM message))",
    sentence: (broken) => `${rows(broken, "body", "bodies")} no message of their own.`,
  },
  {
    what: "The bodies that messages share",
    sql: "SELECT count(*) - count(DISTINCT body_id) FROM message",
    sentence: (broken) => `${rows(broken, "message", "messages")} the body of another one.`,
  },
  {
    what: "The channels of messages",
    sql: "SELECT count(*) FROM message WHERE channel_id NOT IN (SELECT id FROM channel)",
    sentence: (broken) => `${rows(broken, "message", "messages")} no channel.`,
  },
  {
    what: "The channels of message actions",
    sql: "SELECT count(*) FROM action WHERE channel_id NOT IN (SELECT id FROM channel)",
    sentence: (broken) => `${rows(broken, "message action", "message actions")} no channel.`,
  },
  {
    what: "The tallies of message actions",
    sql: difference(
      "SELECT channel_id, message_timetoken, count(*), sum(bytes) FROM action GROUP BY 1, 2",
      "SELECT channel_id, message_timetoken, actions, bytes FROM action_tally",
    ),
    sentence: (broken) => `${rows(broken, "tally of message actions", "tallies of message actions")} the wrong number.`,
  },
  {
    what: "The clocks of message actions",
    sql: `SELECT count(*) FROM action a JOIN channel c ON c.id = a.channel_id
      LEFT JOIN action_clock k ON k.keyset = c.keyset WHERE k.last_timetoken IS NULL OR a.timetoken > k.last_timetoken`,
    sentence: (broken) =>
      `${rows(broken, "message action", "message actions")} a timetoken that could be given to another one.`,
  },
  {
    what: "The reservation of timetokens",
    sql: `SELECT count(*) FROM message
      WHERE timetoken > coalesce((SELECT value FROM setting WHERE name = 'timetoken_reserved_through'), 0)`,
    sentence: (broken) => `${rows(broken, "message", "messages")} a timetoken that could be given to another one.`,
  },
  {
    what: "The channel groups",
    sql: "SELECT count(*) FROM channel_group_member WHERE group_id NOT IN (SELECT id FROM channel_group)",
    sentence: (broken) => `${rows(broken, "member of channel groups", "members of channel groups")} no group.`,
  },
  {
    what: "The channels of publishers' ids",
    sql: "SELECT count(*) FROM publish_id WHERE channel_id NOT IN (SELECT id FROM channel)",
    sentence: (broken) => `${rows(broken, "publisher's id", "publishers' ids")} no channel.`,
  },
  {
    what: "The collections of App Context",
    sql: `SELECT count(*) FROM (SELECT collection_id FROM object_metadata UNION ALL SELECT collection_id FROM object_relation)
      WHERE collection_id NOT IN (SELECT id FROM object_collection)`,
    sentence: (broken) => `${rows(broken, "record of App Context", "records of App Context")} no keyset.`,
  },
  {
    what: "The tallies of users and channels",
    sql: difference(
      "SELECT collection_id, count(*) FROM object_metadata GROUP BY 1",
      "SELECT id, records FROM object_collection WHERE kind <> 'relation' AND records <> 0",
    ),
    sentence: (broken) =>
      `${rows(broken, "tally of users or channels", "tallies of users or channels")} the wrong number.`,
  },
  {
    what: "The tallies of memberships",
    sql: difference(
      `SELECT collection_id, 'uuid', uuid, count(*) FROM object_relation GROUP BY 1, 3
        UNION ALL SELECT collection_id, 'channel', channel, count(*) FROM object_relation GROUP BY 1, 3`,
      "SELECT collection_id, kind, id, relations FROM object_relation_tally",
    ),
    sentence: (broken) => `${rows(broken, "tally of memberships", "tallies of memberships")} the wrong number.`,
  },
  {
    what: "The tallies of files",
    sql: difference(
      "SELECT keyset, count(*), sum(bytes) FROM file GROUP BY 1",
      "SELECT keyset, files, bytes FROM file_tally WHERE files <> 0 OR bytes <> 0",
    ),
    sentence: (broken) => `${rows(broken, "tally of files", "tallies of files")} the wrong number.`,
  },
  {
    what: "The channels of push devices",
    sql: difference(
      "SELECT device_id, keyset, gateway, count(*) FROM push_registration GROUP BY 1, 2, 3",
      "SELECT id, keyset, gateway, channels FROM push_device",
    ),
    sentence: (broken) => `${rows(broken, "push device", "push devices")} the wrong number of channels.`,
  },
  {
    what: "The tallies of push registrations",
    sql: difference(
      "SELECT keyset, count(*) FROM push_registration GROUP BY 1",
      "SELECT keyset, registrations FROM push_tally WHERE registrations <> 0",
    ),
    sentence: (broken) =>
      `${rows(broken, "tally of push registrations", "tallies of push registrations")} the wrong number.`,
  },
  {
    what: "The tallies of push notifications",
    sql: difference("SELECT keyset, count(*) FROM push_job GROUP BY 1", "SELECT keyset, jobs FROM push_job_tally"),
    sentence: (broken) =>
      `${rows(broken, "tally of push notifications", "tallies of push notifications")} the wrong number.`,
  },
];

/** Every message action with its channel. */
export const SHAPE_OF_ACTIONS = `SELECT c.keyset, c.name AS channel, a.timetoken, a.message_timetoken, a.uuid, a.type, a.value,
  a.checksum FROM action a CROSS JOIN channel c ON c.id = a.channel_id`;
