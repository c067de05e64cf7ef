/**
 * JSON sliced as text: the members of an object and the elements of an array, each as it stands in the source.
 *
 * Parsing a payload and printing it again would round numbers beyond 2^53 and rewrite escapes; slices keep every byte.
 * The text must be valid JSON of the kind that is named: the callers check that first. Pure. Rule: spec/PROTOCOL.md JSN5.
 *
 * @module
 */

/**
 * The members of an object.
 *
 * @param object valid JSON text of one object.
 * @returns each member's raw text by its decoded name; of a repeated name the last, as in `JSON.parse`.
 * @example
 * ```ts
 * membersOf('{"t":1.0,"d":[1, 2]}').get("d"); // "[1, 2]"
 * ```
 */
export function membersOf(object: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(object, skipSpace(object, 0) + 1);
  while (at < object.length && object[at] !== "}") {
    const nameEnd = endOfString(object, at);
    const start = skipSpace(object, skipSpace(object, nameEnd) + 1); // behind the colon
    const end = endOfValue(object, start);
    members.set(String(JSON.parse(object.slice(at, nameEnd))), object.slice(start, end));
    at = skipComma(object, end);
  }
  return members;
}

/**
 * The elements of an array.
 *
 * @param array valid JSON text of one array.
 * @returns each element's raw text, in order.
 */
export function elementsOf(array: string): readonly string[] {
  const elements: string[] = [];
  let at = skipSpace(array, skipSpace(array, 0) + 1);
  while (at < array.length && array[at] !== "]") {
    const end = endOfValue(array, at);
    elements.push(array.slice(at, end));
    at = skipComma(array, end);
  }
  return elements;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \n\r\t".includes(text.charAt(at))) at += 1;
  return at;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === "," ? skipSpace(text, at + 1) : at;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  return first === "{" || first === "[" ? endOfContainer(text, from) : endOfWord(text, from);
}

// A quote ends the string unless an odd number of backslashes stands before it.
function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  for (; quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslash = quote - 1;
    while (text[backslash] === "\\") backslash -= 1;
    if ((quote - backslash) % 2 === 1) return quote + 1;
  }
  return text.length;
}

function endOfContainer(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '"') at = endOfString(text, at) - 1;
    else if (unit === "{" || unit === "[") depth += 1;
    else if (unit === "}" || unit === "]") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !",]} \n\r\t".includes(text.charAt(at))) at += 1;
  return at;
}
