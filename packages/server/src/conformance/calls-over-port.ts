/**
 * Calls a port's methods from the other side of a MessagePort: every argument and result is copied.
 *
 * @module
 */

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result: unknown;
}

/** The near side of a port, and the channel's end. */
export interface CallsOverPort<Port> {
  /** Calls a method of the far side; its result is what came back. */
  call(method: keyof Port & string, ...args: readonly unknown[]): Promise<never>;
  close(): void;
}

/** Puts an object behind a MessagePort. Its methods must not throw: outcomes cross, errors do not. */
export function callsOverPort<Port extends object>(target: Port): CallsOverPort<Port> {
  const { port1: near, port2: far } = new MessageChannel();
  const waiting = new Map<number, (result: unknown) => void>();
  const serve = async ({ id, method, args }: Call): Promise<void> => {
    const run = target[method as keyof Port] as (...given: unknown[]) => Promise<unknown>;
    far.postMessage({ id, result: await run.apply(target, [...args]) } satisfies Answer);
  };
  far.addEventListener("message", ({ data }: MessageEvent<Call>) => void serve(data));
  near.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.(data.result);
    waiting.delete(data.id);
  });
  far.start();
  near.start();
  let last = 0;
  return {
    call: (method, ...args) =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve as (result: unknown) => void);
        near.postMessage({ id: last, method, args } satisfies Call);
      }),
    close: () => {
      near.close();
      far.close();
    },
  };
}
