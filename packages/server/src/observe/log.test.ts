import { expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type LogOptions, createLog } from "./log.ts";

function lines(given: Partial<LogOptions>, write: (log: ReturnType<typeof createLog>) => void): readonly string[] {
  const written: string[] = [];
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
  write(
    createLog({ clock, format: "pretty", level: "info", colour: false, write: (line) => written.push(line), ...given }),
  );
  return written;
}

test("the log is pretty for people", () => {
  expect(
    lines({}, (log) => log.warn("it happened", { count: 2, route: "publish", why: "a b", gone: undefined })),
  ).toEqual(['03:04:05.006 warn  it happened count=2 route=publish why="a b"']);
});

test("the log is JSON for machines", () => {
  expect(lines({ format: "json" }, (log) => log.info("it happened", { count: 2 }))).toEqual([
    '{"time":"2026-01-02T03:04:05.006Z","level":"info","event":"it happened","count":2}',
  ]);
});

test("lines below the level are dropped", () => {
  expect(
    lines({ level: "warn" }, (log) => [log.debug("a"), log.info("b"), log.warn("c"), log.error("d")]),
  ).toHaveLength(2);
});

for (const format of ["pretty", "json"] as const) {
  test(`[OPS7] no field can forge a line of the ${format} log`, () => {
    const [line = ""] = lines({ format }, (log) =>
      log.error("it happened", { name: 'x\n03:04:05 info  "forged"\u001b[2J' }),
    );
    expect(line).not.toMatch(/[\n\u001b]/);
  });
}
