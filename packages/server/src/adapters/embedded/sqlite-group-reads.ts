/**
 * Reads channel groups from the embedded database.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import type { GroupName } from "@longwave/protocol";

interface Row {
  readonly name: string;
}

type OfGroup = [keyset: string, namespace: string, name: string];
type OfNamespace = [keyset: string, namespace: string];

/** The prepared reads of one connection. */
export class GroupReads {
  readonly #members: Statement<Row, OfGroup>;
  readonly #group: Statement<Row, OfGroup>;
  readonly #groups: Statement<Row, OfNamespace>;
  readonly #namespaces: Statement<Row, [keyset: string]>;
  readonly #groupCount: Statement<{ readonly groups: bigint }, [keyset: string]>;

  constructor(database: Database) {
    this.#members = database.prepare(
      `SELECT m.channel AS name FROM channel_group g JOIN channel_group_member m ON m.group_id = g.id
       WHERE g.keyset = ? AND g.namespace = ? AND g.name = ?`,
    );
    this.#group = database.prepare("SELECT name FROM channel_group WHERE keyset = ? AND namespace = ? AND name = ?");
    this.#groups = database.prepare("SELECT name FROM channel_group WHERE keyset = ? AND namespace = ?");
    this.#namespaces = database.prepare(
      "SELECT DISTINCT namespace AS name FROM channel_group WHERE keyset = ? AND namespace > ''",
    );
    this.#groupCount = database.prepare("SELECT count(*) AS groups FROM channel_group WHERE keyset = ?");
  }

  members(keyset: string, { namespace, name }: GroupName): readonly string[] {
    return this.#members.all(keyset, namespace, name).map(nameOf);
  }

  hasGroup(keyset: string, { namespace, name }: GroupName): boolean {
    return this.#group.get(keyset, namespace, name) !== null;
  }

  groups(keyset: string, namespace: string): readonly string[] {
    return this.#groups.all(keyset, namespace).map(nameOf);
  }

  namespaces(keyset: string): readonly string[] {
    return this.#namespaces.all(keyset).map(nameOf);
  }

  /** Groups of a keyset, those of its namespaces included. */
  groupCount(keyset: string): number {
    return Number(this.#groupCount.get(keyset)?.groups ?? 0);
  }
}

function nameOf({ name }: Row): string {
  return name;
}
