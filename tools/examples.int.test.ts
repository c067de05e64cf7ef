import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";
import { examplesIn, exportsOf, moduleOf } from "./examples.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "longwave-examples-"));
});
afterAll(() => rmSync(home, { recursive: true }));

/** Compiles modules. @returns what the compiler says of them, by their names. */
function complaintsOf(modules: Readonly<Record<string, string>>): string {
  const directory = join(home, "examples");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(directory, `${name}.ts`), text);
  const compilerOptions = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    types: [],
    lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    paths: {
      "@longwave/client": [join(ROOT, "packages/client/src/index.ts")],
      "@longwave/protocol": [join(ROOT, "packages/protocol/src/index.ts")],
    },
  };
  const project = { extends: join(ROOT, "tsconfig.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(project));
  const tsc = Bun.spawnSync([join(ROOT, "node_modules/.bin/tsc"), "-p", directory], { cwd: directory });
  return tsc.stdout.toString();
}

async function modulesOf(pattern: string, isPage: boolean, names: readonly string[]): Promise<Record<string, string>> {
  const modules: Record<string, string> = {};
  for await (const path of new Glob(pattern).scan(ROOT)) {
    if (path.includes("node_modules") || path.endsWith(".test.ts")) continue;
    const examples = examplesIn(await Bun.file(join(ROOT, path)).text());
    const name = path.replaceAll(/\W+/g, "-");
    if (isPage && examples.length > 0) modules[name] = moduleOf(examples, names);
    if (!isPage) for (const [at, example] of examples.entries()) modules[`${name}-${at}`] = moduleOf([example], names);
  }
  return modules;
}

test("[SDK76] every example of the SDK and its guides compiles", async () => {
  const lists = ["index.ts", "core/exported.ts"].map((name) =>
    Bun.file(join(ROOT, "packages/client/src", name)).text(),
  );
  const names = (await Promise.all(lists)).flatMap(exportsOf);
  const modules = {
    ...(await modulesOf("packages/client/src/**/*.ts", false, names)),
    ...(await modulesOf("README.md", true, names)),
    ...(await modulesOf("packages/client/README.md", true, names)),
    ...(await modulesOf("docs/guides/*.md", true, names)),
  };
  expect(Object.keys(modules)).toContain("docs-guides-files-md");
  expect(Object.keys(modules)).toContain("README-md");
  expect(complaintsOf(modules)).toBe("");
});

test("[SDK76] an example that does not compile is found", () => {
  const broken = moduleOf(["const a: string = 1;", "await pubnub.publish({ channel: a });"], ["PubNub"]);
  const complaints = complaintsOf({ broken });
  expect(complaints).toContain("Type 'number' is not assignable to type 'string'");
  expect(complaints).toContain("Property 'message' is missing");
});

test("[SDK76] examples are found in docstrings and on pages", () => {
  const docstring = "/**\n * Says.\n *\n * ```ts\n * const a = 1; // * 2\n *\n * say(a);\n * ```\n */\n";
  expect(examplesIn(docstring)).toEqual(["const a = 1; // * 2\n\nsay(a);\n"]);
  expect(examplesIn("Text\n\n```ts\na();\n```\n\n```sh\nb\n```\n```ts\nc();\n```\n")).toEqual(["a();\n", "c();\n"]);
  expect(
    exportsOf(
      'export { A, type B } from "./a.ts";\nexport type { C } from "./b.ts";\nexport { D, D as E } from "./d";',
    ),
  ).toEqual(["A", "type B", "type C", "D", "E"]);
});
