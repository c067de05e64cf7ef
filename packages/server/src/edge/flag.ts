/**
 * Yes-or-no parameters, in every form in which clients write them. Pure.
 *
 * @module
 */

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["0", false],
  ["1", true],
  ["false", false],
  ["true", true],
  ["False", false],
  ["True", true],
]);

/**
 * Reads a yes or no.
 *
 * @param text a parameter's value; nothing, or empty, where it was not given.
 */
export function parseFlag(text: string | undefined): boolean | "malformed" | undefined {
  if (text === undefined || text === "") return undefined;
  return FLAGS.get(text) ?? "malformed";
}
