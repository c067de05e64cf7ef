/**
 * Prints what was measured, for people as a table and for programs as JSON.
 *
 * @module
 */
import { cpus, totalmem, version as kernel } from "node:os";
import { type Measure, isWithin, judgedOf, ratiosOf, spreadOf } from "./figures.ts";

/** What one workload found. */
export interface Result {
  readonly id: string;
  readonly title: string;
  readonly measures: readonly Measure[];
}

/** The table, in Markdown. */
export function printTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ id, title, measures }) => [
    `| **${id}** | **${title}** | | | | |`,
    ...measures.map(printRow),
  ]);
  return ["| | | ratio: median (min to max) | target | Longwave | limit |", "|---|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

function printRow(measure: Measure): string {
  const { what, longwave, limit, other } = measure;
  const ratios = ratiosOf(measure);
  const { median, min, max } = spreadOf(ratios);
  const ratio = ratios.length === 0 ? "" : `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
  const beside = limit.length === 0 ? "" : `${printFigure(spreadOf(limit).median)}${other ? ` (${other})` : ""}`;
  return `| | ${what} | ${ratio} | ${printTarget(measure)} | ${printFigure(spreadOf(longwave).median)} | ${beside} |`;
}

function printTarget(measure: Measure): string {
  const { target } = measure;
  if (!target) return "";
  const sign = target.bound === "least" ? "≥" : "≤";
  const subject = { ratio: "", longwave: " itself", difference: " above the limit" }[target.of];
  const verdict = isWithin(judgedOf(measure, target.of), target) ? "reached" : "**missed**";
  return `${sign} ${target.value}${subject}: ${verdict}`;
}

function printFigure(figure: number): string {
  if (figure >= 100) return Math.round(figure).toLocaleString("en");
  return figure >= 10 ? figure.toFixed(1) : figure.toFixed(3);
}

/** What the figures were taken on. */
export function describeMachine(): Readonly<Record<string, string | number>> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${kernel()}`,
    bun: Bun.version,
  };
}

/** Measures whose ratios are so far off that it cannot be noise, as sentences. */
export function alarmsOf(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ id, measures }) =>
    measures.flatMap((measure) => {
      const { alarm } = measure;
      const ratios = ratiosOf(measure);
      if (!alarm || isWithin(ratios, alarm)) return [];
      const median = spreadOf(ratios).median.toFixed(2);
      return [
        `${id}: the ratio of ${measure.what} is ${median}, and ${alarm.bound === "least" ? "at least" : "at most"} ${alarm.value} is expected.`,
      ];
    }),
  );
}
