import { expect, test } from "bun:test";
import fc from "fast-check";
import { clientByHand, until } from "../by-hand.ts";
import { type Told, toldOf } from "../events.ts";
import { readersOf } from "../readers.ts";
import { PubNub } from "../pubnub.ts";

const FILE = { channel: "a", id: "i", name: "n" };
const PHONE = { device: "d", pushGateway: "fcm" } as const;
const CALLS: Readonly<Record<string, (client: PubNub) => Promise<unknown>>> = {
  time: (client) => client.time(),
  publish: (client) => client.publish({ channel: "a", message: 1 }),
  history: (client) => client.history({ channel: "a" }),
  fetchMessages: (client) => client.fetchMessages({ channels: ["a"] }),
  messageCounts: (client) => client.messageCounts({ channels: ["a"], timetoken: "1" }),
  deleteMessages: (client) => client.deleteMessages({ channel: "a" }),
  addMessageAction: (client) =>
    client.addMessageAction({ channel: "a", messageTimetoken: "1", action: { type: "a", value: "b" } }),
  getMessageActions: (client) => client.getMessageActions({ channel: "a" }),
  "hereNow of one": (client) => client.hereNow({ channels: ["a"] }),
  "hereNow of several": (client) => client.hereNow({ channels: ["a", "b"] }),
  whereNow: (client) => client.whereNow(),
  "getState of one": (client) => client.getState({ channels: ["a"] }),
  "getState of several": (client) => client.getState({ channels: ["a", "b"] }),
  setState: (client) => client.setState({ channels: ["a"], state: {} }),
  listChannels: (client) => client.channelGroups.listChannels({ channelGroup: "g" }),
  listGroups: (client) => client.channelGroups.listGroups(),
  getAllUUIDMetadata: (client) => client.objects.getAllUUIDMetadata(),
  getUUIDMetadata: (client) => client.objects.getUUIDMetadata(),
  removeUUIDMetadata: (client) => client.objects.removeUUIDMetadata(),
  getMemberships: (client) => client.objects.getMemberships(),
  listFiles: (client) => client.listFiles({ channel: "a" }),
  deleteFile: (client) => client.deleteFile(FILE),
  sendFile: (client) => client.sendFile({ channel: "a", file: { data: "x", name: "n" } }),
  addChannels: (client) => client.push.addChannels({ ...PHONE, channels: ["a"] }),
  "push.listChannels": (client) => client.push.listChannels(PHONE),
  grantToken: (client) => client.grantToken({ ttl: 1, patterns: { channels: { a: { read: true } } } }),
  revokeToken: (client) => client.revokeToken("t"),
  grant: (client) => client.grant({ read: true }),
};

/** JSON with the members that answers have, and anything in them. */
const { answers } = fc.letrec<{ answers: object; values: unknown }>((tie) => ({
  answers: fc.record(
    Object.fromEntries(
      ["status", "data", "payload", "channels", "a", "uuids", "id", "name", "message", "file", "form_fields"].map(
        (name) => [name, tie("values")],
      ),
    ),
    { requiredKeys: [] },
  ),
  values: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(null, 1, "17326051234567891", "", true),
    fc.array(tie("values"), { maxLength: 3 }),
    tie("answers"),
  ),
}));
const TEXTS = fc.oneof(
  fc.json({ maxDepth: 3 }),
  answers.map((value) => JSON.stringify(value)),
);

for (const [name, call] of Object.entries(CALLS)) {
  test(`[SDK4 SDK23] ${name}: whatever is answered is read, or said to be something else`, async () => {
    await fc.assert(
      fc.asyncProperty(TEXTS, async (text) => {
        const { client, network } = clientByHand({
          secretKey: "sec-key",
          retryConfiguration: PubNub.NoneRetryPolicy(),
        });
        const outcome = call(client).then(
          () => "read",
          (failure: { readonly category?: unknown }) => failure.category,
        );
        await until(() => network.requests.length > 0);
        network.last.answer(text);
        expect(["read", "PNMalformedResponseCategory"]).toContain(String(await outcome));
      }),
      { numRuns: 60 },
    );
  });
}

test("[SDK23] whatever an envelope carries, it is told or ignored", () => {
  const payloads = fc.oneof(
    fc.jsonValue(),
    answers,
    answers.map((data) => ({ source: "objects", version: "2.0", event: "set", type: "membership", data })),
  );
  const kinds = fc.constantFrom(undefined, 0, 1, 2, 3, 4, 5);
  fc.assert(
    fc.property(payloads, kinds, fc.constantFrom("room", "room-pnpres"), (d, e, c) => {
      const p = { t: "17326051234567890", r: 1 };
      const told: Told | undefined = toldOf(
        { a: "1", f: 0, p, k: "s", c, d, ...(e === undefined ? {} : { e }) },
        readersOf(() => ""),
      );
      expect(told === undefined || told.event.channel.startsWith("room")).toBe(true);
    }),
  );
});
