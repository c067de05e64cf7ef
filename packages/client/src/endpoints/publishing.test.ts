import { expect, test } from "bun:test";
import fc from "fast-check";
import { type ClientByHand, clientByHand, turn } from "../by-hand.ts";
import { PubNubError } from "../errors.ts";
import { PubNub } from "../pubnub.ts";
import { TransportFailure } from "../transport/transport.ts";
import { ADDRESS_BYTES_MAX } from "./request.ts";

const COMMON = "uuid=anna&pnsdk=Longwave-TypeScript%2F0.1.0";
const ORIGIN = "https://network.test";

/** What a call sends, without waiting for its answer. */
async function sent(call: (client: PubNub) => Promise<unknown>): Promise<ClientByHand["network"]["last"]> {
  const { client, network } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
  void call(client).catch(() => {});
  await turn();
  return network.last;
}

const GETS: Readonly<Record<string, readonly [(client: PubNub) => Promise<unknown>, string]>> = {
  time: [(client) => client.time(), `/time/0?${COMMON}`],
  publish: [
    (client) => client.publish({ channel: "room", message: { text: "hi" } }),
    `/publish/pub-key/sub-key/0/room/0/%7B%22text%22%3A%22hi%22%7D?${COMMON}`,
  ],
  "publish of a text with everything in it": [
    (client) => client.publish({ channel: "räum#1", message: "a/b?c#d+e f%🦊" }),
    `/publish/pub-key/sub-key/0/r%C3%A4um%231/0/%22a%2Fb%3Fc%23d%2Be%20f%25%F0%9F%A6%8A%22?${COMMON}`,
  ],
  "publish with every parameter": [
    (client) =>
      client.publish({
        channel: "room",
        message: null,
        meta: { lang: "en" },
        storeInHistory: true,
        ttl: 1 / 3,
        customMessageType: "chat-line",
        sendByPost: false,
      }),
    "/publish/pub-key/sub-key/0/room/0/null" +
      `?meta=%7B%22lang%22%3A%22en%22%7D&store=1&ttl=0.333333333&custom_message_type=chat-line&${COMMON}`,
  ],
  "publish that is not kept": [
    (client) => client.publish({ channel: "room", message: false, storeInHistory: false }),
    `/publish/pub-key/sub-key/0/room/0/false?store=0&${COMMON}`,
  ],
  "publish for ever": [
    (client) => client.publish({ channel: "room", message: 0, storeInHistory: true, ttl: 0 }),
    `/publish/pub-key/sub-key/0/room/0/0?store=1&ttl=0&${COMMON}`,
  ],
  "publish for ten hours": [
    (client) => client.publish({ channel: "room", message: "", ttl: 10 }),
    `/publish/pub-key/sub-key/0/room/0/%22%22?ttl=10&${COMMON}`,
  ],
  fire: [
    (client) => client.fire({ channel: "room", message: [1], meta: 7 }),
    `/publish/pub-key/sub-key/0/room/0/%5B1%5D?meta=7&store=0&norep=true&${COMMON}`,
  ],
  signal: [
    (client) => client.signal({ channel: "room", message: "typing" }),
    `/signal/pub-key/sub-key/0/room/0/%22typing%22?${COMMON}`,
  ],
  "signal with its type": [
    (client) => client.signal({ channel: "room", message: "x", customMessageType: "mood" }),
    `/signal/pub-key/sub-key/0/room/0/%22x%22?custom_message_type=mood&${COMMON}`,
  ],
};
for (const [name, [call, target]] of Object.entries(GETS)) {
  test(`[SDK6 SDK7 SDK9] ${name} is a GET`, async () => {
    const { method, url, body, timeoutMs } = await sent(call);
    expect({ method, url, body, timeoutMs }).toEqual({
      method: "GET",
      url: ORIGIN + target,
      body: undefined,
      timeoutMs: 15_000,
    });
  });
}

