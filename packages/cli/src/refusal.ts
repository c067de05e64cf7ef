/**
 * Why a command cannot do what it was asked to: a sentence for people, and the exit code.
 *
 * @module
 */

/** Ends a command. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** 1 it failed, 2 the command line is wrong. */
  readonly exitCode: 1 | 2;

  /** @param message says what is wrong and what to do. */
  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
