/**
 * The network that the clients of these tests talk to: the real one, over real sockets, in this process.
 *
 * Its log is kept at every level and searched when it stops, so that whatever clients do here, no secret is in it.
 *
 * @module
 */
import { type Log, type Network, type NetworkParts, type ServerOptions, startNetwork } from "@longwave/server";

/** The keys that exist at first start. */
export const DEMO_KEYS = { publishKey: "demo", subscribeKey: "demo" } as const;

/** What these tests hold secret: keys, and how tokens and signatures of any content begin. */
const SECRET =
  /guarded-secret|demo-secret|not-the-secret|guest-key|enigma|[pq][0E]F2AkF0|v2\.[\w-]{43}|(?:auth|signature)=[^&\s"]/;

/** A log that keeps what it is told. */
export interface WatchedLog extends Log {
  /** @throws {Error} with the first line that holds a secret. */
  requireNoSecret(): void;
}

/** Makes a log that keeps what it is told, at every level. */
export function watchedLog(): WatchedLog {
  const lines: string[] = [];
  const keep: Log["info"] = (event, fields) => void lines.push(JSON.stringify({ event, fields }));
  return {
    debug: keep,
    info: keep,
    warn: keep,
    error: keep,
    requireNoSecret: () => {
      const line = lines.find((one) => SECRET.test(one));
      if (line !== undefined) throw new Error(`a secret is in the log: ${line}`);
    },
  };
}

/** A network that says nothing; in memory and on a free port where the options do not say otherwise. */
export async function startQuietly(
  options: Partial<ServerOptions> = {},
  parts: Omit<NetworkParts, "log"> = {},
): Promise<Network> {
  const log = watchedLog();
  const network = await startNetwork({ memory: true, port: 0, ...options }, { log, ...parts });
  const stop = async (): Promise<void> => {
    await network.stop();
    log.requireNoSecret();
  };
  return Object.assign(Object.create(network) as Network, { stop });
}

/** The same, for one test: it stops at the end of its block, at once, so that a clock that stands still does not hold it. */
export async function openNetwork(parts: Omit<NetworkParts, "log"> = {}): Promise<Network & AsyncDisposable> {
  const network = await startQuietly({ drainSeconds: 0 }, parts);
  return Object.assign(network, { [Symbol.asyncDispose]: () => network.stop() });
}
