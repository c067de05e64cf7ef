/**
 * SQL with the values that are bound to it, put together from pieces: a value is never pasted into the text.
 *
 * @module
 */

/** What can be bound. */
export type SqlValue = string | number | bigint | null;

/** A piece of SQL and the values of its question marks, in their order. */
export interface SqlText {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Writes a piece: what stands between the parts is SQL of ours, a part is a piece, or a value to bind.
 *
 * @example
 * ```ts
 * sql`SELECT 1 FROM t WHERE id = ${id} AND ${condition}`;
 * ```
 */
export function sql(texts: TemplateStringsArray, ...parts: readonly (SqlText | SqlValue)[]): SqlText {
  let text = texts[0] ?? "";
  const values: SqlValue[] = [];
  for (const [at, part] of parts.entries()) {
    if (typeof part === "object" && part !== null) {
      text += part.sql;
      values.push(...part.values);
    } else {
      text += "?";
      values.push(part);
    }
    text += texts[at + 1] ?? "";
  }
  return { sql: text, values };
}

/** A piece of SQL that is a constant of this program: a name, a keyword, a separator. */
export function raw(text: string): SqlText {
  return { sql: text, values: [] };
}

/** Pieces in a row with something between them. */
export function joined(pieces: readonly SqlText[], separator: string): SqlText {
  return { sql: pieces.map(({ sql }) => sql).join(separator), values: pieces.flatMap(({ values }) => values) };
}
