import { expect, test } from "bun:test";
import { linesOf } from "./lines.ts";
import { Progress } from "./progress.ts";
import { publishLines } from "./publish-lines.ts";
import { payloadOf } from "./publish.ts";
import type { PublishOutcome } from "./raw-publish.ts";

interface World {
  readonly input: string | Uint8Array;
  readonly outcome?: (payload: string) => PublishOutcome;
  readonly areTexts?: boolean;
  readonly signal?: AbortSignal;
}

const SENT: PublishOutcome = { kind: "sent", timetoken: "17326051234567890" };

async function publish({
  input,
  outcome = () => SENT,
  areTexts = false,
  signal = new AbortController().signal,
}: World) {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield typeof input === "string" ? new TextEncoder().encode(input) : input;
  }
  const sent: string[] = [];
  let told = "";
  const progress = new Progress({ isTerminal: false, write: (text) => void (told += text), nowMs: () => 0 });
  const ports = {
    progress,
    signal,
    areTexts,
    publish: async (payload: string) => {
      sent.push(payload);
      return outcome(payload);
    },
  };
  const ending = await publishLines(linesOf(stream(), 100), ports).catch((failure: unknown) => String(failure));
  return { ending, sent, told };
}

test("publishLines() [CLI7 CLI8] publishes lines as they are, in order, without the blank ones", async () => {
  const lines = ['{"b":1,"a":12345678901234567890}', " [1.0, 2]", String.raw`"\u00e9"`];
  const { ending, sent, told } = await publish({ input: `${lines.join("\n\n  \n")}\n` });
  expect({ ending, sent }).toEqual({ ending: 0, sent: lines });
  expect(told).toStartWith("3 published, 0 errors");
});

test("publishLines() [CLI9] names lines that cannot be published, and goes on", async () => {
  const input = Buffer.concat([
    Buffer.from(`1\nnope\n${"x".repeat(101)}\n`),
    Buffer.from([0xff, 0x0a]),
    Buffer.from("5"),
  ]);
  const { ending, sent, told } = await publish({ input });
  expect({ ending, sent }).toEqual({ ending: 1, sent: ["1", "5"] });
  expect(told.split("\n")).toEqual([
    "Line 2 is not JSON (--text publishes it as text); it was not published.",
    "Line 3 is too long; it was not published.",
    "Line 4 is not UTF-8; it was not published.",
    expect.stringMatching(/^2 published, 3 errors/),
    "",
  ]);
});

test("publishLines() [CLI9] goes on behind a refusal of one line", async () => {
  const refused: PublishOutcome = { kind: "failed", sentence: "Too large.", isFinal: false };
  const { ending, sent, told } = await publish({
    input: "1\n2\n3",
    outcome: (payload) => (payload === "2" ? refused : SENT),
  });
  expect({ ending, sent }).toEqual({ ending: 1, sent: ["1", "2", "3"] });
  expect(told).toStartWith("Line 2: Too large.\n2 published, 1 error");
});

test("publishLines() [CLI9] ends at a refusal of all lines, and says where", async () => {
  const refused: PublishOutcome = { kind: "failed", sentence: "Wrong key.", isFinal: true };
  const { ending, sent, told } = await publish({
    input: "1\n2\n3",
    outcome: (payload) => (payload === "2" ? refused : SENT),
  });
  expect(sent).toEqual(["1", "2"]);
  expect(ending).toBe("Refusal: Wrong key. Line 2 and those after it were not published.");
  expect(told).toStartWith("1 published, 0 errors");
});

test("publishLines() [CLI17] begins no line after an interruption", async () => {
  const controller = new AbortController();
  const outcome = (): PublishOutcome => {
    controller.abort();
    return SENT;
  };
  expect(await publish({ input: "1\n2", outcome, signal: controller.signal })).toMatchObject({
    ending: 130,
    sent: ["1"],
  });
});

test("publishLines() [CLI6] publishes texts as JSON strings", async () => {
  const { sent } = await publish({ input: '1\r\n\n a "b"\n', areTexts: true });
  expect(sent).toEqual(['"1"', '""', String.raw`" a \"b\""`]);
});

const PAYLOADS: readonly (readonly [string, Parameters<typeof payloadOf>[1], string])[] = [
  ["hi", "auto", '"hi"'],
  ["", "auto", '""'],
  ['"hi"', "auto", '"hi"'],
  ["1", "auto", "1"],
  ["01", "auto", '"01"'],
  ['{"a": 1.0}', "auto", '{"a": 1.0}'],
  ["12345678901234567890", "json", "12345678901234567890"],
  ["null", "text", '"null"'],
];
for (const [text, form, payload] of PAYLOADS) {
  test(`payloadOf() [CLI6] makes ${payload} of ${JSON.stringify(text)} (${form})`, () => {
    expect(payloadOf(text, form)).toBe(payload);
  });
}

test("payloadOf() [CLI6] refuses what must be JSON and is not", () => {
  expect(() => payloadOf("hi", "json")).toThrow("TEXT is not JSON");
});
