/**
 * Requests by GET over kept-alive connections, as fast as they are answered.
 *
 * By `wrk` where it is installed and the request is always the same, else by connections of our own.
 *
 * @module
 */
import type { Load } from "./alternate.ts";
import { quantile } from "./figures.ts";
import { RawConnection } from "./raw-connection.ts";
import { onLoadCore } from "./servers.ts";

/** Connections of such a load. */
export const CONNECTIONS = 64;
const WRK = Bun.which("wrk");

/** The same request again and again. */
export async function sameRequestLoad(url: string, target: string): Promise<Load> {
  if (WRK) return (sliceMs) => loadByWrk(WRK, `${url}${target}`, sliceMs);
  const load = await requestLoad(url, () => target);
  return load.run;
}

// Its slices are whole seconds.
async function loadByWrk(wrk: string, url: string, sliceMs: number): Promise<number> {
  const seconds = Math.max(1, Math.round(sliceMs / 1_000));
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, url];
  const output = await new Response(Bun.spawn(onLoadCore([wrk, ...args]), { stdout: "pipe" }).stdout).text();
  if (/Non-2xx/.test(output)) throw new Error(`requests were refused:\n${output}`);
  const [, requests = "0"] = /(\d+) requests in/.exec(output) ?? [];
  return Number(requests);
}

/** A load over connections of our own. */
export interface RequestLoad {
  readonly run: Load;
  /** What the answers took in the last slice, in milliseconds, at a part of them. */
  latencyMs(part: number): number;
  /** Makes requests until a number of them is answered. */
  runTimes(count: number): Promise<void>;
  close(): void;
}

/** Requests that differ. @param next makes the next one's target. */
export async function requestLoad(
  url: string,
  next: () => string,
  check = requireOk,
  connectionCount = CONNECTIONS,
): Promise<RequestLoad> {
  const connections = await RawConnection.openMany(url, connectionCount);
  let latencies: number[] = [];
  const drive = async (connection: RawConnection, goesOn: () => boolean): Promise<number> => {
    let answered = 0;
    while (goesOn()) {
      const startedMs = performance.now();
      check(await connection.get(next()));
      latencies.push(performance.now() - startedMs);
      answered += 1;
    }
    return answered;
  };
  const driveAll = async (goesOn: () => boolean): Promise<number> => {
    latencies = [];
    const answered = await Promise.all(connections.map((connection) => drive(connection, goesOn)));
    return answered.reduce((sum, one) => sum + one, 0);
  };
  return {
    run: (sliceMs) => {
      const endMs = performance.now() + sliceMs;
      return driveAll(() => performance.now() < endMs);
    },
    latencyMs: (part) => quantile(latencies, part),
    runTimes: async (count) => {
      let left = count;
      await driveAll(() => left-- > 0);
    },
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

function requireOk(body: string): void {
  if (body.includes('"error"')) throw new Error(`a request was refused: ${body}`);
}
