/**
 * How many of something each of many has at the same time: polls by uuid, by address.
 *
 * Holds a number for whoever has any, and nothing for the others, so it is bounded by what it counts. Rules: spec/LIMITS.md
 * LMT5.
 *
 * @module
 */

/** Counts what is held, by name within a group of names. */
export class Tally {
  readonly #groups = new Map<string, Map<string, number>>();

  /** Names that hold anything now. */
  get size(): number {
    return [...this.#groups.values()].reduce((sum, counts) => sum + counts.size, 0);
  }

  /** Adds one, unless the name has as many as it may; whether it did. */
  enter(group: string, name: string, max: number): boolean {
    const counts = this.#groups.get(group) ?? new Map<string, number>();
    const count = counts.get(name) ?? 0;
    if (count >= max) return false;
    this.#groups.set(group, counts.set(name, count + 1));
    return true;
  }

  /** Takes one away that {@link enter} added. */
  leave(group: string, name: string): void {
    const counts = this.#groups.get(group);
    const count = counts?.get(name) ?? 0;
    if (count > 1) counts?.set(name, count - 1);
    else counts?.delete(name);
    if (counts?.size === 0) this.#groups.delete(group);
  }
}
