/**
 * What a run found, as plain data: figures of both sides, their paired ratios, and what the project wants of them.
 *
 * Pure. A ratio is taken within a pair of slices that ran right after each other, so noise that hits both cancels.
 *
 * @module
 */

/** What is wanted of a measure, and of which of its figures. */
export interface Target {
  readonly of: "ratio" | "longwave" | "difference";
  readonly bound: "least" | "most";
  readonly value: number;
}

/** One row of the table. */
export interface Measure {
  /** What was measured, with its unit. */
  readonly what: string;
  readonly longwave: readonly number[];
  /** Of the limit, pair by pair; empty where there is none. */
  readonly limit: readonly number[];
  /** What the other side is, where it is not the limit. */
  readonly other?: string | undefined;
  readonly target?: Target | undefined;
  /** The bound of the ratio's median at which the quick run fails, far from the target. */
  readonly alarm?: Omit<Target, "of"> | undefined;
}

/** The middle of some figures and their ends. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of figures. */
export function spreadOf(figures: readonly number[]): Spread {
  return { median: quantile(figures, 0.5), min: Math.min(...figures), max: Math.max(...figures) };
}

/** The figure below which a part of them lies. @param part 0 to 1. */
export function quantile(figures: readonly number[], part: number): number {
  const ordered = figures.toSorted((one, other) => one - other);
  return ordered[Math.min(Math.floor(ordered.length * part), ordered.length - 1)] ?? Number.NaN;
}

/** Longwave's figure over the other side's, pair by pair. */
export function ratiosOf({ longwave, limit }: Measure): readonly number[] {
  return limit.length === 0 ? [] : longwave.map((figure, pair) => figure / (limit[pair] ?? Number.NaN));
}

/** The figures that a target speaks of. */
export function judgedOf(measure: Measure, of: Target["of"]): readonly number[] {
  switch (of) {
    case "ratio":
      return ratiosOf(measure);
    case "longwave":
      return measure.longwave;
    case "difference":
      return measure.longwave.map((figure, pair) => figure - (measure.limit[pair] ?? Number.NaN));
  }
}

/** Whether the median is where it should be. */
export function isWithin(figures: readonly number[], { bound, value }: Omit<Target, "of">): boolean {
  const { median } = spreadOf(figures);
  return bound === "least" ? median >= value : median <= value;
}
