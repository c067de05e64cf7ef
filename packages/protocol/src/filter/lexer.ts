/**
 * Cuts a filter expression into tokens.
 *
 * @module
 */

/** A token and where it begins. */
export type Token =
  | { readonly kind: "string" | "identifier" | "operator"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

/** Why a text is no filter expression. Thrown inside this room only; `parseFilter` returns it. */
export class FilterSyntaxError extends Error {
  override readonly name = "FilterSyntaxError";
  /** Characters from the beginning. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /\s*/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /==|!=|<=|>=|<<|>>|&&|\|\||[=<>!+\-*/%&|^~()[\],.]/y;

/**
 * Cuts a text into tokens, the last of them the end.
 *
 * @throws {FilterSyntaxError} at the first character that begins no token.
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const [token, end] = readToken(text, at);
    tokens.push(token);
    at = skip(text, end);
  }
  return [...tokens, { kind: "end", at }];
}

function readToken(text: string, at: number): readonly [Token, number] {
  const first = text.charAt(at);
  if (first === "'" || first === '"') return readString(text, at);
  const number = match(NUMBER, text, at);
  if (number !== undefined) return [{ kind: "number", value: Number(number), at }, at + number.length];
  const identifier = match(IDENTIFIER, text, at);
  if (identifier !== undefined) return [{ kind: "identifier", text: identifier, at }, at + identifier.length];
  const operator = match(OPERATOR, text, at);
  if (operator !== undefined) return [{ kind: "operator", text: operator, at }, at + operator.length];
  throw new FilterSyntaxError("a character that begins nothing", at);
}

// A backslash keeps a quote or a backslash; before anything else it stands for itself, so that `\*` reaches LIKE.
function readString(text: string, start: number): readonly [Token, number] {
  const quote = text.charAt(start);
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === quote) return [{ kind: "string", text: value, at: start }, at + 1];
    const next = text.charAt(at + 1);
    if (character === "\\" && (next === "\\" || next === "'" || next === '"')) {
      value += next;
      at += 1;
    } else {
      value += character;
    }
  }
  throw new FilterSyntaxError("a string without its end", start);
}

function skip(text: string, at: number): number {
  return at + (match(SPACE, text, at)?.length ?? 0);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
