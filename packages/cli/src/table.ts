/**
 * Lists of alike things: a table for people, a line of JSON each for programs.
 *
 * @module
 */
import type { Paint } from "./terminal.ts";

const GAP = "  ";

/**
 * A table with a line of titles. What is in a cell is shown on one line, whatever it holds.
 *
 * @returns its lines, each with its line break.
 */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const shown = rows.map((row) => row.map((cell) => cell.replaceAll(/\p{Cc}/gu, "�")));
  const widths = titles.map((title, at) => Math.max(title.length, ...shown.map((row) => row[at]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string => {
    return row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join(GAP)
      .trimEnd();
  };
  return [paint("dim", lineOf(titles)), ...shown.map(lineOf)].map((line) => `${line}\n`).join("");
}

/** A line of JSON for each. */
export function printLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
