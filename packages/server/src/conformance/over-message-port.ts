/**
 * Speaks to a port from the other side of a MessagePort, so that no suite can lean on shared memory.
 *
 * Every argument and result is copied as a message between threads would be.
 *
 * @module
 */
import type { Broker, LogEntry } from "../ports/broker.ts";

type Method = "append" | "announce" | "read" | "position";

interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result: unknown;
}

/** A broker behind a MessagePort. */
export function brokerOverPort(broker: Broker): Broker & AsyncDisposable {
  const { port1: near, port2: far } = new MessageChannel();
  const waiting = new Map<number, (result: unknown) => void>();
  const followers = new Set<(entries: readonly LogEntry[]) => void>();
  const serve = async ({ id, method, args }: Call): Promise<void> => {
    const run = broker[method] as (...given: unknown[]) => Promise<unknown>;
    far.postMessage({ id, result: await run.apply(broker, [...args]) } satisfies Answer);
  };
  far.addEventListener("message", ({ data }: MessageEvent<Call>) => void serve(data));
  near.addEventListener("message", ({ data }: MessageEvent<Answer | { readonly entries: readonly LogEntry[] }>) => {
    if ("entries" in data) {
      for (const receive of followers) receive(data.entries);
      return;
    }
    waiting.get(data.id)?.(data.result);
    waiting.delete(data.id);
  });
  far.start();
  near.start();
  const unfollow = broker.follow((entries) => far.postMessage({ entries }));
  let last = 0;
  const call = <Result>(method: Method, ...args: readonly unknown[]): Promise<Result> =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve as (result: unknown) => void);
      near.postMessage({ id: last, method, args } satisfies Call);
    });
  const stop = async (): Promise<void> => {
    unfollow();
    near.close();
    far.close();
    await broker.stop();
  };
  return {
    append: (keyset, draft) => call("append", keyset, draft),
    announce: (keyset, control) => call("announce", keyset, control),
    read: (request) => call("read", request),
    position: (keyset) => call("position", keyset),
    follow: (receive) => {
      followers.add(receive);
      return () => followers.delete(receive);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
