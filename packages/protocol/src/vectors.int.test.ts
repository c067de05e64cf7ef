import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runAccessVectors } from "../../../tools/access-vectors.ts";
import { inPage } from "../../../tools/chromium.ts";
import { testWith } from "../../../tools/needs.ts";

async function bundle(): Promise<string> {
  const entry = join(import.meta.dir, "../../../tools/access-vectors.ts");
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser", format: "esm" });
  return (await outputs[0]?.text()) ?? "";
}

test("[ACC2 ACC6] the vectors of signatures and tokens hold in Bun", async () => {
  const { count, failed } = await runAccessVectors();
  expect(failed).toEqual([]);
  expect(count).toBeGreaterThan(40);
});

test("[ACC2 ACC6] the vectors of signatures and tokens hold in Node", async () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-vectors-"));
  const path = join(directory, "vectors.mjs");
  writeFileSync(path, await bundle());
  const program = `const { runAccessVectors } = await import("${pathToFileURL(path).href}");
    console.log(JSON.stringify(await runAccessVectors()));`;
  const node = Bun.spawn(["node", "--input-type=module", "-e", program], { stderr: "inherit" });
  const output = await new Response(node.stdout).text();
  rmSync(directory, { recursive: true });
  expect(JSON.parse(output)).toEqual({ ...(await runAccessVectors()), failed: [] });
});

testWith("chromium", "[ACC2 ACC6] the vectors of signatures and tokens hold in Chromium", async (executablePath) =>
  inPage(executablePath, { "/vectors.js": await bundle() }, async (page) => {
    const program = `import("/vectors.js").then(({ runAccessVectors }) => runAccessVectors())`;
    expect(await page.evaluate(program)).toEqual({ ...(await runAccessVectors()), failed: [] });
  }),
);
