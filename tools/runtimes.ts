/**
 * Runs a function of a module in every runtime that a client may have, and compares what it gives.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inPage } from "./chromium.ts";
import { testWith } from "./needs.ts";

/**
 * Registers a test for each of Bun, Node and Chromium: a module's function resolves to the same JSON value there.
 *
 * @param title what holds; the runtime's name is added.
 * @param entry the module's whole path; it is bundled for web standards.
 * @param name its exported function, without parameters.
 * @param expected what the function must resolve to.
 */
export function testInRuntimes(title: string, entry: string, name: string, expected: unknown): void {
  test(`${title} in Bun`, async () => {
    const { [name]: run } = (await import(entry)) as Record<string, () => Promise<unknown>>;
    expect(await run?.()).toEqual(expected);
  });

  test(`${title} in Node`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "longwave-runtime-"));
    const path = join(directory, "module.mjs");
    writeFileSync(path, await bundle(entry));
    const program = `const { ${name}: run } = await import("${pathToFileURL(path).href}");
      console.log(JSON.stringify(await run()));`;
    const node = Bun.spawn(["node", "--input-type=module", "-e", program], { stderr: "inherit" });
    const output = await new Response(node.stdout).text();
    rmSync(directory, { recursive: true });
    expect(JSON.parse(output)).toEqual(expected);
  });

  testWith("chromium", `${title} in Chromium`, async (executablePath) =>
    inPage(executablePath, { "/module.js": await bundle(entry) }, async (page) => {
      expect(await page.evaluate(`import("/module.js").then(({ ${name}: run }) => run())`)).toEqual(expected);
    }),
  );
}

async function bundle(entry: string): Promise<string> {
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser", format: "esm" });
  return (await outputs[0]?.text()) ?? "";
}
