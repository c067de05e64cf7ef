/**
 * A program of this folder in a process of its own: says its URL first, then answers orders, one at a time.
 *
 * For tests only.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A program that runs. Disposed of, it is killed. */
export interface Child<Order, Report> extends AsyncDisposable {
  readonly url: string;
  ask(order: Order): Promise<Report>;
}

/**
 * Starts a program and waits until it has said its URL.
 *
 * @param file its name in this folder.
 */
export async function startChild<Order, Report>(
  file: string,
  ...argv: readonly string[]
): Promise<Child<Order, Report>> {
  let answered = Promise.withResolvers<unknown>();
  const child = Bun.spawn([process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...argv], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (message) => answered.resolve(message),
    onExit: () => answered.reject(new Error(`${file} has ended`)),
  });
  const url = (await answered.promise) as string;
  return {
    url,
    ask(order) {
      answered = Promise.withResolvers();
      child.send(order);
      return answered.promise as Promise<Report>;
    },
    async [Symbol.asyncDispose]() {
      answered.promise.catch(() => {}); // nobody waits for it any more
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
