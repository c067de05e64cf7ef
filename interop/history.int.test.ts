import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { type Json, type PubNubClient, createClient, failureOf } from "./pubnub-client.ts";

let network: Network;
let client: PubNubClient & Disposable;
beforeAll(async () => {
  network = await startQuietly();
  client = createClient(network.url);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await network.stop();
});

/** Publishes 1 to `last` and gives their timetokens. */
async function publishUpTo(channel: string, last: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let message = 1; message <= last; message++) {
    tokens.push((await client.publish({ channel, message, meta: { n: message } })).timetoken);
  }
  return tokens;
}

const numbers = (from: number, through: number): Json[] =>
  Array.from({ length: through - from + 1 }, (_, at) => from + at);

test("[IOP20] history: the newest, pages both ways, metas and timetokens", async () => {
  const tokens = await publishUpTo("history", 110);
  const token = (message: number): string => tokens[message - 1] ?? "";
  const entries = async (parameters: object): Promise<readonly Json[]> =>
    (await client.history({ channel: "history", ...parameters })).messages.map(({ entry }) => entry);
  expect(await entries({})).toEqual(numbers(11, 110));
  expect(await entries({ start: token(11) })).toEqual(numbers(1, 10));
  expect(await entries({ count: 3, reverse: true })).toEqual([1, 2, 3]);
  expect(await entries({ count: 3, reverse: true, start: token(3) })).toEqual([4, 5, 6]);
  expect(await entries({ start: token(9), end: token(6) })).toEqual([6, 7, 8]);
  expect(await entries({ start: token(6), end: token(9) })).toEqual([7, 8, 9]);
  const page = { channel: "history", count: 2, includeMeta: true, stringifiedTimeToken: true };
  expect((await client.history(page)).messages).toEqual([
    { entry: 109, meta: { n: 109 }, timetoken: token(109) },
    { entry: 110, meta: { n: 110 }, timetoken: token(110) },
  ]);
  expect(await client.history({ channel: "nothing" })).toEqual({ messages: [], startTimeToken: 0, endTimeToken: 0 });
});

test("[IOP21] fetchMessages: one channel, several, every flag", async () => {
  await publishUpTo("fetch-a", 102);
  const [first = ""] = await publishUpTo("fetch:b|c", 1);
  const { channels } = await client.fetchMessages({ channels: ["fetch-a"] });
  expect(channels["fetch-a"]?.map(({ message }) => message)).toEqual(numbers(3, 102));
  const all = await client.fetchMessages({ channels: ["fetch-a", "fetch:b|c", "fetch-none"], includeMeta: true });
  expect(Object.keys(all.channels).toSorted()).toEqual(["fetch%3Ab%7Cc", "fetch-a"]);
  expect(all.channels["fetch-a"]?.map(({ message }) => message)).toEqual(numbers(78, 102));
  expect(all.channels["fetch%3Ab%7Cc"]).toMatchObject([
    { message: 1, timetoken: first, uuid: "somebody", messageType: null, meta: { n: 1 } },
  ]);
  const bare = await client.fetchMessages({
    channels: ["fetch:b|c"],
    includeUUID: false,
    includeMessageType: false,
  });
  expect(bare.channels["fetch%3Ab%7Cc"]?.[0]?.uuid).toBeUndefined();
  const acted = await client.fetchMessages({ channels: ["fetch-a"], includeMessageActions: true, count: 100 });
  expect(acted.channels["fetch-a"]).toHaveLength(25);
});

test("[IOP22] messageCounts: one instant for all, and one for each", async () => {
  const [a, b] = [await publishUpTo("count-a", 5), await publishUpTo("count-b", 3)];
  const channels = ["count-a", "count-b", "count-none"];
  const [third = "", last = ""] = [a[2], b[2]];
  expect((await client.messageCounts({ channels, timetoken: third })).channels).toEqual({
    "count-a": 2,
    "count-b": 3,
    "count-none": 0,
  });
  expect((await client.messageCounts({ channels, channelTimetokens: [third, last, "1"] })).channels).toEqual({
    "count-a": 2,
    "count-b": 0,
    "count-none": 0,
  });
  const refused = await failureOf(client.messageCounts({ channels, channelTimetokens: [third, "x", "1"] }));
  expect(refused).toMatchObject({ error: true, statusCode: 400, errorData: { error_message: "Invalid Arguments" } });
});

test("[IOP23] deleteMessages: one message, a range, everything", async () => {
  const tokens = await publishUpTo("delete", 6);
  const token = (message: number): string => tokens[message - 1] ?? "";
  const left = async (): Promise<readonly Json[]> =>
    (await client.history({ channel: "delete" })).messages.map(({ entry }) => entry);
  await client.deleteMessages({ channel: "delete", start: String(BigInt(token(2)) - 1n), end: token(2) });
  expect(await left()).toEqual([1, 3, 4, 5, 6]);
  await client.deleteMessages({ channel: "delete", start: token(3), end: token(5) });
  expect(await left()).toEqual([1, 3, 6]);
  const refused = await failureOf(client.deleteMessages({ channel: "delete", start: "x" }));
  const errorData = { error: true, error_message: "Invalid Arguments: start" };
  expect(refused).toMatchObject({ error: true, statusCode: 400, errorData });
  await client.deleteMessages({ channel: "delete" });
  expect(await left()).toEqual([]);
});
