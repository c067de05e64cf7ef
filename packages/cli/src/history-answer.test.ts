import { expect, test } from "bun:test";
import { readHistoryAnswer } from "./history-answer.ts";
import { printDelivery } from "./subscribe-answer.ts";

const answer = (channels: string): string => `{"status":200,"error":false,"error_message":"","channels":${channels}}`;
const TOKEN = "17326051234567890";

test("readHistoryAnswer() [CLI19] keeps every digit, and leaves out what is not there", () => {
  const items = [
    `{"message":{"n":12345678901234567890, "e":1.0},"timetoken":"${TOKEN}","meta":{"x":1.50},"uuid":"me","message_type":null,"custom_message_type":"text"}`,
    `{"message":"4","timetoken":"${TOKEN}","meta":"","uuid":"","message_type":4}`,
  ];
  const deliveries = readHistoryAnswer(answer(`{"a%3Ab":[${items.join(",")}]}`), "a:b") ?? [];
  expect(deliveries.map(printDelivery)).toEqual([
    `{"channel":"a:b","timetoken":"${TOKEN}","kind":"message","publisher":"me","customMessageType":"text",` +
      '"message":{"n":12345678901234567890, "e":1.0},"meta":{"x":1.50}}',
    `{"channel":"a:b","timetoken":"${TOKEN}","kind":"file","message":"4"}`,
  ]);
  expect(readHistoryAnswer(answer("{}"), "a")).toEqual([]);
});

const FOREIGN: Readonly<Record<string, string>> = {
  "no JSON": "<html>",
  "an array": "[[],0,0]",
  "no channels": '{"status":200}',
  "channels that are a list": answer("[]"),
  "a channel that is a number": answer('{"a":1}'),
};
for (const [what, text] of Object.entries(FOREIGN)) {
  test(`readHistoryAnswer() [CLI21] knows ${what} from an answer`, () => {
    expect(readHistoryAnswer(text, "a")).toBeUndefined();
  });
}
