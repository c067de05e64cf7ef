/**
 * How a command ended, as a shell sees it.
 *
 * @module
 */

/** What the process ends with. */
export const EXIT = Object.freeze({
  ok: 0,
  /** It was tried and did not work; a sentence on standard error says why. */
  failed: 1,
  /** The command line makes no sense; nothing was tried. */
  misused: 2,
  /** Ended by a signal before it was done. */
  interrupted: 130,
});
