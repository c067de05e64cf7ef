/**
 * The ways by which a listing of objects finds its candidates: each is a range of one index.
 *
 * A path names its index in its text, so SQLite either uses that one or refuses the statement: no listing reads a whole
 * table because statistics were old. Rules: spec/OBJECTS.md OBJ27, OBJ28.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Condition, Field, SortKey } from "../../ports/object-listing.ts";
import type { TextName } from "../../ports/object-record.ts";
import { COLUMNS } from "./object-columns.ts";
import { beginningOf, globOf } from "./object-conditions.ts";
import { type SqlText, joined, raw, sql } from "./sql-text.ts";

/** A range of an index. */
export interface Path {
  /** Whose index it is. Candidates of the other one's lead to relations by id. */
  readonly owner: "self" | "other";
  /** `FROM … INDEXED BY … WHERE …`. */
  readonly from: SqlText;
  /** In which order the range can be read: by a field and then by id, by id alone, or by nothing that is sorted by. */
  readonly order: Exclude<Field, { kind: "id" | "custom" }> | "id" | "none";
  /** The index's term for that field. */
  readonly orderTerm: string | undefined;
  /** Whether records without that field are in the range. */
  readonly mayLackField: boolean;
  readonly idColumn: string;
  /** Whether a condition has been used up: whatever is in the range satisfies it. */
  readonly used: Condition | undefined;
  /** Whether the candidates may be cut short, beyond what a listing may look at. */
  readonly isCut: boolean;
}

/** A table with its indexes, and the part of it that a listing is about. */
export interface Indexed {
  readonly owner: "self" | "other";
  readonly table: "object_metadata" | "object_relation";
  /** Column and value of what all indexes begin with. */
  readonly partition: readonly (readonly [column: string, value: string | bigint])[];
  readonly idColumn: string;
  /** The index in the order of ids. */
  readonly byId: string;
  /** The index in which ids are found without regard to case, where there is one. */
  readonly byIdInAnyCase: string | undefined;
  readonly byText: Readonly<Partial<Record<TextName, string>>>;
  readonly byUpdated: string | undefined;
}

/** Everything that a listing is about, in the order of ids. */
export function wholePath(indexed: Indexed): Path {
  const { owner, idColumn, byId } = indexed;
  const from = fromSql(indexed, byId);
  return {
    owner,
    from,
    order: "id",
    orderTerm: undefined,
    mayLackField: false,
    idColumn,
    used: undefined,
    isCut: false,
  };
}

/** The order of a range, forwards or backwards. */
export function orderSql({ orderTerm, mayLackField, idColumn }: Path, direction: SortKey["direction"]): SqlText {
  const way = direction === "asc" ? "ASC" : "DESC";
  const byId = `${idColumn} ${way}`;
  return raw(orderTerm === undefined ? byId : `${orderTerm} ${way}${mayLackField ? " NULLS LAST" : ""}, ${byId}`);
}

/** The range that a sort key orders; nothing where no index does. */
export function sortPath(indexed: Indexed, { field }: SortKey): Path | undefined {
  if (field.owner !== indexed.owner) return undefined;
  if (field.kind === "id") return wholePath(indexed);
  const index = indexOf(indexed, field);
  if (field.kind === "custom") return undefined;
  if (index === undefined) return undefined;
  return {
    owner: indexed.owner,
    from: fromSql(indexed, index),
    order: field,
    orderTerm: termOf(indexed, field),
    mayLackField: field.kind === "text",
    idColumn: indexed.idColumn,
    used: undefined,
    isCut: false,
  };
}

/** The range that a condition leaves; nothing where no index knows it. */
export function conditionPath(indexed: Indexed, condition: Condition): Path | undefined {
  if ("conditions" in condition) return condition.kind === "or" ? unionPath(indexed, condition) : undefined;
  if (condition.kind === "not") return undefined;
  const { field } = condition;
  if (field.owner !== indexed.owner || field.kind === "custom") return undefined;
  const index = condition.kind === "like" && field.kind === "id" ? indexed.byIdInAnyCase : indexOf(indexed, field);
  const range = rangeOf(condition, columnOf(indexed, field));
  if (!index || !range) return undefined;
  const order = orderOf(condition, field, range);
  return {
    owner: indexed.owner,
    from: sql`${fromSql(indexed, index)} AND ${range.where}`,
    order,
    orderTerm: order === "id" || order === "none" ? undefined : termOf(indexed, order),
    mayLackField: false,
    idColumn: indexed.idColumn,
    used: condition,
    isCut: false,
  };
}

