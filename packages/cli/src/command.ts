/**
 * What a command is, for the table in `main.ts`.
 *
 * @module
 */

/** One command. */
export interface Command {
  /** How it is called. */
  readonly usage: string;
  /** What it does, one line. */
  readonly summary: string;
  /** The rest of its help, below usage and summary. */
  readonly help: () => string;
  /**
   * Runs it.
   *
   * @param argv what follows its name.
   * @returns the exit code.
   * @throws {Refusal} why it cannot do what it was asked to.
   */
  readonly run: (argv: readonly string[]) => Promise<number>;
}
