/**
 * The server as a process of its own, started the way `longwave start` is, for tests that do it harm.
 *
 * It runs on Bun directly, without the launcher in between, so that a signal reaches the server itself. For tests only.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LIMITS } from "@longwave/protocol";

const COMMAND = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));

/** Below the ports that systems give to clients, so that none of those takes the server's while it is down. */
const PORTS = { first: 10_000, count: 20_000 } as const;
const PORT_TRIES = 20;

/** How a server is started. */
export interface ServerSettings {
  readonly dataDir: string;
  readonly port: number;
  /** More arguments of `longwave start`. */
  readonly argv?: readonly string[];
  /** A program with arguments that runs the server in its place: `setpriv …`. */
  readonly through?: readonly string[];
}

/** A server that runs. Disposed of, it is killed if it still does. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Sends a signal and waits for the end. @returns the exit code. */
  end(signal: NodeJS.Signals): Promise<number>;
}

/**
 * Starts a server and waits until it is ready.
 *
 * @throws what it printed, when it ends instead.
 */
export async function startServer({ dataDir, port, argv = [], through = [] }: ServerSettings): Promise<ServerProcess> {
  const flags = [`--max-http-header-size=${LIMITS.headerBytesMax}`];
  const start = ["start", "--port", String(port), "--data-dir", dataDir, "--log-level", "warn", ...argv];
  const child = Bun.spawn([...through, process.execPath, ...flags, COMMAND, ...start], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LONGWAVE_"))),
  });
  const said = new Response(child.stderr).text();
  const url = await readUrl(child.stdout);
  if (url === undefined) throw new Error(`the server did not start: ${await said}`);
  const end = (signal: NodeJS.Signals): Promise<number> => {
    child.kill(signal);
    return child.exited;
  };
  return {
    url,
    port,
    pid: child.pid,
    end,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end("SIGKILL");
    },
  };
}

/** Starts a server on a port that is free now, and will be when it comes back. */
export async function startServerSomewhere(settings: Omit<ServerSettings, "port">): Promise<ServerProcess> {
  for (let tries = 1; ; tries++) {
    const port = PORTS.first + Math.trunc(Math.random() * PORTS.count);
    try {
      return await startServer({ ...settings, port });
    } catch (refusal) {
      if (tries === PORT_TRIES || !String(refusal).includes("is in use")) throw refusal;
    }
  }
}

/** A data directory that is gone with its owner. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "longwave-bad-days-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

// Reads on after the line, so that a server that prints more never waits for its reader.
async function readUrl(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      const [, url] = /^longwave ready (\S+)$/m.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    }
    resolve(undefined);
  };
  void read();
  return promise;
}
