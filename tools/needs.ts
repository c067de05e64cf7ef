/**
 * Parts that a test needs and `npm ci` does not bring: found where they are, named with the line that installs them where not.
 *
 * @module
 */
import { test } from "bun:test";
import { fileURLToPath } from "node:url";

/** Programs that only some tests need, and npm can install: apart, so that whoever starts the network does not fetch them. */
const NPM_PARTS = fileURLToPath(new URL("parts/node_modules/.bin", import.meta.url));
const INSTALL_NPM_PARTS = "npm ci --prefix tools/parts";

interface Part {
  readonly title: string;
  /** Programs, any of which will do. */
  readonly programs: readonly string[];
  /** The line that installs it: on Debian, or by npm. */
  readonly install: string;
  /** Where its programs are, when they are on no path. */
  readonly directory?: string;
}

const PARTS = {
  chromium: {
    title: "Chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    install: "sudo apt-get install chromium",
  },
  curl: { title: "curl", programs: ["curl"], install: "sudo apt-get install curl" },
  setpriv: { title: "setpriv", programs: ["setpriv"], install: "sudo apt-get install util-linux" },
  prlimit: { title: "prlimit", programs: ["prlimit"], install: "sudo apt-get install util-linux" },
  currentNode: { title: "a current Node", programs: ["node"], install: INSTALL_NPM_PARTS, directory: NPM_PARTS },
  deno: { title: "Deno", programs: ["deno"], install: INSTALL_NPM_PARTS, directory: NPM_PARTS },
  publint: { title: "publint", programs: ["publint"], install: INSTALL_NPM_PARTS, directory: NPM_PARTS },
  attw: { title: "attw", programs: ["attw"], install: INSTALL_NPM_PARTS, directory: NPM_PARTS },
} satisfies Record<string, Part>;

/** A part that tests may need. */
export type PartName = keyof typeof PARTS;

/** The path of a part's program, or nothing where it is not installed. */
export function find(name: PartName): string | undefined {
  const { programs, directory }: Part = PARTS[name];
  for (const program of programs) {
    const path = directory === undefined ? Bun.which(program) : Bun.which(program, { PATH: directory });
    if (path) return path;
  }
  return undefined;
}

/**
 * Registers a test that needs a part: it runs where the part is, and is reported as skipped, with the line that installs
 * it, where it is not. Under LONGWAVE_NOTHING_SKIPPED=1 a missing part is a failure.
 */
export function testWith(part: PartName, name: string, run: (path: string) => Promise<void>, timeoutMs = 60_000): void {
  const { title, install } = PARTS[part];
  const path = find(part);
  if (path !== undefined) {
    test(name, () => run(path), timeoutMs);
  } else if (process.env["LONGWAVE_NOTHING_SKIPPED"] === "1") {
    test(name, () => Promise.reject(new Error(`${title} is missing: ${install}`)));
  } else {
    test.skipIf(true)(`${name} (needs ${title}: ${install})`, () => {});
  }
}
