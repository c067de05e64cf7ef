/**
 * The members of a JSON object as texts, so that a value passes from one text into another byte for byte.
 *
 * Pure. Rules: spec/PROTOCOL.md JSN5.
 *
 * @module
 */

/**
 * Splits an object into its members.
 *
 * @param compact a JSON object as `compactJson` returns it; anything else gives no sensible result.
 * @returns values as they stand in the text, by their decoded names, in order; of a repeated name the last.
 * @see spec/PROTOCOL.md JSN5
 * @example
 * ```ts
 * jsonMembers('{"a":12345678901234567890}').get("a"); // "12345678901234567890"
 * ```
 */
export function jsonMembers(compact: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  let at = 1;
  while (compact[at] === '"') {
    const colon = endOfString(compact, at);
    const name: unknown = JSON.parse(compact.slice(at, colon));
    const end = endOfValue(compact, colon + 1);
    members.set(String(name), compact.slice(colon + 1, end));
    at = end + 1;
  }
  return members;
}

// Where the string that begins here has ended.
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === "\\") at += 1;
  }
  return text.length;
}

// Where the comma or bracket stands that ends the value that begins here.
function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (depth === 0 && (character === "," || character === "}")) return at;
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    at = character === '"' ? endOfString(text, at) : at + 1;
  }
  return at;
}
