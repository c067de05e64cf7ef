/**
 * Speaks to an action store from the other side of a MessagePort, so that its suite cannot lean on shared memory.
 *
 * Every argument and result is copied as a message between threads would be; calls arrive in their order.
 *
 * @module
 */
import type { ActionStore } from "../ports/action-store.ts";

type Method = Exclude<keyof ActionStore, "stop">;

interface Call {
  readonly id: number;
  readonly method: Method;
  readonly request: unknown;
}

interface Answer {
  readonly id: number;
  readonly result: unknown;
}

/** An action store behind a MessagePort. */
export function actionStoreOverPort(store: ActionStore): ActionStore {
  const { port1: near, port2: far } = new MessageChannel();
  const waiting = new Map<number, (result: unknown) => void>();
  const serve = async ({ id, method, request }: Call): Promise<void> => {
    const run = store[method] as (given: unknown) => Promise<unknown>;
    far.postMessage({ id, result: await run.call(store, request) } satisfies Answer);
  };
  far.addEventListener("message", ({ data }: MessageEvent<Call>) => void serve(data));
  near.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.(data.result);
    waiting.delete(data.id);
  });
  far.start();
  near.start();
  let last = 0;
  const call = <Result>(method: Method, request: unknown): Promise<Result> =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve as (result: unknown) => void);
      near.postMessage({ id: last, method, request } satisfies Call);
    });
  return {
    add: (request) => call("add", request),
    remove: (request) => call("remove", request),
    page: (request) => call("page", request),
    actionsOf: (request) => call("actionsOf", request),
    stop: async () => {
      await store.stop();
      near.close();
      far.close();
    },
  };
}
