import { expect, test } from "bun:test";
import { printLines, printTable } from "./check.ts";
import { printTally } from "./import.ts";
import { StatusLine, printBytes, printPart } from "./status-line.ts";
import { paintWhere } from "./terminal.ts";

const facts = [
  ["schema", "3"],
  ["oldest message", "17326051234567890"],
] as const;

test("printTable() [CLI50] aligns what was found and ends with the verdict", () => {
  const plain = paintWhere(false);
  expect(printTable({ facts, problems: [] }, plain)).toBe(
    "  schema          3\n  oldest message  17326051234567890\n\n  Sound.\n",
  );
  expect(printTable({ facts, problems: ["One.", "Two."] }, plain)).toEndWith("\n\n  ! One.\n  ! Two.\n");
});

test("printLines() [CLI50] says the same to programs", () => {
  expect(printLines({ facts, problems: ["One."] })).toBe(
    "schema\t3\noldest message\t17326051234567890\nproblem\tOne.\nresult\tdamaged\n",
  );
  expect(printLines({ facts: [], problems: [] })).toBe("result\tsound\n");
});

test("StatusLine [CLI51] is drawn on a terminal, now and then, and says its last sentence everywhere", () => {
  const shown = (isTerminal: boolean): string => {
    let [text, nowMs] = ["", 0];
    const line = new StatusLine({ isTerminal, write: (more) => (text += more), nowMs: () => nowMs });
    for (; nowMs < 250; nowMs += 10) line.draw(() => `${nowMs};`);
    line.note(`in ${line.elapsed}`);
    line.clear();
    return text;
  };
  const erase = "\r\u001b[K";
  expect(shown(true)).toBe(`${erase}0;${erase}100;${erase}200;${erase}in 0.3 s\n${erase}`);
  expect(shown(false)).toBe("in 0.3 s\n");
});

test("progress in words [CLI51]", () => {
  expect([0, 1_023, 1_024, 1_572_864, 5 * 1_024 ** 4].map(printBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 MiB",
    "5.0 TiB",
  ]);
  expect([printPart(3_000, 12_000, "messages"), printPart(0, 0, "messages")]).toEqual([
    "3,000 of 12,000 messages (25%)",
    "0 of 0 messages",
  ]);
  expect(printTally({ taken: 3, there: 1, expired: 2, unusable: 0 })).toBe("3 imported, 1 there already, 2 expired");
});
