/**
 * Installs what is missing: the exact versions of the lock file, and only when it has changed since the last time.
 *
 * Plain Node 20, since it runs before anything is installed.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const STAMP = join(ROOT, "node_modules", ".longwave-installed");

/** Installs the packages of the lock file unless exactly they are there. Ends the process when that fails. */
export function installMissing() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;
  process.stdout.write("Installing packages (the first time only) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    process.stderr.write(
      "The packages could not be installed. Check the connection to the npm registry and try again.\n",
    );
    process.exit(1);
  }
  writeFileSync(STAMP, wanted);
}
