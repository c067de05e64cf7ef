/** `npm run build:client [DIR]`: installs what is missing, then builds the SDK's package. */
import { join } from "node:path";
import { ROOT, installMissing } from "./install.mjs";

installMissing();
const { runBun } = await import("../packages/cli/bin/bun.mjs");
runBun([join(ROOT, "tools/build-client.ts"), ...process.argv.slice(2)]);