const FORM = "/publish/pub-key/sub-key/0/room/0";
const LONG = "x".repeat(32_000);
const POSTS: Readonly<Record<string, readonly [(client: PubNub) => Promise<unknown>, string, string]>> = {
  "a publish that asks for it": [
    (client) => client.publish({ channel: "room", message: "hi", sendByPost: true, ttl: 1 }),
    `${FORM}?ttl=1&${COMMON}`,
    '"hi"',
  ],
  "a fire that asks for it": [
    (client) => client.fire({ channel: "room", message: "hi", sendByPost: true }),
    `${FORM}?store=0&norep=true&${COMMON}`,
    '"hi"',
  ],
  "a message too long for the address": [
    (client) => client.publish({ channel: "room", message: LONG }),
    `${FORM}?${COMMON}`,
    `"${LONG}"`,
  ],
  "a message too long once it is encoded": [
    (client) => client.publish({ channel: "room", message: "!".repeat(12_000) }),
    `${FORM}?${COMMON}`,
    `"${"!".repeat(12_000)}"`,
  ],
  "a message of exactly 32,768 bytes": [
    (client) => client.publish({ channel: "room", message: "é".repeat(16_383) }),
    `${FORM}?${COMMON}`,
    `"${"é".repeat(16_383)}"`,
  ],
  "a message of 32,769 bytes, in the large form": [
    (client) => client.publish({ channel: "room", message: `${"é".repeat(16_383)}x` }),
    `/v2${FORM}?${COMMON}`,
    `"${"é".repeat(16_383)}x"`,
  ],
  "a message and a meta that are large together, in the large form": [
    (client) => client.publish({ channel: "room", message: "x".repeat(32_760), meta: "1234567" }),
    `/v2${FORM}?meta=%221234567%22&${COMMON}`,
    `"${"x".repeat(32_760)}"`,
  ],
  "a message beside a long meta": [
    (client) => client.publish({ channel: "room", message: "x".repeat(10_000), meta: "y".repeat(25_000) }),
    `/v2${FORM}?meta=%22${"y".repeat(25_000)}%22&${COMMON}`,
    `"${"x".repeat(10_000)}"`,
  ],
};
for (const [name, [call, target, body]] of Object.entries(POSTS)) {
  test(`[SDK6] ${name} is a POST`, async () => {
    const request = await sent(call);
    expect(request.method).toBe("POST");
    expect(request.url).toBe(ORIGIN + target);
    expect(request.body).toBe(body);
  });
}

test("[SDK6] whatever is published fits, and holds the message unchanged", async () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 400 }).chain((text) => {
    return fc.integer({ min: 1, max: 400 }).map((times) => text.repeat(times));
  });
  await fc.assert(
    fc.asyncProperty(texts, async (message) => {
      const { method, url, body } = await sent((client) => client.publish({ channel: "room", message }));
      const path = new URL(url).pathname;
      expect(url.length - ORIGIN.length).toBeLessThanOrEqual(ADDRESS_BYTES_MAX);
      expect(JSON.parse(method === "POST" ? (body ?? "") : decodeURIComponent(path.split("/")[7] ?? ""))).toBe(message);
    }),
  );
});

const circle: { self?: unknown } = {};
circle.self = circle;
const thrower = {
  toJSON() {
    throw new Error("secret payload");
  },
};
const deep: unknown = JSON.parse("[".repeat(129) + "]".repeat(129));
const REFUSED: Readonly<Record<string, readonly [(client: PubNub) => Promise<unknown>, RegExp]>> = {
  "no message": [(client) => client.publish({ channel: "room", message: undefined }), /message is missing/],
  "a function": [(client) => client.publish({ channel: "room", message: () => 1 }), /message is missing or no JSON/],
  "a circle": [(client) => client.publish({ channel: "room", message: circle }), /message is missing or no JSON/],
  "a bigint": [(client) => client.signal({ channel: "room", message: 1n }), /message is missing or no JSON/],
  "a toJSON that throws": [
    (client) => client.fire({ channel: "room", message: thrower }),
    /message is missing or no JSON/,
  ],
  "a deep message": [(client) => client.publish({ channel: "room", message: deep }), /message nests deeper than 128/],
  "a deep meta": [
    (client) => client.publish({ channel: "room", message: 1, meta: deep }),
    /meta nests deeper than 128/,
  ],
  "a meta that is no JSON": [(client) => client.publish({ channel: "room", message: 1, meta: 1n }), /meta .*JSON/],
  "a meta that is too long": [
    (client) => client.publish({ channel: "room", message: 1, meta: LONG }),
    /meta is too long for an address; put it into the message/,
  ],
  "no channel": [(client) => client.publish({ channel: "", message: 1 }), /channel is missing/],
  "a channel that is no text": [
    (client) => client.signal({ channel: 7 as unknown as string, message: 1 }),
    /channel is missing/,
  ],
  "a comma in the channel": [
    (client) => client.publish({ channel: "a,b", message: 1 }),
    /channel is missing or no name/,
  ],
  "half of a character in the channel": [
    (client) => client.publish({ channel: "\ud800", message: 1 }),
    /channel is missing or no name/,
  ],
  "a presence name": [
    (client) => client.publish({ channel: "room-pnpres", message: 1 }),
    /channel is missing or no name .*-pnpres/,
  ],
  "a wildcard": [(client) => client.signal({ channel: "news.*", message: 1 }), /channel is missing or no name/],
  "a ttl that is no number": [
    (client) => client.publish({ channel: "room", message: 1, ttl: Number.POSITIVE_INFINITY }),
    /ttl is no number/,
  ],
};
for (const [why, [call, sentence]] of Object.entries(REFUSED)) {
  test(`[SDK8] nothing is sent with ${why}`, async () => {
    const { client, network } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
    const failure = await call(client).catch((reason: unknown) => reason);
    if (!(failure instanceof PubNubError)) throw new Error("it was no PubNubError");
    expect(failure.category).toBe("PNValidationErrorCategory");
    expect(failure.operation).toMatch(/^PN(Publish|Fire|Signal)Operation$/);
    expect(failure.status).toBeUndefined();
    expect(failure.message).toMatch(sentence);
    expect(String(failure)).not.toContain("secret");
    expect(network.requests).toEqual([]);
  });
}

