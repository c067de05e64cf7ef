/**
 * `npm test`: installs what is missing, then runs every check and all tests, and says how it went.
 *
 * `npm test -- PATH…` runs only the tests whose paths contain one of the words; `npm run test:full` runs the heavy ones at
 * their full counts; `npm run check` runs everything but the tests.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, installMissing } from "./install.mjs";

const words = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const isCheck = process.argv.includes("--check");
if (process.argv.includes("--full")) process.env.LONGWAVE_TEST_FULL = "1";
const isTerminal = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint = (code, text) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);

installMissing();
const { BUN_FLAGS, bunPath } = await import("../packages/cli/bin/bun.mjs");
const bin = (name) => join(ROOT, "node_modules", ".bin", name);
const report = join(tmpdir(), `longwave-tests-${process.pid}.xml`);

const CHECKS = [
  { name: "types: everything", command: bin("tsc"), args: ["-p", "."] },
  { name: "types: protocol", command: bin("tsc"), args: ["-p", "packages/protocol"] },
  { name: "types: client", command: bin("tsc"), args: ["-p", "packages/client"] },
  { name: "lint", command: bin("oxlint"), args: ["--type-aware", "--deny-warnings"] },
  { name: "format", command: bin("oxfmt"), args: ["--check", "."] },
  { name: "unused code", command: bin("knip"), args: ["--no-progress"] },
  { name: "boundaries", command: bunPath(), args: ["tools/check-boundaries.ts"] },
  { name: "rules and tests", command: bunPath(), args: ["tools/spec-rules.ts"] },
];
const TESTS = {
  name: "tests",
  command: bunPath(),
  args: [...BUN_FLAGS, "test", "--timeout=60000", "--reporter=junit", `--reporter-outfile=${report}`, ...words],
};

/** Runs a step; gathers what it prints, and shows the lines of failing tests as they come. */
function run({ name, command, args }) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "test" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        showProgress(name, output);
      });
    }
    child.on("error", (failure) => resolve({ name, output: String(failure), isGood: false, seconds: 0 }));
    child.on("close", (code) => {
      resolve({ name, output, isGood: code === 0, seconds: (performance.now() - startedAt) / 1_000 });
    });
  });
}

function showProgress(name, output) {
  if (!isTerminal || name !== TESTS.name) return;
  const passed = output.split("\n(pass)").length - 1;
  process.stdout.write(`\r  … ${name}: ${passed} passed`);
}

function show({ name, output, isGood, seconds }) {
  const mark = isGood ? paint("32", "✓") : paint("31", "✗");
  process.stdout.write(`${isTerminal ? "\r" : ""}${mark} ${name.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s\n`);
  if (!isGood) process.stdout.write(`${output.trimEnd()}\n\n`);
}

/** Counts the cases of a JUnit report. A report that is missing counts as one failure. */
function countTests() {
  let xml;
  try {
    xml = readFileSync(report, "utf8");
    rmSync(report);
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
  const cases = xml.split("<testcase ").slice(1);
  const nameOf = (text) => (/name="([^"]*)"/.exec(text)?.[1] ?? "").replaceAll("&apos;", "'").replaceAll("&amp;", "&");
  const skipped = cases.filter((text) => text.includes("<skipped")).map(nameOf);
  const failed = cases.filter((text) => text.includes("<failure")).length;
  return { passed: cases.length - failed - skipped.length, failed, skipped };
}

const results = [];
if (words.length === 0) {
  // Two at a time: the machine has at least two cores, and each of these uses about one.
  for (let at = 0; at < CHECKS.length; at += 2) {
    const pair = await Promise.all(CHECKS.slice(at, at + 2).map(run));
    for (const result of pair) show(result);
    results.push(...pair);
  }
}
let tests = { passed: 0, failed: 0, skipped: [] };
if (!isCheck) {
  const result = await run(TESTS);
  show(result);
  tests = countTests();
  if (!result.isGood && tests.failed === 0) tests.failed = 1;
}
const failedChecks = results.filter(({ isGood }) => !isGood);
const say = (colour, word, name) => process.stdout.write(`${paint(colour, word)} ${name}\n`);
for (const name of tests.skipped) say("33", "skipped", name);
for (const { name } of failedChecks) say("31", "failed", name);
const passed = tests.passed + results.length - failedChecks.length;
const failed = tests.failed + failedChecks.length;
process.stdout.write(`${passed} passed, ${failed} failed, ${tests.skipped.length} skipped\n`);
process.exit(failed === 0 ? 0 : 1);
