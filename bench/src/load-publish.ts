/**
 * Load of W1: publishes by GET over kept-alive connections, as fast as they are answered.
 *
 * By `wrk` where it is installed, else by a loader of our own, whose own limit the limit server's figure shows.
 *
 * @module
 */
import { pinned } from "./servers.ts";
import { RawConnection } from "./raw-connection.ts";

const CONNECTIONS = 64;
const TARGET = "/publish/demo/demo/0/room/0/%7B%22text%22%3A%22hello%20world%22%7D?uuid=bench&store=0";
const WRK = Bun.which("wrk");

/** Requests per second over a slice of time. */
export async function loadPublish(url: string, seconds: number): Promise<number> {
  return WRK === null ? loadByOwnLoader(url, seconds) : loadByWrk(WRK, url, seconds);
}

async function loadByWrk(wrk: string, url: string, seconds: number): Promise<number> {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, `${url}${TARGET}`];
  const output = await new Response(Bun.spawn(pinned(1, [wrk, ...args]), { stdout: "pipe" }).stdout).text();
  if (/Non-2xx/.test(output)) throw new Error(`publishes were refused:\n${output}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
}

async function loadByOwnLoader(url: string, seconds: number): Promise<number> {
  const endMs = performance.now() + seconds * 1_000;
  let answered = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const connection = await RawConnection.open(url);
      while (performance.now() < endMs) {
        const body = await connection.get(TARGET);
        if (!body.startsWith('[1,"Sent"')) throw new Error(`a publish was refused: ${body}`);
        answered += 1;
      }
      connection.close();
    }),
  );
  return answered / seconds;
}