// The ranges of all alternatives, each as far as a listing may look.
function unionPath(
  indexed: Indexed,
  condition: Extract<Condition, { readonly conditions: readonly Condition[] }>,
): Path | undefined {
  const { owner, table, idColumn } = indexed;
  const ranges = condition.conditions.map((part) => conditionPath(indexed, part)).filter((path) => path !== undefined);
  if (ranges.length < condition.conditions.length || ranges.some(({ isCut }) => isCut)) return undefined;
  const rows = ranges.map(({ from }) => sql`SELECT * FROM (SELECT rowid AS row ${from} LIMIT ${CUT_ROWS})`);
  return {
    owner,
    from: sql`FROM (${joined(rows, " UNION ")}) u CROSS JOIN ${raw(`${table} ON ${table}.rowid = u.row`)} WHERE true`,
    order: "none",
    orderTerm: undefined,
    mayLackField: false,
    idColumn,
    used: condition,
    isCut: true,
  };
}

/** One more than a listing may look at, so that what is cut short is seen to be too much. */
const CUT_ROWS = LIMITS.objectRowsPerListingMax + 1;

function orderOf({ kind }: Condition, field: Exclude<Field, { kind: "custom" }>, { isOneValue }: Range): Path["order"] {
  if (isOneValue) return "id";
  if (field.kind !== "id") return field;
  return kind === "like" ? "none" : "id";
}

function fromSql({ table, partition }: Indexed, index: string): SqlText {
  const pieces = partition.map(([column, value]) => sql`${raw(column)} = ${value}`);
  return sql`FROM ${raw(`${table} INDEXED BY ${index}`)} WHERE ${joined(pieces, " AND ")}`;
}

function indexOf(indexed: Indexed, field: Field): string | undefined {
  switch (field.kind) {
    case "id":
      return indexed.byId;
    case "text":
      return indexed.byText[field.name];
    case "updated":
      return indexed.byUpdated;
    case "custom":
      return undefined;
  }
}

function columnOf(indexed: Indexed, field: Exclude<Field, { kind: "custom" }>): string {
  if (field.kind === "id") return indexed.idColumn;
  return field.kind === "text" ? COLUMNS[field.name] : "updated_us";
}

function termOf(indexed: Indexed, field: Exclude<Field, { kind: "custom" }>): string {
  return `${columnOf(indexed, field)}${field.kind === "text" ? " COLLATE NOCASE" : ""}`;
}

interface Range {
  readonly where: SqlText;
  /** Whether the index is in the order of ids there. */
  readonly isOneValue: boolean;
}

// What is after the index's own terms is tested on the index's entries, so that a range holds nothing else.
function rangeOf(condition: Exclude<Condition, { kind: "and" | "or" | "not" }>, column: string): Range | undefined {
  const at = raw(column);
  switch (condition.kind) {
    case "presence":
      return condition.isPresent ? undefined : { where: sql`${at} IS NULL`, isOneValue: true };
    case "like": {
      const from = beginningOf(condition.pattern);
      if (from === "") return undefined;
      const end = from.slice(0, -1) + String.fromCharCode(from.charCodeAt(from.length - 1) + 1);
      const where = sql`${at} >= ${from} COLLATE NOCASE AND ${at} < ${end} COLLATE NOCASE AND ${at} GLOB ${globOf(condition.pattern)}`;
      return { where, isOneValue: false };
    }
    case "compare":
      return comparisonRange(condition, at);
  }
}

function comparisonRange(
  { field, comparison, value }: Extract<Condition, { kind: "compare" }>,
  at: SqlText,
): Range | undefined {
  if (comparison === "!=" || typeof value === "boolean") return undefined;
  const isText = field.kind === "text";
  if (comparison !== "==") {
    const collation = raw(isText ? " COLLATE NOCASE" : "");
    return { where: sql`${at} ${raw(comparison)} ${value}${collation}`, isOneValue: false };
  }
  const exact = sql`${at} = ${value}`;
  return { where: isText ? sql`${at} = ${value} COLLATE NOCASE AND ${exact}` : exact, isOneValue: true };
}
