import { expect, test } from "bun:test";
import { ERRORS, type ErrorCode, printErrorBody } from "@longwave/protocol";
import { type Reply, isPassing, pauseMs } from "./ask.ts";
import { describeFailure, isOfOneMessage } from "./network-failure.ts";

const ORIGIN = "http://127.0.0.1:1980";
const answer = (status: number, text: string): Reply => ({ kind: "answer", status, text });
const silence = (reason: string, isNobody = false): Reply => ({ kind: "silence", reason, isNobody });
const refusal = (code: ErrorCode): Reply => answer(ERRORS[code].status, printErrorBody(code));

const SENTENCES: readonly (readonly [Reply, string])[] = [
  [
    silence("ECONNREFUSED", true),
    `Nothing listens at ${ORIGIN}. Start a network with \`npm start\`, or name one with --origin.`,
  ],
  [
    silence("getaddrinfo ENOTFOUND x"),
    `${ORIGIN} cannot be reached: getaddrinfo ENOTFOUND x. Check --origin and the connection.`,
  ],
  [
    refusal("publishKeyInvalid"),
    "The network refused: Invalid Key (HTTP 400). Check --publish-key and --subscribe-key.",
  ],
  [refusal("subscribeKeyInvalid"), "The network refused: Invalid Subscribe Key (HTTP 400). Check --subscribe-key."],
  [refusal("tooManyPolls"), "The network refused: Too Many Requests (HTTP 429)."],
  [answer(200, "<html>"), `${ORIGIN} does not answer like a Longwave network (HTTP 200). Check --origin.`],
  [answer(404, "[]"), `${ORIGIN} does not answer like a Longwave network (HTTP 404). Check --origin.`],
];
for (const [reply, sentence] of SENTENCES) {
  test(`describeFailure() [CLI5] says "${sentence}"`, () => expect(describeFailure(reply, ORIGIN)).toBe(sentence));
}

const PASSING = new Set<ErrorCode>([
  "storageUnavailable",
  "publishOverloaded",
  "tooManyPolls",
  "draining",
  "accessUnavailable",
]);
const OF_ONE = new Set<ErrorCode>(["payloadNotJson", "messageTooLarge", "bodyTooLarge", "internal"]);
for (const code of Object.keys(ERRORS) as ErrorCode[]) {
  test(`[CLI9 CLI10] a refusal as ${code} is told apart`, () => {
    expect(isPassing(refusal(code))).toBe(PASSING.has(code));
    expect(isOfOneMessage(refusal(code))).toBe(OF_ONE.has(code));
  });
}

test("pauseMs() [CLI10] grows to five seconds, half of it left to chance", () => {
  expect([1, 2, 3, 6, 7, 50].map((attempt) => pauseMs(attempt, 1))).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
  expect([1, 7].map((attempt) => pauseMs(attempt, 0))).toEqual([50, 2_500]);
});
