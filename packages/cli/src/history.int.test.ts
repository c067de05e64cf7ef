import { afterAll, beforeAll, expect, test } from "bun:test";
import { type SpawnedNetwork, longwave, startSpawned } from "./spawned.ts";

let network: SpawnedNetwork;
beforeAll(async () => {
  network = await startSpawned(["--memory", "--port", "0"]);
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
});

async function history(...argv: readonly string[]): Promise<{ code: number; lines: readonly string[]; err: string }> {
  const command = longwave(["history", "--origin", network.url, ...argv]);
  const code = await command.ended;
  return { code, lines: command.out().split("\n").slice(0, -1), err: command.err() };
}

async function publish(channel: string, payload: string, query = ""): Promise<string> {
  const url = `${network.url}/publish/demo/demo/0/${encodeURIComponent(channel)}/0/${encodeURIComponent(payload)}?${query}`;
  return ((await (await fetch(url)).json()) as [number, string, string])[2];
}

test("longwave history [CLI19] prints what was published, digit for digit", async () => {
  const first = await publish("a:b|c", '{"n":12345678901234567890,"e":1.0}', "uuid=me&meta=%7B%22x%22:1.50%7D");
  const second = await publish("a:b|c", '"two"', "custom_message_type=text");
  expect(await history("-c", "a:b|c")).toEqual({
    code: 0,
    lines: [
      `{"channel":"a:b|c","timetoken":"${first}","kind":"message","publisher":"me",` +
        '"message":{"n":12345678901234567890,"e":1.0},"meta":{"x":1.50}}',
      `{"channel":"a:b|c","timetoken":"${second}","kind":"message","customMessageType":"text","message":"two"}`,
    ],
    err: "",
  });
  expect((await history("-c", "a:b|c", "--payload")).lines).toEqual(['{"n":12345678901234567890,"e":1.0}', '"two"']);
  expect(await history("-c", "nothing")).toEqual({ code: 0, lines: [], err: "" });
});

test("longwave history [CLI20] takes bounds, a direction and a number, over several pages", async () => {
  const tokens: string[] = [];
  for (let at = 1; at <= 230; at++) tokens.push(await publish("long", String(at)));
  const token = (at: number): string => tokens[at - 1] ?? "";
  const numbers = (from: number, through: number): readonly string[] =>
    Array.from({ length: through - from + 1 }, (_, at) => String(from + at));
  const cases: readonly (readonly [argv: readonly string[], shown: readonly string[]])[] = [
    [[], numbers(131, 230)],
    [["-n", "215"], numbers(16, 230)],
    [["-n", "1000"], numbers(1, 230)],
    [["-n", "215", "--reverse"], numbers(1, 215)],
    [["--start", token(9), "-n", "3"], numbers(6, 8)],
    [["--end", token(228)], numbers(228, 230)],
    [["--start", token(5), "--end", token(120), "-n", "1000"], numbers(6, 120)],
    [["--start", token(120), "--end", token(5), "-n", "1000"], numbers(5, 119)],
    [["--reverse", "--start", token(120), "--end", token(5)], []],
  ];
  const shown = await Promise.all(cases.map(([argv]) => history("-c", "long", "--payload", ...argv)));
  for (const [at, { lines, code }] of shown.entries()) {
    expect([cases[at]?.[0], code, lines]).toEqual([cases[at]?.[0] ?? [], 0, cases[at]?.[1] ?? []]);
  }
});

const REFUSED: readonly (readonly [argv: readonly string[], code: number, sentence: RegExp])[] = [
  [[], 2, /^Name the channel with --channel NAME\.$/],
  [["-c", "a,b"], 2, /^--channel is "a,b", which no channel can be called/],
  [["-c", "a", "--start", "now"], 2, /^--start is "now", but a timetoken has 17 digits\.$/],
  [["-c", "a", "-n", "0"], 2, /^--count is "0"/],
  [["-c", "a", "b"], 2, /^"b" is no option\. The channel needs --channel\.$/],
  [
    ["-c", "a", "--subscribe-key", "other"],
    1,
    /^The network refused: Invalid Subscribe Key .*Check --subscribe-key\.$/,
  ],
  [["-c", "a", "--origin", "http://127.0.0.1:1"], 1, /^Nothing listens at http:\/\/127\.0\.0\.1:1\./],
];
for (const [argv, code, sentence] of REFUSED) {
  test(`longwave history ${argv.join(" ")} [CLI21] is refused in a sentence`, async () => {
    const refused = await history(...argv);
    expect([refused.code, refused.lines]).toEqual([code, []]);
    expect(refused.err.trimEnd()).toMatch(sentence);
  });
}
