import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Line, linesOf } from "./lines.ts";

async function read(chunks: readonly Uint8Array[], bytesMax = 1_000): Promise<readonly Line[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  return Array.fromAsync(linesOf(stream(), bytesMax));
}

function shown(lines: readonly Line[]): readonly string[] {
  return lines.map((line) => (line.kind === "line" ? line.text : `(${line.why})`));
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const SPLITS: Readonly<Record<string, readonly string[]>> = {
  "": [],
  a: ["a"],
  "a\n": ["a"],
  "a\nb": ["a", "b"],
  "a\n\n\nb\n": ["a", "", "", "b"],
  "a\r\nb": ["a\r", "b"],
  "\ufeffa\n\ufeffb": ["a", "b"],
  "é😀\nü": ["é😀", "ü"],
};
for (const [text, lines] of Object.entries(SPLITS)) {
  test(`linesOf() [CLI8] splits ${JSON.stringify(text)}`, async () => {
    expect(shown(await read([encode(text)]))).toEqual(lines);
  });
}

test("linesOf() [CLI8] gives the same lines wherever the stream is cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat(40)), async (texts, cuts) => {
      const bytes = encode(texts.map((text) => `${text.replaceAll("\n", "")}\n`).join(""));
      const chunks: Uint8Array[] = [];
      let start = 0;
      for (const cut of cuts) {
        chunks.push(bytes.slice(start, start + cut));
        start += cut;
      }
      chunks.push(bytes.slice(start));
      expect(await read(chunks)).toEqual(await read([bytes]));
    }),
  );
});

test("linesOf() [CLI9] numbers every line, and spoils only the one that is not UTF-8", async () => {
  const bytes = Buffer.concat([encode("a\n"), new Uint8Array([0xc3, 0x28, 0x0a]), encode("b\n")]);
  expect(await read([bytes])).toEqual([
    { kind: "line", number: 1, text: "a" },
    { kind: "unusable", number: 2, why: "notUtf8" },
    { kind: "line", number: 3, text: "b" },
  ]);
});

test("linesOf() [CLI9] keeps nothing of a line that is too long", async () => {
  const long = Array.from({ length: 50 }, () => encode("x".repeat(100)));
  expect(shown(await read([...long, encode("\nb\n")]))).toEqual(["(tooLong)", "b"]);
  expect(shown(await read([encode(`${"x".repeat(5)}\n`)], 5))).toEqual(["xxxxx"]);
  expect(shown(await read([encode(`${"x".repeat(6)}\n`)], 5))).toEqual(["(tooLong)"]);
});
