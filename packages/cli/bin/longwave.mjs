#!/usr/bin/env node
/** The command `longwave`, as npm installs it. */
import { fileURLToPath } from "node:url";
import { runBun } from "./bun.mjs";

runBun([fileURLToPath(new URL("../src/main.ts", import.meta.url)), ...process.argv.slice(2)]);
