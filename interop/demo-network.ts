/**
 * The network that the clients of these tests talk to: the real one, over real sockets, in this process.
 *
 * @module
 */
import { type Network, type NetworkParts, SILENT_LOG, type ServerOptions, startNetwork } from "@longwave/server";

/** The keys that exist at first start. */
export const DEMO_KEYS = { publishKey: "demo", subscribeKey: "demo" } as const;

/** A network that says nothing; in memory and on a free port where the options do not say otherwise. */
export function startQuietly(options: Partial<ServerOptions> = {}, parts: NetworkParts = {}): Promise<Network> {
  return startNetwork({ memory: true, port: 0, ...options }, { log: SILENT_LOG, ...parts });
}

/** The same, for one test: it stops at the end of its block, at once, so that a clock that stands still does not hold it. */
export async function openNetwork(parts: NetworkParts = {}): Promise<Network & AsyncDisposable> {
  const network = await startQuietly({ drainSeconds: 0 }, parts);
  return Object.assign(network, { [Symbol.asyncDispose]: () => network.stop() });
}
