/**
 * Results that are there at once where nobody has to be waited for, and promised where somebody has.
 *
 * A promise costs a turn of the microtask queue, and an answer that is not ready when a request's handler returns takes
 * the runtime's slower way out; together an eighth of a publish. Used on that path alone.
 *
 * @module
 */

/** A result, or the promise of one. */
export type MaybePromise<Result> = Result | Promise<Result>;

/** Goes on with a result: at once where it is there. */
export function after<Result, Next>(
  result: MaybePromise<Result>,
  next: (result: Result) => MaybePromise<Next>,
): MaybePromise<Next> {
  return result instanceof Promise ? result.then(next) : next(result);
}
