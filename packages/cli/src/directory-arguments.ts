/**
 * What the commands share that work on a data directory instead of asking a network.
 *
 * @module
 */
import { StartupError } from "@longwave/server";
import type { ArgumentTable } from "./arguments.ts";
import { EXIT } from "./exit-code.ts";
import { Refusal } from "./refusal.ts";

/** Rows for a command's table. */
export const DIRECTORY_ARGUMENTS = {
  "data-dir": {
    type: "text",
    placeholder: "DIR",
    default: "data",
    variable: "LONGWAVE_DATA_DIR",
    text: "The data directory.",
  },
} as const satisfies ArgumentTable;

/** Rows for the table of a command that works on the messages of a keyset. */
export const KEYSET_ARGUMENTS = {
  keyset: {
    type: "text",
    placeholder: "KEY",
    default: "demo",
    variable: "LONGWAVE_SUBSCRIBE_KEY",
    text: "The keyset, by its subscribe key.",
  },
  ...DIRECTORY_ARGUMENTS,
} as const satisfies ArgumentTable;

/**
 * Runs something that says in a {@link StartupError} why it cannot be done.
 *
 * @throws {Refusal} the same sentence, as a command says it.
 */
export async function orRefuse<Result>(run: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (failure) {
    if (failure instanceof StartupError) throw new Refusal(failure.message, EXIT.failed);
    throw failure;
  }
}
