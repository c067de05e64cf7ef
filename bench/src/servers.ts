/**
 * Starts what is measured, each server in a process of its own on the first core; the load runs on the second.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";

/** A server that runs. */
export interface BenchServer {
  readonly name: string;
  readonly url: string;
  /** User and system time so far, in seconds; of the whole process, its writer's thread included. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

const ROOT = join(import.meta.dir, "../..");
const TASKSET = Bun.which("taskset");
const TICKS_PER_SECOND = 100;

/** The line that pins a command to a core, where the machine can. */
export function pinned(core: number, command: readonly string[]): string[] {
  return TASKSET === null ? [...command] : [TASKSET, "-c", String(core), ...command];
}

/** The network with a data directory of its own. */
export function startLongwave(): Promise<BenchServer> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-bench-"));
  const args = ["start", "--port", "0", "--data-dir", directory, "--log-level", "error"];
  return start("longwave", [join(ROOT, "packages/cli/src/main.ts"), ...args], () =>
    rmSync(directory, { recursive: true }),
  );
}

/** The bare server. */
export function startLimit(): Promise<BenchServer> {
  return start("limit", [join(import.meta.dir, "limit.ts")], () => {});
}

async function start(name: string, args: readonly string[], clean: () => void): Promise<BenchServer> {
  const command = pinned(0, [process.execPath, "--max-http-header-size=131072", ...args]);
  const server = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const url = await readyUrl(server);
  return {
    name,
    url,
    cpuSeconds: async () => {
      const stat = await Bun.file(`/proc/${server.pid}/stat`).text();
      const [user = "0", system = "0"] = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .slice(11, 13);
      return (Number(user) + Number(system)) / TICKS_PER_SECOND;
    },
    stop: async () => {
      server.kill("SIGKILL");
      await server.exited;
      clean();
    },
  };
}

async function readyUrl(server: Subprocess<"ignore", "pipe", "inherit">): Promise<string> {
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of server.stdout) {
    output += decoder.decode(chunk, { stream: true });
    const url = /^longwave ready (\S+)$/m.exec(output)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the server ended before it was ready: ${output}`);
}
