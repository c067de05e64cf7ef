/**
 * Conditions and orders of object listings as SQL.
 *
 * The listed record stands under the name `r`, the metadata at the other end of a relation under `o`. Values, patterns and
 * the names of custom data are bound; the texts have no other source than this file. Rules: spec/OBJECTS.md OBJ22-OBJ26.
 *
 * @module
 */
import type { Comparison, Condition, Field, SortKey } from "../../ports/object-listing.ts";
import { COLUMNS } from "./object-columns.ts";
import { type SqlText, joined, raw, sql } from "./sql-text.ts";

const ALIASES = { self: "r", other: "o" } as const;
const OPERATORS: Readonly<Record<Comparison, string>> = {
  "==": "=",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/**
 * The condition as SQL that is true, false or NULL.
 *
 * @param idColumn where the listed record has its id.
 */
export function conditionSql(condition: Condition, idColumn: string): SqlText {
  switch (condition.kind) {
    case "and":
    case "or": {
      const pieces = condition.conditions.map((part) => conditionSql(part, idColumn));
      return sql`(${joined(pieces, condition.kind === "and" ? " AND " : " OR ")})`;
    }
    case "not":
      return sql`NOT ${conditionSql(condition.condition, idColumn)}`;
    case "presence":
      return sql`(${presentSql(condition.field, idColumn)} ${raw(condition.isPresent ? "IS NOT NULL" : "IS NULL")})`;
    case "like":
      return sql`(${typedSql(condition.field, idColumn, "string")} GLOB ${globOf(condition.pattern)})`;
    case "compare":
      return compareSql(condition, idColumn);
  }
}

function compareSql({ field, comparison, value }: Extract<Condition, { kind: "compare" }>, idColumn: string): SqlText {
  const bound = typeof value === "boolean" ? Number(value) : value;
  const operator = raw(OPERATORS[comparison]);
  const isExact = comparison === "==" || comparison === "!=" || field.kind === "id";
  const collation = raw(typeof value === "string" && !isExact ? " COLLATE NOCASE" : "");
  return sql`(${typedSql(field, idColumn, typeof value)} ${operator} ${bound}${collation})`;
}

/** A field as it is sorted by. */
export function sortSql({ field, direction }: SortKey, idColumn: string): SqlText {
  const collation = field.kind === "id" ? "" : " COLLATE NOCASE";
  const value = field.kind === "custom" ? customSql(field, "json_extract") : columnSql(field, idColumn);
  return sql`${value}${raw(`${collation} ${direction === "asc" ? "ASC" : "DESC"} NULLS LAST`)}`;
}

/** The column of a field that has one. */
function columnSql(field: Exclude<Field, { kind: "custom" }>, idColumn: string): SqlText {
  const alias = ALIASES[field.owner];
  switch (field.kind) {
    case "id":
      return raw(`r.${idColumn}`);
    case "updated":
      return raw(`${alias}.updated_us`);
    case "text":
      return raw(`${alias}.${COLUMNS[field.name]}`);
  }
}

function presentSql(field: Field, idColumn: string): SqlText {
  return field.kind === "custom" ? customSql(field, "json_extract") : columnSql(field, idColumn);
}

const JSON_TYPES = { string: "'text'", number: "'integer', 'real'", boolean: "'true', 'false'" } as const;

// A member of another type than it is compared with is like one that is not there.
function typedSql(field: Field, idColumn: string, type: string): SqlText {
  if (field.kind !== "custom") return columnSql(field, idColumn);
  const types = raw(JSON_TYPES[type as keyof typeof JSON_TYPES]);
  return sql`CASE WHEN ${customSql(field, "json_type")} IN (${types}) THEN ${customSql(field, "json_extract")} END`;
}

function customSql({ owner, key }: Extract<Field, { kind: "custom" }>, read: string): SqlText {
  return sql`${raw(`${read}(${ALIASES[owner]}`)}.custom, ${`$."${key}"`})`;
}

/** A LIKE pattern in SQLite's GLOB, which knows no case: each letter becomes the class of its cases. */
export function globOf(pattern: string): string {
  let glob = "";
  for (const { character, isStar } of charactersOf(pattern)) glob += isStar ? "*" : classOf(character);
  return glob;
}

/** What every text that is like a pattern begins with, up to the first star or character beyond ASCII; in lower case. */
export function beginningOf(pattern: string): string {
  let beginning = "";
  for (const { character, isStar } of charactersOf(pattern)) {
    if (isStar || character > "\u007f") break;
    beginning += character.toLowerCase();
  }
  return beginning;
}

interface PatternCharacter {
  readonly character: string;
  readonly isStar: boolean;
}

function* charactersOf(pattern: string): Generator<PatternCharacter> {
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "\\" && characters[at + 1] === "*") {
      yield { character: "*", isStar: false };
      at += 1;
    } else {
      yield { character, isStar: character === "*" };
    }
  }
}

function classOf(character: string): string {
  const lower = character.toLowerCase();
  const cases = [character, lower, character.toUpperCase()].filter((one) => {
    return one.toLowerCase() === lower && [...one].length === 1;
  });
  const distinct = [...new Set(cases)];
  const isPlain = distinct.length === 1 && !"*?[".includes(character);
  return isPlain ? character : `[${distinct.join("")}]`;
}
