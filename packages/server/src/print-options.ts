/**
 * Prints the options, for the help and for the reference.
 *
 * @module
 */
import { OPTIONS, OPTION_NAMES, type OptionName, flagOf, variableOf } from "./options.ts";

/** The help's lines about options. */
export function printHelp(): string {
  const rows = OPTION_NAMES.map((name) => [helpFlag(name), helpText(name)] as const);
  rows.push(["--config FILE", "A JSON file of options by their names in camelCase."], ["--help", "Print this."]);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return rows.map(([flag, text]) => `  ${flag.padEnd(width)}${wrap(text, 100 - width, width + 2)}`).join("\n");
}

function helpFlag(name: OptionName): string {
  const row = OPTIONS[name];
  if (row.type === "flag") return row.default ? `--no-${flagOf(name).slice(2)}` : flagOf(name);
  return `${flagOf(name)} ${row.type === "choice" ? row.choices.join("|") : (row.placeholder ?? "TEXT")}`;
}

function helpText(name: OptionName): string {
  const row = OPTIONS[name];
  const isPlain = row.default === undefined || row.type === "flag";
  return isPlain ? row.text : `${row.text} [${String(row.default)}]`;
}

function wrap(text: string, width: number, indent: number): string {
  let line = "";
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > width && line !== "") {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

/** The options as a table in Markdown, for the reference. */
export function printOptionsPage(): string {
  const rows = OPTION_NAMES.map((name) => {
    const row = OPTIONS[name];
    const fallback = row.default === undefined ? "–" : `\`${String(row.default)}\``;
    const range =
      row.type === "number" ? ` (${row.min} to ${row.max}${row.unit === undefined ? "" : ` ${row.unit}`})` : "";
    const choices = row.type === "choice" ? ` One of ${row.choices.map((choice) => `\`${choice}\``).join(", ")}.` : "";
    return `| \`${flagOf(name)}\` | \`${variableOf(name)}\` | \`${name}\` | ${fallback}${range} | ${row.text}${choices} |`;
  });
  return [
    "# Options",
    "",
    "Written by `tools/options-page.ts` from the one table in `packages/server/src/options.ts`; do not edit.",
    "",
    "A flag beats an environment variable, a variable beats the config file (`--config FILE` or `LONGWAVE_CONFIG`, a JSON",
    "object with the names of the third column), and the file beats the default.",
    "",
    "| flag | variable | in the file | default | what it does |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
