/**
 * Reads a filter expression into a tree.
 *
 * Both dialects: the current one with `meta.` and `data.`, and the classic one whose bare names read from the meta.
 * Bounded in length, depth and terms. Rules: spec/FILTER.md FLT1-FLT4.
 *
 * @module
 */
import { LIMITS } from "../limits.ts";
import {
  BINARY_OPERATORS,
  type BinaryOperator,
  type Expression,
  type List,
  type Literal,
  type Reference,
} from "./expression.ts";
import { FilterSyntaxError, type Token, tokensOf } from "./lexer.ts";

/** What came of reading a filter expression. */
export type FilterOutcome =
  | { readonly kind: "filter"; readonly expression: Expression }
  /** `reason` completes "… at character `at`": "a string without its end". */
  | { readonly kind: "malformed"; readonly reason: string; readonly at: number };

/**
 * Reads a filter expression.
 *
 * @param text from an untrusted peer, at most 4,096 characters.
 * @returns the expression, or where and why it is none.
 * @see spec/FILTER.md FLT1
 * @example
 * ```ts
 * parseFilter("meta.priority == 'high' && data.score > 80"); // { kind: "filter", expression: … }
 * ```
 */
export function parseFilter(text: string): FilterOutcome {
  try {
    if (text.length > LIMITS.filterCharactersMax)
      throw new FilterSyntaxError("more characters than a filter may have", 0);
    return { kind: "filter", expression: new Parser(tokensOf(text)).parse() };
  } catch (failure) {
    if (failure instanceof FilterSyntaxError) return { kind: "malformed", reason: failure.message, at: failure.at };
    throw failure;
  }
}

const LOOSEST = 0;
const END: Token = { kind: "end", at: 0 };

/** Reads one list of tokens by recursive descent, one level of binding at a time. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#binary(LOOSEST);
    const rest = this.#token;
    if (rest.kind !== "end") throw new FilterSyntaxError("something behind the end of the expression", rest.at);
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#at] ?? this.#tokens.at(-1) ?? END;
  }

  #binary(level: number): Expression {
    if (level === BINARY_OPERATORS.length) return this.#unary();
    let left = this.#binary(level + 1);
    for (let operator = this.#operatorOf(level); operator !== undefined; operator = this.#operatorOf(level)) {
      this.#at += 1;
      left = { kind: "binary", operator, left, right: this.#binary(level + 1) };
    }
    return left;
  }

  #operatorOf(level: number): BinaryOperator | undefined {
    const token = this.#token;
    if (token.kind !== "operator" && token.kind !== "identifier") return undefined;
    const text = token.kind === "identifier" ? token.text.toUpperCase() : token.text;
    return BINARY_OPERATORS[level]?.find((operator) => operator === text);
  }

  #unary(): Expression {
    const operator = this.#token;
    if (operator.kind !== "operator") return this.#primary();
    const { text } = operator;
    if (text !== "!" && text !== "-" && text !== "~") return this.#primary();
    this.#at += 1;
    return this.#nested(operator.at, () => ({ kind: "unary", operator: text, operand: this.#unary() }));
  }

  #primary(): Expression {
    const token = this.#token;
    this.#terms += 1;
    if (this.#terms > LIMITS.filterTermsMax) throw new FilterSyntaxError("more terms than a filter may have", token.at);
    const literal = literalOf(token);
    if (literal) {
      this.#at += 1;
      return literal;
    }
    if (token.kind === "identifier") return this.#reference();
    if (this.#takes("(")) return this.#nested(token.at, () => this.#inParentheses());
    throw new FilterSyntaxError("a value is missing", token.at);
  }

  // A constant and a comma begin a list; anything else is an expression of its own.
  #inParentheses(): Expression {
    const first = literalOf(this.#token);
    const next = this.#tokens[this.#at + 1];
    if (first && next?.kind === "operator" && next.text === ",") return this.#list();
    const inside = this.#binary(LOOSEST);
    this.#expect(")");
    return inside;
  }

  #list(): List {
    const items: Literal[] = [];
    do {
      const item = literalOf(this.#token);
      if (!item) throw new FilterSyntaxError("a list holds something else than constants", this.#token.at);
      items.push(item);
      this.#at += 1;
      if (items.length > LIMITS.filterTermsMax) throw new FilterSyntaxError("a list is too long", this.#token.at);
    } while (this.#takes(","));
    this.#expect(")");
    return { kind: "list", items };
  }

  #reference(): Reference {
    const names: (string | number)[] = [this.#identifier()];
    for (;;) {
      if (this.#takes(".")) names.push(this.#identifier());
      else if (this.#takes("[")) names.push(this.#index());
      else break;
    }
    const [root, ...path] = names;
    if (root === "meta" || root === "data") return { kind: "reference", root, path };
    return { kind: "reference", root: "meta", path: names };
  }

  #identifier(): string {
    const token = this.#token;
    if (token.kind !== "identifier") throw new FilterSyntaxError("a name is missing", token.at);
    this.#at += 1;
    return token.text;
  }

  #index(): string | number {
    const token = this.#token;
    this.#at += 1;
    this.#expect("]");
    if (token.kind === "string") return token.text;
    if (token.kind === "number" && Number.isSafeInteger(token.value)) return token.value;
    throw new FilterSyntaxError("an index is neither a string nor a whole number", token.at);
  }

  #takes(text: string): boolean {
    const token = this.#token;
    if (token.kind !== "operator" || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw new FilterSyntaxError(`a ${text} is missing`, this.#token.at);
  }

  #nested<Result>(at: number, read: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > LIMITS.filterDepthMax) throw new FilterSyntaxError("deeper nesting than a filter may have", at);
    const result = read();
    this.#depth -= 1;
    return result;
  }
}

function literalOf(token: Token): Literal | undefined {
  if (token.kind === "string") return { kind: "literal", value: token.text };
  if (token.kind === "number") return { kind: "literal", value: token.value };
  if (token.kind !== "identifier") return undefined;
  if (token.text === "true") return { kind: "literal", value: true };
  return token.text === "false" ? { kind: "literal", value: false } : undefined;
}
