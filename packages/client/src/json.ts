/**
 * Reads JSON that came from the network: parsed at the edge, and looked at before it is believed.
 *
 * Pure.
 *
 * @module
 */

/** An object as it came; its members are unknown. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Parses JSON text; nothing for text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses the text of an object; one without members for any other text. */
export function parseRecord(text: string): JsonRecord {
  const value = parseJson(text);
  return isRecord(value) ? value : {};
}

/** Whether a value is an object, and no array. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of texts. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

/** A member of an object on the way to another one; nothing where there is no such object. */
export function recordIn(value: unknown, name: string): JsonRecord | undefined {
  const member = isRecord(value) ? value[name] : undefined;
  return isRecord(member) ? member : undefined;
}

/** Whether a value is a timetoken: 1 to 17 digits in a text. */
export function isTimetoken(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,17}$/.test(value);
}

/** An object without its members that are undefined. */
export function present<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}

/** A value that is a text; nothing for any other. */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A value that is a number; nothing for any other. */
export function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
