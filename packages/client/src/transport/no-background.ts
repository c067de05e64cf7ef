/**
 * What a subscription runs on that is not to keep its process running: nothing here, since a page has no process to end.
 *
 * Node and Bun are given `background.ts` in its place, by the conditions of the package. Rules: spec/SDK.md SDK80.
 *
 * @module
 */
import type { Timers } from "../timers.ts";
import type { Transport } from "./transport.ts";

/** Requests and pauses that let a process end. */
export interface Background {
  readonly transport: Transport;
  readonly timers: Timers;
}

/** There is none. */
export const background: Background | undefined = undefined;
