/**
 * Evaluates filter expressions: each is compiled once into functions, which look at messages without making anything.
 *
 * What is not there, does not fit or cannot be computed is `undefined`, and an expression that comes to it does not
 * match. Rules: spec/FILTER.md FLT5-FLT8.
 *
 * @module
 */
import type { BinaryOperator, Expression, List, Reference } from "./expression.ts";
import { isLike } from "./like.ts";

/** What an expression may ask a message for. Each is asked for when it is needed, and not before. */
export interface Filterable {
  /** The meta as a value; undefined where the message has none. */
  readonly meta: unknown;
  /** The payload as a value. */
  readonly data: unknown;
}

/** Whether a message passes. */
export type Predicate = (message: Filterable) => boolean;

type Evaluate = (message: Filterable) => unknown;

/**
 * Compiles an expression.
 *
 * @returns a predicate that never throws and allocates nothing for texts of ASCII.
 * @see spec/FILTER.md FLT5
 */
export function compileFilter(expression: Expression): Predicate {
  const evaluate = compile(expression);
  return (message) => isTruthy(evaluate(message));
}

function compile(expression: Expression): Evaluate {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "list": {
      const values = valuesOf(expression);
      return () => values;
    }
    case "reference":
      return compileReference(expression);
    case "unary":
      return compileUnary(expression.operator, compile(expression.operand));
    case "binary":
      return compileBinary(expression.operator, expression.left, expression.right);
  }
}

function valuesOf({ items }: List): readonly unknown[] {
  return items.map(({ value }) => value);
}

function compileReference({ root, path }: Reference): Evaluate {
  return (message) => {
    let value: unknown = root === "meta" ? message.meta : message.data;
    for (const step of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Readonly<Record<string | number, unknown>>)[step];
    }
    return value;
  };
}

function compileUnary(operator: "!" | "-" | "~", operand: Evaluate): Evaluate {
  if (operator === "!") return (message) => !isTruthy(operand(message));
  if (operator === "-") return (message) => ifNumber(operand(message), (number) => -number);
  return (message) => ifInteger(operand(message), (number) => ~number);
}

function compileBinary(operator: BinaryOperator, left: Expression, right: Expression): Evaluate {
  const [one, other] = [compile(left), compile(right)];
  if (operator === "&&") return (message) => isTruthy(one(message)) && isTruthy(other(message));
  if (operator === "||") return (message) => isTruthy(one(message)) || isTruthy(other(message));
  if (operator === "=") return compileLenient(one, other, right);
  const apply = OPERATIONS[operator];
  return (message) => apply(one(message), other(message));
}

// `such=wow`: a bare name on the right that the meta does not have stands for its own text.
function compileLenient(one: Evaluate, other: Evaluate, right: Expression): Evaluate {
  const word =
    right.kind === "reference" && right.root === "meta" && right.path.length === 1 ? right.path[0] : undefined;
  return (message) => {
    const given = other(message);
    return isEqual(one(message), given === undefined ? word : given);
  };
}

type Operation = (one: unknown, other: unknown) => unknown;

const OPERATIONS: Readonly<Record<Exclude<BinaryOperator, "&&" | "||" | "=">, Operation>> = {
  "==": isEqual,
  "!=": isUnequal,
  "<": (one, other) => areNumbers(one, other) && (one as number) < (other as number),
  "<=": (one, other) => areNumbers(one, other) && (one as number) <= (other as number),
  ">": (one, other) => areNumbers(one, other) && (one as number) > (other as number),
  ">=": (one, other) => areNumbers(one, other) && (one as number) >= (other as number),
  LIKE: isAnyLike,
  CONTAINS: contains,
  "|": (one, other) => ifIntegers(one, other, (a, b) => a | b),
  "^": (one, other) => ifIntegers(one, other, (a, b) => a ^ b),
  "&": (one, other) => ifIntegers(one, other, (a, b) => a & b),
  "<<": (one, other) => ifIntegers(one, other, (a, b) => a << b),
  ">>": (one, other) => ifIntegers(one, other, (a, b) => a >> b),
  "+": (one, other) => ifNumbers(one, other, (a, b) => a + b),
  "-": (one, other) => ifNumbers(one, other, (a, b) => a - b),
  "*": (one, other) => ifNumbers(one, other, (a, b) => a * b),
  "/": (one, other) => ifNumbers(one, other, (a, b) => a / b),
  "%": (one, other) => ifNumbers(one, other, (a, b) => a % b),
};

function isTruthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}

/** Whether two values can be compared for equality, and are equal; undefined where they cannot. */
function compare(one: unknown, other: unknown): boolean | undefined {
  if (typeof one === typeof other) return isScalar(one) ? one === other : undefined;
  if (typeof one === "boolean") return compareBoolean(one, other);
  return typeof other === "boolean" ? compareBoolean(other, one) : undefined;
}

function compareBoolean(one: boolean, other: unknown): boolean | undefined {
  if (typeof other === "number") return one === (other === 1) && (other === 1 || other === 0);
  if (typeof other === "string") return other === (one ? "true" : "false");
  return undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isEqual(one: unknown, other: unknown): boolean {
  return compare(one, other) === true;
}

// What is missing differs from everything: who excludes himself by `uuid != 'me'` wants messages without any meta.
function isUnequal(one: unknown, other: unknown): boolean {
  return one === undefined || compare(one, other) === false;
}

function isAnyLike(one: unknown, pattern: unknown): boolean {
  if (typeof pattern !== "string") return false;
  if (Array.isArray(one)) return one.some((element) => typeof element === "string" && isLike(element, pattern));
  return typeof one === "string" && isLike(one, pattern);
}

function contains(one: unknown, other: unknown): boolean {
  if (typeof one === "string") return typeof other === "string" && one.includes(other);
  return Array.isArray(one) && one.some((element) => isEqual(element, other));
}

function areNumbers(one: unknown, other: unknown): boolean {
  return typeof one === "number" && typeof other === "number";
}

// Dividing by zero gives nothing that could be compared, as all that cannot be computed.
function ifNumber(one: unknown, compute: (one: number) => number): number | undefined {
  return typeof one === "number" ? compute(one) : undefined;
}

function ifNumbers(one: unknown, other: unknown, compute: (one: number, other: number) => number): number | undefined {
  if (typeof one !== "number" || typeof other !== "number") return undefined;
  const result = compute(one, other);
  return Number.isFinite(result) ? result : undefined;
}

function ifInteger(one: unknown, compute: (one: number) => number): number | undefined {
  return Number.isInteger(one) ? compute(one as number) : undefined;
}

function ifIntegers(one: unknown, other: unknown, compute: (one: number, other: number) => number): number | undefined {
  return Number.isInteger(one) && Number.isInteger(other) ? compute(one as number, other as number) : undefined;
}
