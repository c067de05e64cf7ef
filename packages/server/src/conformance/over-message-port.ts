/**
 * Speaks to a port from the other side of a MessagePort, so that no suite can lean on shared memory.
 *
 * Every argument and result is copied as a message between threads would be.
 *
 * @module
 */
import type { Broker } from "../ports/broker.ts";
import type { Message } from "../ports/message.ts";
import type { PresenceStore } from "../ports/presence-store.ts";

type Method = "append" | "read" | "position";

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
  const followers = new Set<(messages: readonly Message[]) => void>();
  const serve = async ({ id, method, args }: Call): Promise<void> => {
    const run = broker[method] as (...given: unknown[]) => Promise<unknown>;
    far.postMessage({ id, result: await run.apply(broker, [...args]) } satisfies Answer);
  };
  far.addEventListener("message", ({ data }: MessageEvent<Call>) => void serve(data));
  near.addEventListener("message", ({ data }: MessageEvent<Answer | { readonly messages: readonly Message[] }>) => {
    if ("messages" in data) {
      for (const receive of followers) receive(data.messages);
      return;
    }
    waiting.get(data.id)?.(data.result);
    waiting.delete(data.id);
  });
  far.start();
  near.start();
  const unfollow = broker.follow((messages) => far.postMessage({ messages }));
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

/** A presence store behind a MessagePort. Everything it does is a question and an answer. */
export function presenceStoreOverPort(store: PresenceStore & AsyncDisposable): PresenceStore & AsyncDisposable {
  const { port1: near, port2: far } = new MessageChannel();
  const waiting: ((result: unknown) => void)[] = []; // answers come in the order of the questions
  const serve = async (name: keyof PresenceStore, args: readonly unknown[]): Promise<void> => {
    const run = store[name] as (...given: readonly unknown[]) => unknown;
    far.postMessage(await run.apply(store, [...args]));
  };
  far.addEventListener("message", ({ data: [name, ...args] }: MessageEvent<[keyof PresenceStore, ...unknown[]]>) => {
    void serve(name, args);
  });
  near.addEventListener("message", ({ data }: MessageEvent<unknown>) => waiting.shift()?.(data));
  far.start();
  near.start();
  const call = <Result>(name: keyof PresenceStore, ...args: readonly unknown[]): Promise<Result> =>
    new Promise((resolve) => {
      waiting.push(resolve as (result: unknown) => void);
      near.postMessage([name, ...args]);
    });
  const stop = async (): Promise<void> => {
    near.close();
    far.close();
    await store.stop();
  };
  return {
    touch: (request) => call("touch", request),
    leave: (request) => call("leave", request),
    setState: (request) => call("setState", request),
    expire: (membersMax) => call("expire", membersMax),
    lease: (request) => call("lease", request),
    states: (request) => call("states", request),
    page: (request) => call("page", request),
    channelsOf: (keyset, uuid, channelsMax) => call("channelsOf", keyset, uuid, channelsMax),
    occupied: (keyset, channelsMax) => call("occupied", keyset, channelsMax),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
