import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { type PubNubClient, createClient, failureOf, notificationPayload } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

type Device = Parameters<PubNubClient["push"]["deleteDevice"]>[0];

const DEVICES: Readonly<Record<string, Device>> = {
  "v1, fcm": { device: "fGx1:APA91b-token_x", pushGateway: "fcm" },
  "v1, gcm": { device: "0123456789abcdef", pushGateway: "gcm" },
  "v2, in the client's own environment": { device: "0123456789abcdef", pushGateway: "apns2", topic: "com.example.app" },
  "v2, in production": {
    device: "0123456789abcdef".repeat(4),
    pushGateway: "apns2",
    topic: "com.example.app",
    environment: "production",
  },
};

for (const [what, device] of Object.entries(DEVICES)) {
  test(`[IOP19] the client manages a device's channels, ${what}`, async () => {
    using client = createClient(network.url);
    const { push } = client;
    const listed = async (): Promise<readonly string[]> => (await push.listChannels(device)).channels;
    expect(await listed()).toEqual([]);
    await push.addChannels({ ...device, channels: ["b", "a", "Grüße&100%", "it's(1)!~+"] });
    await push.addChannels({ ...device, channels: ["a", "c"] });
    expect(await listed()).toEqual(["Grüße&100%", "a", "b", "c", "it's(1)!~+"]);
    await push.removeChannels({ ...device, channels: ["b", "Grüße&100%", "nobody"] });
    expect(await listed()).toEqual(["a", "c", "it's(1)!~+"]);
    await push.deleteDevice(device);
    expect(await listed()).toEqual([]);
    await push.deleteDevice(device);
  });
}

test("[IOP19] a device that the client removes in one environment stays in the other", async () => {
  using client = createClient(network.url);
  const { push } = client;
  const device = { device: "aabb", pushGateway: "apns2", topic: "com.example.app" } as const;
  const production = { ...device, environment: "production" } as const;
  await push.addChannels({ ...device, channels: ["a"] });
  await push.addChannels({ ...production, channels: ["b"] });
  await push.deleteDevice(device);
  expect((await push.listChannels(device)).channels).toEqual([]);
  expect((await push.listChannels(production)).channels).toEqual(["b"]);
});

test("[IOP19] what is refused the client reports with our body", async () => {
  using client = createClient(network.url);
  const apple = { device: "no hexadecimal digits", pushGateway: "apns2", topic: "com.example.app" } as const;
  const refused = await failureOf(client.push.addChannels({ ...apple, channels: ["a"] }));
  expect(refused).toMatchObject({ error: true, statusCode: 400 });
  expect(JSON.stringify(refused.errorData)).toContain("Invalid device token");
  await client.push.removeChannels({ ...apple, channels: ["a"] });
});

test("[IOP19] a message with the payload that the client builds is published, and tells on -pndebug what it lacks", async () => {
  using client = createClient(network.url);
  using reader = createClient(network.url, { userId: "reader" });
  const told = Promise.withResolvers<unknown>();
  const ready = Promise.withResolvers<void>();
  reader.addListener({
    message: ({ message }) => told.resolve(message),
    status: ({ category }) => category === "PNConnectedCategory" && ready.resolve(),
  });
  reader.subscribe({ channels: ["room-pndebug"] });
  await ready.promise;
  const payload = notificationPayload("Chat", "hello");
  payload.sound = "default";
  payload.badge = 1;
  payload.debugging = true;
  payload.apns.configurations = [
    {
      collapseId: "c",
      expirationDate: new Date(2_000_000_000_000),
      targets: [{ topic: "com.example.app", environment: "production", excludedDevices: ["aabb"] }],
    },
  ];
  const message = { text: "hello", ...payload.buildPayload(["apns2", "fcm"]) };
  const { timetoken } = await client.publish({ channel: "room", message });
  expect(timetoken).toMatch(/^\d{17}$/);
  // The demo keyset has no credentials; everything else about the payload is understood.
  const problems = ["the keyset has no credentials for Apple", "the keyset has no credentials for Google"];
  expect(await told.promise).toEqual({ timetoken, problems });
});
