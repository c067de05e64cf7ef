/**
 * Cuts the envelopes of a subscribe answer out of its text, so that payloads stay as they were published.
 *
 * Parsing would lose the digits of large numbers. The structure is found with a scan that only knows strings and nesting,
 * which is enough for JSON that a network has written.
 *
 * @module
 */

/** An envelope with its payload as text. */
export interface RawEnvelope {
  readonly channel: string;
  readonly timetoken: string;
  readonly publisher: string | undefined;
  /** JSON text. */
  readonly payload: string;
}

/** The cursor and envelopes of an answer, or nothing where it is none. */
export function cutEnvelopes(text: string): { cursor: string; envelopes: readonly RawEnvelope[] } | undefined {
  const answer = membersOf(text);
  const cursor = textOf(membersOf(answer.get("t") ?? "").get("t"));
  const list = answer.get("m");
  if (cursor === undefined || list === undefined) return undefined;
  return { cursor, envelopes: elementsOf(list).map(envelopeOf) };
}

function envelopeOf(text: string): RawEnvelope {
  const members = membersOf(text);
  return {
    channel: textOf(members.get("c")) ?? "",
    timetoken: textOf(membersOf(members.get("p") ?? "").get("t")) ?? "",
    publisher: textOf(members.get("i")),
    payload: members.get("d") ?? "null",
  };
}

function textOf(json: string | undefined): string | undefined {
  return json === undefined ? undefined : String(JSON.parse(json));
}

/** The members of a JSON object's text: names decoded, values as text. */
function membersOf(object: string): Map<string, string> {
  return new Map(
    elementsOf(object).map((member) => {
      const colon = endOfValue(member, 0);
      return [String(JSON.parse(member.slice(0, colon))), member.slice(colon + 1).trim()] as const;
    }),
  );
}

/** What stands between the commas of an array's or object's text. */
function elementsOf(container: string): readonly string[] {
  const inside = container.trim().slice(1, -1);
  const elements: string[] = [];
  let start = 0;
  while (start < inside.length) {
    const end = nextComma(inside, start);
    elements.push(inside.slice(start, end).trim());
    start = end + 1;
  }
  return elements;
}

function nextComma(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfValue(text, at) - 1;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character === "," && depth === 0) return at;
  }
  return text.length;
}

// Behind the closing quote of the string that begins at `from`.
function endOfValue(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}
