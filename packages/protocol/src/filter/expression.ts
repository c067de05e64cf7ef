/**
 * A filter expression as a tree, and its text.
 *
 * Pure data. Rules: spec/FILTER.md.
 *
 * @module
 */

/** A constant. */
export interface Literal {
  readonly kind: "literal";
  readonly value: string | number | boolean;
}

/** A part of the message's meta or payload: `meta.user["role"]`, `data[0]`; a bare name means `meta.name`. */
export interface Reference {
  readonly kind: "reference";
  readonly root: "meta" | "data";
  readonly path: readonly (string | number)[];
}

/** Two or more constants, for `CONTAINS`. */
export interface List {
  readonly kind: "list";
  readonly items: readonly Literal[];
}

/** `!x`, `-x`, `~x`. */
export interface Unary {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

/** `x && y` and all the others. */
export interface Binary {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** Any expression. */
export type Expression = Literal | Reference | List | Unary | Binary;

/** Operators of one operand. */
export type UnaryOperator = "!" | "-" | "~";

/**
 * Operators of two operands, by how tightly they bind, loosest first. `=` is the lenient form of `==`.
 *
 * Bitwise operators bind more loosely than equality, as in C.
 */
export const BINARY_OPERATORS = Object.freeze([
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!=", "="],
  ["<", "<=", ">", ">=", "LIKE", "CONTAINS"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
] as const);

/** A member of {@link BINARY_OPERATORS}. */
export type BinaryOperator = (typeof BINARY_OPERATORS)[number][number];

/** The levels of {@link BINARY_OPERATORS}: an operator's binding, from 0. */
export function bindingOf(operator: BinaryOperator): number {
  return BINARY_OPERATORS.findIndex((level) => (level as readonly string[]).includes(operator));
}

/**
 * Writes an expression in the current dialect: `meta.` and `data.` spelled out, only the parentheses that are needed.
 *
 * @see spec/FILTER.md FLT9
 */
export function printFilter(expression: Expression): string {
  return print(expression, 0);
}

function print(expression: Expression, binding: number): string {
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression.value);
    case "list":
      return `(${expression.items.map(({ value }) => printLiteral(value)).join(", ")})`;
    case "reference":
      return expression.root + expression.path.map(printStep).join("");
    case "unary":
      return `${expression.operator}${print(expression.operand, BINARY_OPERATORS.length)}`;
    case "binary": {
      const own = bindingOf(expression.operator);
      // Left-associative: an operand of the same level needs parentheses on the right only.
      const text = `${print(expression.left, own)} ${expression.operator} ${print(expression.right, own + 1)}`;
      return own < binding ? `(${text})` : text;
    }
  }
}

function printLiteral(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function printStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? `.${step}` : `[${printLiteral(step)}]`;
}
