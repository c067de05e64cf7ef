/** `npm run bench`: installs what is missing, then measures. */
import { join } from "node:path";
import { ROOT, installMissing } from "./install.mjs";

installMissing();
const { runBun } = await import("../packages/cli/bin/bun.mjs");
runBun([join(ROOT, "bench/src/main.ts"), ...process.argv.slice(2)]);
