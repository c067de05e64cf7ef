/**
 * Starts what is measured, each server in a process of its own on the first core; the load runs on the second.
 *
 * Also reads what a process costs, where the platform tells: processor time by thread and resident memory, from /proc.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";

/** A server that runs. */
export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to its line that says that it is ready, in milliseconds. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** How the network is started. */
export interface LongwaveOptions {
  /** A checkout of the project; this one where it is left out. */
  readonly root?: string | undefined;
  /** A data directory that stays; where it is left out, one of the run's own. */
  readonly dataDirectory?: string | undefined;
}

/** What a process has used so far, in seconds of one core. */
export interface CpuSeconds {
  /** The thread that serves. */
  readonly main: number;
  /** The threads that our code starts: the storage writer. */
  readonly workers: number;
  /** All of them, with the runtime's own for garbage and compilation. */
  readonly all: number;
}

/** The token of the admin API of every network that a bench starts. */
export const ADMIN_TOKEN = "bench-bench-bench-bench-bench-bench-bench";

const ROOT = join(import.meta.dir, "../..");
const TASKSET = Bun.which("taskset");
const [SERVER_CORE, LOAD_CORE] = [0, 1];
const NANOSECONDS = 1e9;

/** The line that pins a command to the load's core, where the machine can. */
export function onLoadCore(command: readonly string[]): string[] {
  return pinned(LOAD_CORE, command);
}

/** Moves this process, the load, to its core, where the machine can. */
export function pinLoad(): void {
  if (TASKSET) Bun.spawnSync([TASKSET, "-acp", String(LOAD_CORE), String(process.pid)]);
}

function pinned(core: number, command: readonly string[]): string[] {
  return TASKSET === null ? [...command] : [TASKSET, "-c", String(core), ...command];
}

/** The network, with a data directory of its own. */
export function startLongwave({ root = ROOT, dataDirectory }: LongwaveOptions = {}): Promise<BenchServer> {
  const directory = dataDirectory ?? mkdtempSync(join(tmpdir(), "longwave-bench-"));
  const args = ["start", "--port", "0", "--data-dir", directory, "--log-level", "error"];
  const clean = (): void => {
    if (dataDirectory === undefined) removeWithKey(directory);
  };
  return start([join(root, "packages/cli/src/main.ts"), ...args], clean);
}

// The master key lies beside its directory.
function removeWithKey(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  rmSync(`${directory}.master-key`, { force: true });
}

/** A server of somebody else's. */
export interface PeerProcess {
  readonly command: readonly string[];
  readonly url: string;
  readonly env?: Readonly<Record<string, string>>;
}

const ANSWERS_MS_MAX = 20_000;

/** Starts it on the first core, and waits until something listens. */
export async function startPeer({ command, url, env }: PeerProcess): Promise<BenchServer> {
  const startedMs = performance.now();
  const server = untilExit(
    Bun.spawn(pinned(SERVER_CORE, command), { stdout: "ignore", stderr: "ignore", env: { ...process.env, ...env } }),
  );
  while (!(await answers(url))) {
    if (server.exitCode !== null || performance.now() - startedMs > ANSWERS_MS_MAX) {
      server.kill("SIGKILL");
      throw new Error(`${command[0]} does not listen at ${url}`);
    }
    await Bun.sleep(50);
  }
  const stop = async (): Promise<void> => {
    server.kill("SIGKILL");
    await server.exited;
  };
  return { url, pid: server.pid, readyMs: performance.now() - startedMs, stop };
}