test("[SDK8] without a publish key nothing is sent, and it is said what is missing", async () => {
  const { client, network } = clientByHand({ publishKey: undefined });
  const message = { channel: "room", message: 1 };
  const outcomes = await Promise.allSettled([client.publish(message), client.fire(message), client.signal(message)]);
  for (const outcome of outcomes) {
    expect(outcome.status === "rejected" && String(outcome.reason)).toMatch(/publishKey is missing/);
  }
  expect(network.requests).toEqual([]);
});

const TIMETOKEN = "17326051234567891";
const ANSWERS: Readonly<Record<string, readonly [(client: PubNub) => Promise<unknown>, string]>> = {
  publish: [(client) => client.publish({ channel: "room", message: 1 }), `[1,"Sent","${TIMETOKEN}"]`],
  signal: [(client) => client.signal({ channel: "room", message: 1 }), `[1,"Sent","${TIMETOKEN}"]`],
  "publish, answered with spaces": [
    (client) => client.fire({ channel: "c", message: 1 }),
    ` [1, "Sent", "${TIMETOKEN}"]\n`,
  ],
  "time, whose last digits no number holds": [(client) => client.time(), `[${TIMETOKEN}]`],
};
for (const [name, [call, text]] of Object.entries(ANSWERS)) {
  test(`[SDK9] the timetoken of ${name}`, async () => {
    const { client, network } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
    const result = call(client);
    network.last.answer(text);
    expect(await result).toEqual({ timetoken: TIMETOKEN });
  });
}

test("[SDK10] the parameters' signal reaches the transport, and aborts the call", async () => {
  const { client, network } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
  const stop = new AbortController();
  const calls = [
    client.time({ signal: stop.signal }),
    client.publish({ channel: "room", message: 1, signal: stop.signal }),
    client.fire({ channel: "room", message: 1, signal: stop.signal }),
    client.signal({ channel: "room", message: 1, signal: stop.signal }),
  ];
  const outcomes = Promise.allSettled(calls);
  expect(network.requests.map(({ signal }) => signal)).toEqual(calls.map(() => stop.signal));
  stop.abort();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { category: "PNCancelledCategory" } });
  }
});

test("[SDK4] nothing but a PubNubError is ever thrown", async () => {
  const failures: readonly unknown[] = [new TransportFailure("network"), new TypeError("secret"), "secret", undefined];
  for (const thrown of failures) {
    const { client, network } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
    network.requests.push = () => {
      throw thrown;
    };
    const failure = await client.time().catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "PubNubError", operation: "PNTimeOperation" });
    expect(String(failure)).not.toContain("secret");
  }
  const { client } = clientByHand({ retryConfiguration: PubNub.NoneRetryPolicy() });
  expect(await client.publish(undefined as never).catch((reason: unknown) => reason)).toBeInstanceOf(PubNubError);
});
