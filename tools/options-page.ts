/** Writes docs/reference/options.md from the table of options. Run it after changing the table. */
import { printOptionsPage } from "../packages/server/src/print-options.ts";

await Bun.write("docs/reference/options.md", printOptionsPage());
