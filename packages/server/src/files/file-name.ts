/**
 * Names of files: what is asked for, made fit to stand in a path as it is and to be shown to people.
 *
 * Clients put a name into a path without encoding it, so what would end the path, or mean another, is replaced. Pure.
 * Rules: spec/FILES.md FIL2.
 *
 * @module
 */
import { LIMITS, utf8Bytes } from "@longwave/protocol";

// What ends or splits a path, what encodes, controls, and what turns the direction of the text around it.
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNFIT = /[/\\?#%\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/**
 * Makes a name fit.
 *
 * @param asked by a client, unknown JSON.
 * @returns the name that the file has from now on, or nothing where it is no text, empty or too long.
 */
export function fitFileName(asked: unknown): string | undefined {
  if (typeof asked !== "string") return undefined;
  const name = asked.toWellFormed().replaceAll(UNFIT, "_").trim();
  if (name === "" || utf8Bytes(name, LIMITS.fileNameBytesMax) > LIMITS.fileNameBytesMax) return undefined;
  return name === "." || name === ".." ? name.replaceAll(".", "_") : name;
}
