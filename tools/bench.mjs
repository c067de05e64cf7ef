/** `npm run bench`, `bench:prepare`, `bench:peers`: installs what is missing, then runs the one that is asked for. */
import { join } from "node:path";
import { ROOT, installMissing } from "./install.mjs";

installMissing();
const { runBun } = await import("../packages/cli/bin/bun.mjs");
const [first, ...rest] = process.argv.slice(2);
const isOther = first === "prepare" || first === "peers";
runBun([join(ROOT, `bench/src/${isOther ? first : "main"}.ts`), ...(isOther ? rest : process.argv.slice(2))]);
