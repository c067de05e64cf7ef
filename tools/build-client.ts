/**
 * `npm run build:client [DIR]`: builds the SDK's package as it is published, into `packages/client/dist` or a folder that is named.
 *
 * `index.js` is one module for every runtime, with the protocol in it; `index.node.js` the same for Node and Bun, whose sockets it knows; `longwave.min.js` the same for a `<script type="module">`;
 * `core.js` and `longwave-core.min.js` the core alone; `types/` the declarations. Limits are written into the code, so that the table of them does not travel along.
 *
 * @module
 */
import type { BunPlugin } from "bun";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { STATUS_CATEGORIES } from "../packages/client/src/status.ts";
import { LIMITS } from "../packages/protocol/src/limits.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CLIENT = join(ROOT, "packages/client");
const ENTRY = join(CLIENT, "src/index.ts");
const CORE_ENTRY = join(CLIENT, "src/core.ts");

/** Tables whose values are written where they are read. */
const TABLES: Readonly<Record<"LIMITS" | "STATUS_CATEGORIES", Readonly<Record<string, unknown>>>> = {
  LIMITS,
  STATUS_CATEGORIES,
};

const tablesLeftOut: BunPlugin = {
  name: "limits inlined, frozen tables left out where nobody reads them",
  setup(build) {
    build.onLoad({ filter: /packages.(?:client|protocol).src.*\.ts$/ }, async ({ path }) => {
      const text = await Bun.file(path).text();
      const inlined = text.replaceAll(
        /\b(LIMITS|STATUS_CATEGORIES)\.(\w+)/g,
        (found, table: keyof typeof TABLES, name) => {
          const value: unknown = TABLES[table][name];
          return value === undefined ? found : JSON.stringify(value);
        },
      );
      const contents = inlined.replaceAll("Object.freeze(", "/* @__PURE__ */ Object.freeze("); // it freezes what is made there
      return { contents, loader: "ts" };
    });
  },
};

/** The SDK as one module. @param isSmall without white space and long names, for browsers. */
export async function bundleClient(
  isSmall: boolean,
  entry = ENTRY,
  target: "browser" | "node" = "browser",
): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target,
    format: "esm",
    plugins: [tablesLeftOut],
    minify: isSmall,
  });
  const [output] = outputs;
  if (output === undefined) throw new Error("the SDK was not built");
  return output.text();
}

/** Builds the package into a folder, which is emptied before. */
export async function buildClient(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "index.js"), await bundleClient(false));
  writeFileSync(join(directory, "index.node.js"), await bundleClient(false, ENTRY, "node"));
  writeFileSync(join(directory, "longwave.min.js"), await bundleClient(true));
  writeFileSync(join(directory, "core.js"), await bundleClient(false, CORE_ENTRY));
  writeFileSync(join(directory, "longwave-core.min.js"), await bundleClient(true, CORE_ENTRY));
  writeTypes(join(directory, "types"));
  for (const name of ["README.md", "LICENSE"]) {
    copyFileSync(join(name === "LICENSE" ? ROOT : CLIENT, name), join(directory, name));
  }
  const { name, version, license, description, keywords } = JSON.parse(
    readFileSync(join(CLIENT, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  const types = "./types/client/src/index.d.ts";
  const coreTypes = "./types/client/src/core.d.ts";
  const manifest = {
    name,
    version,
    description,
    keywords,
    license,
    type: "module",
    sideEffects: false,
    main: "./index.js",
    types,
    exports: {
      ".": { types, node: "./index.node.js", bun: "./index.node.js", default: "./index.js" },
      "./core": { types: coreTypes, default: "./core.js" },
      "./longwave.min.js": { types, default: "./longwave.min.js" },
      "./longwave-core.min.js": { types: coreTypes, default: "./longwave-core.min.js" },
      "./package.json": "./package.json",
    },
    engines: { node: ">=20" },
  };
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Writes the declarations of client and protocol, which then name each other by paths. */
function writeTypes(directory: string): void {
  const scratch = mkdtempSync(join(tmpdir(), "longwave-types-"));
  const project = join(CLIENT, `tsconfig.${process.pid}.json`); // beside its sources, so that what it extends is found
  try {
    const compilerOptions = {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      rootDir: "..",
      paths: { "@longwave/protocol": ["../protocol/src/index.ts"] }, // what lies in node_modules is not written
      outDir: scratch,
    };
    writeFileSync(
      project,
      JSON.stringify({
        extends: "./tsconfig.json",
        compilerOptions,
        files: ["src/index.ts", "src/core.ts"],
        include: [],
      }),
    );
    const tsc = Bun.spawnSync([join(ROOT, "node_modules/.bin/tsc"), "-p", project], { stdout: "pipe", stderr: "pipe" });
    if (tsc.exitCode !== 0) throw new Error(`the declarations cannot be written: ${tsc.stdout.toString()}`);
    const protocol = join(directory, "protocol/src/index.js");
    for (const name of new Bun.Glob("**/*.d.ts").scanSync(scratch)) {
      const target = join(directory, name);
      const up = relative(join(target, ".."), protocol).split(sep).join("/");
      const text = readFileSync(join(scratch, name), "utf8")
        .replaceAll(/(from |import\()"(\.[^"]*)\.ts"/g, '$1"$2.js"')
        .replaceAll('"@longwave/protocol"', JSON.stringify(up.startsWith(".") ? up : `./${up}`));
      mkdirSync(join(target, ".."), { recursive: true });
      writeFileSync(target, text);
    }
  } finally {
    rmSync(project, { force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const directory = resolve(process.argv[2] ?? join(CLIENT, "dist"));
  await buildClient(directory);
  process.stdout.write(`Built ${directory}\n`);
}
