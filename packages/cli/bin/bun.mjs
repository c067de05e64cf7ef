/**
 * Finds the Bun that npm installed and runs a program of ours on it. Plain Node 20, no dependencies.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** Bytes of request line and headers that the HTTP parser lets through, so that long URLs get our own answer. */
export const HEADER_BYTES_MAX = 131_072;

/** The flags that every program of ours runs with. */
export const BUN_FLAGS = [`--max-http-header-size=${HEADER_BYTES_MAX}`];

/** Smaller than this, `bun.exe` is the note that its package leaves where install scripts may not run. */
const BINARY_BYTES_MIN = 1_000_000;

/** The path of the Bun binary: the one its install script chose for this processor, or else the part for this platform. */
export function bunPath() {
  const home = dirname(require.resolve("bun/package.json"));
  const parts = [
    join(home, "bin", "bun.exe"),
    join(home, "..", "@oven", `bun-${process.platform}-${process.arch}`, "bin", "bun"),
    join(home, "..", "@oven", `bun-${process.platform}-${process.arch}-baseline`, "bin", "bun"),
    join(home, "..", "@oven", `bun-${process.platform}-${process.arch}-musl`, "bin", "bun"),
  ];
  const found = parts.find((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > BINARY_BYTES_MIN);
  if (found) return found;
  throw new Error(`Bun is not installed for ${process.platform}-${process.arch}. Run \`npm ci\` and try again.`);
}

/**
 * Runs a program on Bun in this one's place: same streams, signals passed on, same end.
 *
 * @param {readonly string[]} args what follows our flags on Bun's command line.
 */
export function runBun(args) {
  const child = spawn(bunPath(), [...BUN_FLAGS, ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (failure) => {
    process.stderr.write(`Bun could not be started: ${failure.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
