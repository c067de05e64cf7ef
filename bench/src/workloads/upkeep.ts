/**
 * W15: what the commands for a data directory take with ten million messages: seconds, and the memory of the process at its
 * largest. No network uses the directory meanwhile.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measure } from "../figures.ts";
import { MESSAGES, fixture } from "../fixtures.ts";
import { runCommand } from "../servers.ts";
import type { Workload } from "./workload.ts";

const MEBIBYTE = 1_048_576;

/** W15. */
export const UPKEEP: Workload = {
  id: "W15",
  title: `backup and check of ${MESSAGES.many.toLocaleString("en")} messages`,
  isQuick: false,
  isByName: true,
  run: measure,
};

async function measure(): Promise<readonly Measure[]> {
  const directory = fixture("messages", MESSAGES.many);
  const target = join(mkdtempSync(join(tmpdir(), "longwave-backup-")), "copy");
  try {
    return [
      ...(await rows("backup", ["backup", "--data-dir", directory, target])),
      ...(await rows("check", ["check", "--data-dir", target])),
    ];
  } finally {
    rmSync(join(target, ".."), { recursive: true, force: true });
  }
}

async function rows(what: string, args: readonly string[]): Promise<readonly Measure[]> {
  const { seconds, cpuSeconds, bytesMax } = await runCommand(args);
  const one = (unit: string, figure: number): Measure => ({ what: `${what}, ${unit}`, longwave: [figure], limit: [] });
  return [one("s", seconds), one("CPU, s", cpuSeconds), one("largest resident memory, MiB", bytesMax / MEBIBYTE)];
}
