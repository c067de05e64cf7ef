/** `npm start`: installs what is missing, then runs `longwave start` with the options given behind `--`. */
import { join } from "node:path";
import { ROOT, installMissing } from "./install.mjs";

installMissing();
const { runBun } = await import("../packages/cli/bin/bun.mjs");
runBun([join(ROOT, "packages/cli/src/main.ts"), "start", ...process.argv.slice(2)]);
