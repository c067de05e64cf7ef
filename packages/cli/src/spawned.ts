/**
 * The command `longwave` as a process of its own, as tests and people see it.
 *
 * For tests only: it runs the installed command, launcher included, and reads what it prints.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of the command. */
export const LONGWAVE = fileURLToPath(new URL("../bin/longwave.mjs", import.meta.url));

const PATIENCE_MS = 20_000;

/** A command that runs. Disposed of, it is killed if it still does. */
export interface Spawned extends AsyncDisposable {
  /** What it has printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** The first match of a pattern in what it prints, now or later. */
  readonly outMatch: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly errMatch: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Its exit code, when it has ended and everything it printed is read. */
  readonly ended: Promise<number>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Takes the reader of its standard output away. */
  readonly closeOut: () => void;
}

/**
 * Runs `longwave` with arguments.
 *
 * @param input what it finds on standard input; without it, nothing.
 */
export function longwave(argv: readonly string[], input = "", env: Readonly<Record<string, string>> = {}): Spawned {
  const child = Bun.spawn(["node", LONGWAVE, ...argv], {
    stdin: new TextEncoder().encode(input),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...cleanEnvironment(), ...env },
  });
  const [out, err] = [new Printed(child.stdout), new Printed(child.stderr)];
  const ended = Promise.all([child.exited, out.whole, err.whole]).then(([code]) => code);
  return {
    out: () => out.text,
    err: () => err.text,
    outMatch: (pattern) => out.match(pattern),
    errMatch: (pattern) => err.match(pattern),
    ended,
    kill: (signal) => child.kill(signal),
    closeOut: () => out.close(),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGTERM"); // a launcher that is killed cannot end what it launched
      await ended;
    },
  };
}

/** This process's variables without those that would change what the command, or git, does. */
export function cleanEnvironment(): Record<string, string> {
  const variables = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(variables.filter(([name]) => !/^(?:LONGWAVE_|GIT_|NO_COLOR$|FORCE_COLOR$)/.test(name)));
}

/** A network that the command has started. */
export interface SpawnedNetwork extends Spawned {
  readonly url: string;
}

/** Starts a network and waits until it is ready. */
export async function startSpawned(argv: readonly string[]): Promise<SpawnedNetwork> {
  const network = longwave(["start", "--log-level", "warn", ...argv]);
  const [, url = ""] = await network.outMatch(/^longwave ready (\S+)$/m);
  return { ...network, url };
}

/** A directory that is gone with its owner, and with it what a network puts beside its data directory. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const around = mkdtempSync(join(tmpdir(), "longwave-cli-"));
  const path = join(around, "directory");
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmSync(around, { recursive: true, force: true }) };
}

/** What a stream has brought so far. */
class Printed {
  text = "";
  readonly whole: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #grown = Promise.withResolvers<void>();
  #isWhole = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.whole = this.#read();
  }

  async match(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Bun.sleep(PATIENCE_MS).then(() => "late" as const);
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match;
      if (this.#isWhole) throw new Error(`it ended without ${pattern}, after:\n${this.text}`);
      if ((await Promise.race([this.#grown.promise, deadline])) === "late") {
        throw new Error(`no ${pattern} in ${PATIENCE_MS} ms, but:\n${this.text}`);
      }
    }
  }

  close(): void {
    void this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await this.#reader.read();
      this.text += decoder.decode(value, { stream: !done });
      this.#isWhole = done;
      this.#grown.resolve();
      this.#grown = Promise.withResolvers<void>();
      if (done) return;
    }
  }
}
