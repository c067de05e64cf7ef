/**
 * `npm run audit`: asks the registry for known vulnerabilities of what is installed, and fails on those that matter.
 *
 * A registry that answers no audits (a mirror, or none at all) is told and is no failure.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { ROOT } from "./install.mjs";

const GRAVE = new Set(["high", "critical"]);
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const { stdout } = spawnSync(npm, ["audit", "--json"], { cwd: ROOT, encoding: "utf8", timeout: 60_000 });
const report = readReport(stdout);
const vulnerabilities = Object.values(report?.vulnerabilities ?? {});
const grave = vulnerabilities.filter(({ severity }) => GRAVE.has(severity));
if (report?.vulnerabilities === undefined) {
  process.stdout.write("Not audited: the npm registry gave no answer about vulnerabilities.\n");
} else {
  for (const { name, severity, range } of vulnerabilities) process.stdout.write(`${severity}: ${name} ${range}\n`);
  process.stdout.write(`${vulnerabilities.length} known vulnerabilities, ${grave.length} of them high or critical.\n`);
}
process.exit(grave.length === 0 ? 0 : 1);

function readReport(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
