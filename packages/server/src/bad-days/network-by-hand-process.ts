/**
 * A program: a network whose clock its parent moves, in a process of its own, so that nothing but the network is measured.
 *
 * It sends its URL when it is ready, and answers each order with a {@link Report}. Started by child-process.ts.
 *
 * @module
 */
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";

/** What the parent asks for. */
export interface Order {
  /** How far the clock moves first. */
  readonly advanceMs: number;
}

/** How the network stands. */
export interface Report {
  readonly heldPolls: number;
  readonly awaitedNames: number;
  /** Resident memory after a full collection of garbage. */
  readonly residentBytes: number;
}

const clock = new ManualClock();
const network = await startNetwork({ memory: true, port: 0, idleSeconds: 10 }, { clock, log: SILENT_LOG });

process.on("message", ({ advanceMs }: Order) => {
  clock.advance(advanceMs);
  setImmediate(() => {
    Bun.gc(true);
    const { heldPolls, awaitedNames } = network;
    process.send?.({ heldPolls, awaitedNames, residentBytes: process.memoryUsage.rss() } satisfies Report);
  });
});
process.send?.(network.url);
