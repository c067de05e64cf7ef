import { expect, test } from "bun:test";
import { Progress, printTally } from "./progress.ts";

function screen(isTerminal: boolean): { text: string; nowMs: number; progress: Progress } {
  const state = { text: "", nowMs: 0 };
  const write = (text: string): void => void (state.text += text);
  return Object.assign(state, { progress: new Progress({ isTerminal, write, nowMs: () => state.nowMs }) });
}

const TALLIES: readonly (readonly [number, number, number, string])[] = [
  [0, 0, 0, "0 published, 0 errors, 0/s"],
  [300, 1, 500, "300 published, 1 error, 600/s"],
  [5, 2, 10_000, "5 published, 2 errors, 1/s"],
];
for (const [published, failed, elapsedMs, text] of TALLIES) {
  test(`printTally() [CLI11] prints ${text}`, () => expect(printTally({ published, failed }, elapsedMs)).toBe(text));
}

test("Progress [CLI11] draws on a terminal, not more than ten times a second, and sums up", () => {
  const shown = screen(true);
  for (let at = 0; at < 30; at += 1) {
    shown.nowMs += 10;
    shown.progress.pass();
  }
  shown.progress.end();
  expect(shown.text.split("\r\u001b[K").filter((line) => line !== "")).toEqual([
    "1 published, 0 errors, 100/s",
    "11 published, 0 errors, 100/s",
    "21 published, 0 errors, 100/s",
    "30 published, 0 errors, 100/s\n",
  ]);
});

test("Progress [CLI11] prints nothing but errors and the summary where there is no terminal", () => {
  const shown = screen(false);
  shown.progress.pass();
  shown.progress.fail("Line 2 is not JSON.");
  shown.nowMs = 1_000;
  shown.progress.end();
  expect(shown.text).toBe("Line 2 is not JSON.\n1 published, 1 error, 1/s\n");
});

test("Progress [CLI9] names the first errors and counts the others", () => {
  const shown = screen(false);
  for (let at = 1; at <= 100; at += 1) shown.progress.fail(`Line ${at}.`);
  const lines = shown.text.trimEnd().split("\n");
  expect([lines.length, lines[19], lines[20]]).toEqual([21, "Line 20.", "Further errors are only counted."]);
  expect(shown.progress.tally).toEqual({ published: 0, failed: 100 });
});
