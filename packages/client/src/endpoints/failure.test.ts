import { expect, test } from "bun:test";
import { type ClientByHand, clientByHand } from "../by-hand.ts";
import { PubNub } from "../pubnub.ts";
import type { TransportFailureKind } from "../transport/transport.ts";

/** What a publish rejects with when its request meets something. */
async function failureAfter(meet: (request: ClientByHand["network"]["last"]) => void): Promise<unknown> {
  const { client, network } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
  const failure = client.publish({ channel: "room", message: "the-payload" }).catch((reason: unknown) => reason);
  meet(network.last);
  return failure;
}

const ANSWERED: readonly (readonly [status: number, text: string, category: string, sentence: RegExp])[] = [
  [
    400,
    '[0,"Invalid Key","17326051234567890"]',
    "PNBadRequestCategory",
    /^The network answered 400 "Invalid Key"\. Check/,
  ],
  [
    403,
    '{"message":"Forbidden","error":true,"status":403}',
    "PNAccessDeniedCategory",
    /403 "Forbidden"\. .*permission/,
  ],
  [
    404,
    '{"error_message":"Not Found"}',
    "PNUnknownCategory",
    /404 "Not Found"\. Check the names, and that origin is the network/,
  ],
  [
    409,
    '{"status":409,"error":{"source":"actions","message":"Action Already Added"}}',
    "PNUnknownCategory",
    /409 "Action Already Added"\. It is there already/,
  ],
  [413, '[0,"Request Entity Too Large"]', "PNUnknownCategory", /413 "Request Entity Too Large"\./],
  [429, '{"message":"Too Many Requests"}', "PNUnknownCategory", /429 "Too Many Requests"\. Try again later\.$/],
  [481, '{"message":"Malformed filter expression"}', "PNMalformedFilterExpressionCategory", /Correct filterExpression/],
  [500, "<html>oops</html>", "PNServerErrorCategory", /^The network answered 500\. Try again later\.$/],
  [502, "", "PNServerErrorCategory", /^The network answered 502\./],
  [503, "7", "PNServerErrorCategory", /^The network answered 503\./],
  [503, '{"message":7}', "PNServerErrorCategory", /^The network answered 503\. Try/],
  [
    200,
    "<html>welcome</html>",
    "PNMalformedResponseCategory",
    /^The network answered 200 with something else than asked/,
  ],
  [200, '[1,"Sent",17326051234567890]', "PNMalformedResponseCategory", /something else/],
  [200, "", "PNMalformedResponseCategory", /something else/],
];
for (const [status, text, category, sentence] of ANSWERED) {
  test(`[SDK4] ${status} ${text} is ${category}`, async () => {
    const failure = await failureAfter((request) => request.answer(text, status));
    expect(failure).toMatchObject({ name: "PubNubError", category, status, operation: "PNPublishOperation" });
    expect(String(failure)).toMatch(new RegExp(sentence.source.replace("^", "^PubNubError: ")));
  });
}

const FAILED: Readonly<Record<TransportFailureKind, readonly [category: string, sentence: RegExp]>> = {
  network: ["PNNetworkIssuesCategory", /https:\/\/network\.test cannot be reached \(ECONNREFUSED\)\. Check/],
  timeout: ["PNTimeoutCategory", /https:\/\/network\.test did not answer in time\. Try again/],
  cancelled: ["PNCancelledCategory", /cancelled by its signal/],
};
for (const [kind, [category, sentence]] of Object.entries(FAILED)) {
  test(`[SDK10] ${kind}: ${category}`, async () => {
    const failure = await failureAfter((request) => request.fail(kind as TransportFailureKind, "ECONNREFUSED"));
    expect(failure).toMatchObject({ name: "PubNubError", category, status: undefined });
    expect(String(failure)).toMatch(sentence);
  });
}

test("[SDK4] an error holds neither keys nor payload, whatever the network repeats", async () => {
  const path = "/publish/pub-key/sub-key/0/room/0/x";
  const failure = await failureAfter((request) =>
    request.answer(JSON.stringify({ message: `Not found: ${path}` }), 404),
  );
  expect(String(failure)).toContain("Not found: /publish/…/…/0/room");
  expect(Bun.inspect(failure)).not.toMatch(/pub-key|sub-key|the-payload/);
});

test("[SDK4] an error repeats at most 200 characters of the network's words", async () => {
  const failure = await failureAfter((request) => request.answer(JSON.stringify({ message: "x".repeat(5_000) }), 400));
  expect(String(failure)).toMatch(/"x{200}…"/);
});
