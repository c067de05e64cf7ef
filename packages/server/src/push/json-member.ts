/**
 * Reads the push part of a message: JSON of any shape, from whoever may publish.
 *
 * Pure. What is wrong is told by where it stands, never by what it says.
 *
 * @module
 */
import { membersOf } from "@longwave/protocol";

/** A JSON object whose members are unknown. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A place in a message's push members, where something may be wrong. */
export interface Place {
  /** How it is reached: `pn_apns.pn_push[0]`. */
  readonly path: string;
  /** Takes sentences. */
  readonly tell: (sentence: string) => void;
}

/** A place within another one. @param step `.name` or `[0]`. */
export function within({ path, tell }: Place, step: string): Place {
  return { path: path + step, tell };
}

/** Says what is wrong with a place. @param what `must be …`, `has …`. */
export function complain({ path, tell }: Place, what: string): undefined {
  tell(`${path} ${what}`);
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a list of device tokens. @param value what stands there; nothing for no list. */
export function readTokens(value: unknown, place: Place): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((token) => typeof token === "string")) return value;
  complain(place, "must be a list of device tokens");
  return [];
}

/**
 * An object without some of its members; the others are byte for byte as they were.
 *
 * @param object JSON text of one object.
 */
export function without(object: string, ...names: readonly string[]): string {
  const kept = [...membersOf(object)].filter(([name]) => !names.includes(name));
  return printMembers(kept);
}

/** Writes an object from names and JSON texts. */
export function printMembers(members: Iterable<readonly [name: string, text: string]>): string {
  return `{${[...members].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}
