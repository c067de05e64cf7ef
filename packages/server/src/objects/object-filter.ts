/**
 * Reads the filter of a listing: the stream filters' lexer and parser, and what of that language objects have.
 *
 * Of the larger language's trees only those are let through that App Context's own grammar makes: conditions joined by
 * `&&`, `||` and `!`, each a field, an operator and a constant. There a `!` binds more loosely than a comparison.
 * Rules: spec/OBJECTS.md OBJ22-OBJ25.
 *
 * @module
 */
import { type Expression, parseFilter } from "@longwave/protocol";
import type { Comparison, Condition, Field } from "../ports/object-listing.ts";
import { type Listed, fieldOf } from "./object-fields.ts";
import { parseInstant } from "./object-json.ts";

/** What came of reading a filter: a malformed one says why in a sentence that quotes nothing of it. */
export type ObjectFilterOutcome =
  | { readonly kind: "filter"; readonly condition: Condition }
  | { readonly kind: "malformed"; readonly reason: string };

/** Thrown inside this file only. */
class Malformed extends Error {
  override readonly name = "Malformed";
}

/**
 * Reads a filter.
 *
 * @param listed what is listed, which decides what can be named.
 * @param text from an untrusted peer.
 */
export function readObjectFilter(listed: Listed, text: string): ObjectFilterOutcome {
  const outcome = parseFilter(text);
  if (outcome.kind === "malformed") {
    return { kind: "malformed", reason: `Filter is malformed: ${outcome.reason}, at character ${outcome.at}.` };
  }
  try {
    return { kind: "filter", condition: conditionOf(listed, outcome.expression) };
  } catch (failure) {
    if (failure instanceof Malformed) return { kind: "malformed", reason: failure.message };
    throw failure;
  }
}

function conditionOf(listed: Listed, expression: Expression): Condition {
  if (expression.kind === "unary" && expression.operator === "!") {
    return { kind: "not", condition: conditionOf(listed, expression.operand) };
  }
  if (expression.kind !== "binary") throw new Malformed("Filter must compare fields with constants.");
  const { operator, left, right } = expression;
  if (operator === "&&" || operator === "||") {
    const conditions = [conditionOf(listed, left), conditionOf(listed, right)].flatMap((part) =>
      part.kind === (operator === "&&" ? "and" : "or") ? part.conditions : part,
    );
    return { kind: operator === "&&" ? "and" : "or", conditions };
  }
  if (left.kind === "unary" && left.operator === "!") {
    return { kind: "not", condition: conditionOf(listed, { ...expression, left: left.operand }) };
  }
  return comparisonOf(fieldIn(listed, left), operator, constantOf(right));
}

function fieldIn(listed: Listed, expression: Expression): Field {
  if (expression.kind !== "reference") throw new Malformed("Filter must have a field on the left of each operator.");
  const names = expression.path.filter((step) => typeof step === "string");
  const field = expression.root === "meta" && names.length === expression.path.length && fieldOf(listed, names);
  if (!field) throw new Malformed("Filter names a field that does not exist here.");
  return field;
}

type Constant = string | number | boolean | null;

function constantOf(expression: Expression): Constant {
  if (expression.kind === "literal") return expression.value;
  const { kind } = expression;
  if (kind === "unary" && expression.operator === "-" && expression.operand.kind === "literal") {
    const { value } = expression.operand;
    if (typeof value === "number") return -value;
  }
  if (kind === "reference" && expression.path.length === 1 && expression.path[0] === "null") return null;
  throw new Malformed("Filter must have a constant on the right of each operator.");
}

const COMPARISONS: readonly string[] = ["==", "!=", "<", "<=", ">", ">="] satisfies readonly Comparison[];

function comparisonOf(field: Field, operator: string, value: Constant): Condition {
  if (value === null) return presenceOf(field, operator);
  if (operator === "LIKE") return likeOf(field, value);
  if (!COMPARISONS.includes(operator)) throw new Malformed("Filter has an operator that does not exist here.");
  const comparison = operator as Comparison;
  if (field.kind === "custom") return customComparison(field, comparison, value);
  if (typeof value !== "string") throw new Malformed("Filter compares a field with a constant of another type.");
  if (field.kind !== "updated") return { kind: "compare", field, comparison, value };
  const instant = parseInstant(value);
  if (instant === undefined) throw new Malformed("Filter must compare updated with an ISO 8601 date and time.");
  return { kind: "compare", field, comparison, value: instant };
}

function presenceOf(field: Field, operator: string): Condition {
  if (operator !== "==" && operator !== "!=") throw new Malformed("Filter can only test null for being equal or not.");
  return { kind: "presence", field, isPresent: operator === "!=" };
}

function likeOf(field: Field, value: string | number | boolean): Condition {
  if (typeof value !== "string" || field.kind === "updated") {
    throw new Malformed("Filter compares a field with a constant of another type.");
  }
  return { kind: "like", field, pattern: value };
}

function customComparison(field: Field, comparison: Comparison, value: string | number | boolean): Condition {
  if (typeof value === "boolean" && comparison !== "==" && comparison !== "!=") {
    throw new Malformed("Filter can only test true and false for being equal or not.");
  }
  return { kind: "compare", field, comparison, value };
}
