/**
 * The statements that change channel groups in the embedded database.
 *
 * Channels are bound as one JSON array, so that a change has the same few statements however many channels it names.
 *
 * @module
 */
import type { GroupName } from "@longwave/protocol";
import type { SqlStatement } from "./sqlite-writes.ts";

/** What a group's members become. */
export interface GroupEdit {
  /** None of them is a member yet. */
  readonly added: readonly string[];
  /** Each of them is a member. */
  readonly removed: readonly string[];
  /** Whether the group has no member, and so no row, before. */
  readonly begins: boolean;
  /** Whether it has none afterwards. */
  readonly ends: boolean;
}

const THE_GROUP = "FROM channel_group WHERE keyset = ? AND namespace = ? AND name = ?";
const ITS_GROUPS = "FROM channel_group WHERE keyset = ? AND namespace = ?";

/** Changes a group's members, and makes or deletes the group where they are its first or its last. */
export function editStatements(keyset: string, name: GroupName, edit: GroupEdit): readonly SqlStatement[] {
  const values = [keyset, name.namespace, name.name];
  if (edit.ends) return deleteGroupStatements(keyset, name);
  const statements: SqlStatement[] = [];
  if (edit.begins) {
    statements.push({ sql: "INSERT INTO channel_group (keyset, namespace, name) VALUES (?, ?, ?)", values });
  }
  if (edit.added.length > 0) {
    const sql = `INSERT INTO channel_group_member (group_id, channel)
      SELECT g.id, j.value FROM json_each(?) j JOIN (SELECT id ${THE_GROUP}) g`;
    statements.push({ sql, values: [JSON.stringify(edit.added), ...values] });
  }
  if (edit.removed.length > 0) {
    const sql = `DELETE FROM channel_group_member WHERE group_id = (SELECT id ${THE_GROUP})
      AND channel IN (SELECT value FROM json_each(?))`;
    statements.push({ sql, values: [...values, JSON.stringify(edit.removed)] });
  }
  return statements;
}

/** Deletes a group with its members. */
export function deleteGroupStatements(keyset: string, { namespace, name }: GroupName): readonly SqlStatement[] {
  const values = [keyset, namespace, name];
  return [
    { sql: `DELETE FROM channel_group_member WHERE group_id = (SELECT id ${THE_GROUP})`, values },
    { sql: `DELETE ${THE_GROUP}`, values },
  ];
}

/** Deletes all groups of a namespace with their members. */
export function deleteNamespaceStatements(keyset: string, namespace: string): readonly SqlStatement[] {
  const values = [keyset, namespace];
  return [
    { sql: `DELETE FROM channel_group_member WHERE group_id IN (SELECT id ${ITS_GROUPS})`, values },
    { sql: `DELETE ${ITS_GROUPS}`, values },
  ];
}
