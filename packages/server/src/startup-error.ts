/**
 * Why a network could not start, in a sentence for the person who started it.
 *
 * @module
 */

/** A start that failed for a reason outside the program. `message` says what, why and what to do. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}
