/**
 * Compares the rules of spec/ with the ids in the tests' names: no rule without a test, no id without a rule.
 *
 * A rule is a list item that begins with its bold id (`- **SUB4** …`); a test names the rules it shows in square brackets
 * (`[SUB4]`, `[SUB4 SUB5]`).
 *
 * @module
 */
import { Glob } from "bun";

const RULE = /^- \*\*([A-Z]{3,4}\d+)\*\*/gm;
const TEST_NAME =
  /\b(?:test|testWith|it)\w*(?:\.\w+)*(?:\([^)]*\))?\(\s*(?:"\w+",\s*)?(["'`])((?:\\.|(?!\1)[\s\S])*)\1/g;
const IDS = /\[((?:[A-Z]{3,4}\d+ ?)+)\]/g;

/** The ids of the rules that a page of spec/ states. */
export function rulesOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(RULE)].map(([, id = ""]) => id);
}

/** The ids that stand in the names of a file's tests. */
export function idsOf(source: string): readonly string[] {
  const names = [...source.matchAll(TEST_NAME)].map(([, , name = ""]) => name);
  return names.flatMap((name) => [...name.matchAll(IDS)].flatMap(([, ids = ""]) => ids.trim().split(" ")));
}

async function gather(pattern: string, read: (text: string) => readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const path of new Glob(pattern).scan(".")) {
    if (path.includes("node_modules") || path.startsWith("tools/spec-rules")) continue; // its own examples
    for (const id of read(await Bun.file(path).text())) found.set(id, path);
  }
  return found;
}

if (import.meta.main) {
  const rules = await gather("spec/*.md", rulesOf);
  const tests = new Map([
    ...(await gather("{packages,interop,tools,bench}/**/*.test.ts", idsOf)),
    ...(await gather("packages/server/src/conformance/*.ts", idsOf)),
  ]);
  const untested = [...rules].filter(([id]) => !tests.has(id));
  const unruled = [...tests].filter(([id]) => !rules.has(id));
  for (const [id, path] of untested) console.log(`${path}: ${id} has no test that names it`);
  for (const [id, path] of unruled) console.log(`${path}: a test names ${id}, which no page of spec/ states`);
  console.log(`${rules.size} rules, ${untested.length} without a test; ${unruled.length} ids without a rule`);
  process.exit(untested.length + unruled.length === 0 ? 0 : 1);
}
