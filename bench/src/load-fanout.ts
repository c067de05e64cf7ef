/**
 * Load of W3: one publisher, a thousand long polls. Every subscriber gets every message, or the run fails.
 *
 * A message is published when all have the one before it, so a slice measures whole rounds.
 *
 * @module
 */
import { RawConnection } from "./raw-connection.ts";

/** Subscribers of the workload. */
export const SUBSCRIBERS = 1_000;

/** A server with its subscribers connected, to be loaded in slices. */
export interface FanoutLoad {
  /** Deliveries per second over a slice of time. */
  run(seconds: number): Promise<number>;
  stop(): void;
}

/** Connects the subscribers. */
export async function prepareFanout(url: string): Promise<FanoutLoad> {
  const publisher = await RawConnection.open(url);
  const publish = async (): Promise<void> => {
    const body = await publisher.get(
      "/publish/demo/demo/0/room/0/%7B%22text%22%3A%22hello%20world%22%7D?uuid=bench&store=0",
    );
    if (!body.startsWith('[1,"Sent"')) throw new Error(`the publish was refused: ${body}`);
  };
  await publish(); // so that a cursor of 1 and the first answer mean the same on both servers
  const connections = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => RawConnection.open(url)));
  let received = 0;
  let roundEnds: (() => void) | undefined;
  let isStopped = false;
  const follow = async (connection: RawConnection): Promise<void> => {
    let cursor = cursorOf(await connection.get("/v2/subscribe/demo/room/0?tt=0&uuid=bench"));
    for (;;) {
      const body = await connection.get(`/v2/subscribe/demo/room/0?tt=${cursor}&uuid=bench`);
      if (isStopped) return;
      cursor = cursorOf(body);
      received += body.split('"c":"room"').length - 1;
      if (received === SUBSCRIBERS) roundEnds?.();
    }
  };
  for (const connection of connections) void follow(connection);
  const round = async (): Promise<void> => {
    received = 0;
    const ended = new Promise<void>((resolve) => {
      roundEnds = resolve;
    });
    await Promise.all([publish(), ended]);
    if (received !== SUBSCRIBERS) throw new Error(`${received} deliveries for ${SUBSCRIBERS} subscribers`);
  };
  await Bun.sleep(200); // until every poll is held
  return {
    run: async (seconds) => {
      const startedMs = performance.now();
      let rounds = 0;
      while (performance.now() - startedMs < seconds * 1_000) {
        await round();
        rounds += 1;
      }
      return (rounds * SUBSCRIBERS * 1_000) / (performance.now() - startedMs);
    },
    stop: () => {
      isStopped = true;
      for (const connection of [publisher, ...connections]) connection.close();
    },
  };
}

function cursorOf(body: string): string {
  const cursor = /^\{"t":\{"t":"(\d{17})"/.exec(body)?.[1];
  if (cursor === undefined) throw new Error(`no subscribe answer: ${body.slice(0, 200)}`);
  return cursor;
}