async function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  try {
    const socket = await Bun.connect({ hostname, port: Number(port), socket: { data: () => {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

/** The bare server. */
export function startLimit(): Promise<BenchServer> {
  const directory = mkdtempSync(join(tmpdir(), "longwave-limit-"));
  return start([join(import.meta.dir, "limit.ts"), directory], () => removeWithKey(directory));
}

/** What one command of the CLI took. */
export interface CommandCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Resident memory at its largest. */
  readonly bytesMax: number;
}

/** Runs a command of the CLI on the first core. @throws an error when it fails. */
export async function runCommand(args: readonly string[]): Promise<CommandCost> {
  const startedMs = performance.now();
  const command = [process.execPath, join(ROOT, "packages/cli/src/main.ts"), ...args];
  const running = Bun.spawn(pinned(SERVER_CORE, command), { stdout: "ignore", stderr: "inherit" });
  RUNNING.add(running);
  const status = await running.exited;
  RUNNING.delete(running);
  if (status !== 0) throw new Error(`longwave ${args[0]} ended with ${status}`);
  const usage = running.resourceUsage();
  const seconds = (performance.now() - startedMs) / 1_000;
  return { seconds, cpuSeconds: Number(usage?.cpuTime.total ?? 0) / 1e6, bytesMax: usage?.maxRSS ?? Number.NaN };
}

/** What a keyset floods with: requests of all kinds, or messages to a thousand subscribers. */
export type FloodKind = "requests" | "fanout";

/** A load that runs beside another one. */
export interface BesideLoad {
  stop(): Promise<void>;
}

/**
 * A keyset that floods, from the load's core: whatever else the load does has precedence there.
 *
 * @param seconds after which it ends by itself.
 */
export async function startFlood(kind: FloodKind, url: string, key: string, seconds: number): Promise<BesideLoad> {
  const nice = Bun.which("nice");
  const command = [process.execPath, join(import.meta.dir, "load-flood.ts"), url, key, String(seconds), kind];
  const flood = Bun.spawn(onLoadCore(nice === null ? command : [nice, "-n", "19", ...command]), {
    stdout: "pipe",
    stderr: "inherit",
  });
  RUNNING.add(flood);
  await flood.stdout.getReader().read();
  return {
    stop: async () => {
      flood.kill("SIGKILL");
      await flood.exited;
      RUNNING.delete(flood);
    },
  };
}

async function start(args: readonly string[], clean: () => void): Promise<BenchServer> {
  const command = pinned(SERVER_CORE, [process.execPath, "--max-http-header-size=131072", ...args]);
  const startedMs = performance.now();
  const env = { ...process.env, LONGWAVE_ADMIN_TOKEN: ADMIN_TOKEN };
  const server = Bun.spawn(command, { stdout: "pipe", stderr: "inherit", env });
  RUNNING.add(server);
  const url = await readyUrl(server);
  return {
    url,
    pid: server.pid,
    readyMs: performance.now() - startedMs,
    stop: async () => {
      server.kill("SIGKILL");
      await server.exited;
      RUNNING.delete(server);
      clean();
    },
  };
}

const RUNNING = new Set<Subprocess>();

/** Has a process end with the bench, however that ends. */
export function untilExit<Process extends Subprocess>(process: Process): Process {
  RUNNING.add(process);
  void process.exited.then(() => RUNNING.delete(process));
  return process;
}

/** Ends whatever still runs: for a bench that is interrupted. */
export function killServers(): void {
  for (const server of RUNNING) server.kill("SIGKILL");
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

/** Whether the platform tells what a process costs. */
export const TELLS_COST = existsSync("/proc/self/schedstat");

/** What a process has used so far; nothing but zeros where the platform does not tell. */
export function cpuOf(pid: number): CpuSeconds {
  const sum = { main: 0, workers: 0, all: 0 };
  if (!TELLS_COST) return sum;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const seconds = secondsOf(pid, thread);
    sum.all += seconds;
    if (thread === String(pid)) sum.main += seconds;
    else if (isWorker(pid, thread)) sum.workers += seconds;
  }
  return sum;
}

// A thread may have ended since it was listed.
function secondsOf(pid: number, thread: string): number {
  try {
    const [nanoseconds = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
    return Number(nanoseconds) / NANOSECONDS;
  } catch {
    return 0;
  }
}

function isWorker(pid: number, thread: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/comm`, "latin1").startsWith("Worker");
  } catch {
    return false;
  }
}

/** Resident memory of a process, in bytes; not a number where the platform does not tell. */
export function residentBytes(pid: number): number {
  if (!TELLS_COST) return Number.NaN;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) * 1_024;
}
