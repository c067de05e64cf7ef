/**
 * Work on the same thing one piece after the other, on different things at once.
 *
 * What waits is bounded for each thing; a thing that nobody works on costs nothing.
 *
 * @module
 */

interface Line {
  /** Ends when everything in the line has. */
  last: Promise<void>;
  length: number;
}

/** Lines of work, one for each key. */
export class Turns {
  readonly #lines = new Map<string, Line>();
  readonly #lengthMax: number;

  /** @param lengthMax pieces of work on one key, the one under way included. */
  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /**
   * Does a piece of work when all earlier work on the key has ended, well or not.
   *
   * @returns the work's own result or failure; nothing, where the line is too long already and it will not be done.
   */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result> | undefined {
    const line = this.#lines.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= this.#lengthMax) return undefined;
    this.#lines.set(key, line);
    line.length += 1;
    const result = line.last.then(work);
    const leave = (): void => {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(key);
    };
    line.last = result.then(leave, leave);
    return result;
  }

  /** Waits until everything that was taken before has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ last }) => last));
  }
}
