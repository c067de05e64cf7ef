/**
 * Why a command cannot do what it was asked to: a sentence for people, and the exit code.
 *
 * @module
 */
import { EXIT } from "./exit-code.ts";

/** Ends a command. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Whether it failed or the command line is wrong. */
  readonly exitCode: typeof EXIT.failed | typeof EXIT.misused;

  /** @param message says what is wrong and what to do. */
  constructor(message: string, exitCode: typeof EXIT.failed | typeof EXIT.misused) {
    super(message);
    this.exitCode = exitCode;
  }
}
