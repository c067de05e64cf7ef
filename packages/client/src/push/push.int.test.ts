import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { PubNub, type PubNubOptions, PubNubError, SubscribeListener } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const clientOf = (options: Partial<PubNubOptions> = {}): PubNub =>
  new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "anna", origin: network.url, ...options });

type Device = Parameters<PubNub["push"]["deleteDevice"]>[0];
const DEVICES: Readonly<Record<string, Device>> = {
  "Google's": { device: "fGx1:APA91b/token_x", pushGateway: "fcm" },
  "Google's by its older name": { device: "0123456789abcdef", pushGateway: "gcm" },
  "Apple's": { device: "0123456789abcdef", pushGateway: "apns2", topic: "com.example.app" },
  "Apple's from a store": {
    device: "0123456789ABCDEF",
    pushGateway: "apns2",
    topic: "com.example.app",
    environment: "production",
  },
  "Apple's in the older way": { device: "0123456789abcdef", pushGateway: "apns" },
  "Microsoft's": { device: "http://phone.example/a b", pushGateway: "mpns" },
};
for (const [whose, device] of Object.entries(DEVICES)) {
  test(`[SDK64] a device of ${whose}: channels added, listed page by page, taken away, and it is forgotten`, async () => {
    const { push } = clientOf();
    const listed = async (page = {}): Promise<readonly string[]> =>
      (await push.listChannels({ ...device, ...page })).channels;
    await push.addChannels({ ...device, channels: ["b", "a", "Grüße&100%", "it's(1)!~+"] });
    expect(await listed()).toEqual(["Grüße&100%", "a", "b", "it's(1)!~+"]);
    expect(await listed({ count: 2 })).toEqual(["Grüße&100%", "a"]);
    expect(await listed({ count: 2, start: "a" })).toEqual(["b", "it's(1)!~+"]);
    await push.removeChannels({ ...device, channels: ["b", "nobody"] });
    expect(await listed({ start: "a" })).toEqual(["it's(1)!~+"]);
    await push.deleteDevice(device);
    expect(await listed()).toEqual([]);
  });
}

test("[SDK64] what is refused is an error with the status", async () => {
  const { push } = clientOf();
  const adding = push.addChannels({ device: "xyz", pushGateway: "apns", channels: ["a"] });
  expect(
    await adding.then(
      () => undefined,
      (error: unknown) => error,
    ),
  ).toBeInstanceOf(PubNubError);
});

test("[SDK65] the network understands a payload that is built for all, and says on -pndebug what it lacks", async () => {
  const client = clientOf();
  const listener = new SubscribeListener();
  const told = Promise.withResolvers<unknown>();
  client.addListener(listener);
  client.addListener({ message: ({ message }) => told.resolve(message) });
  client.subscribe({ channels: ["room-pndebug"] });
  await listener.waitForConnect();
  const notification = PubNub.notificationPayload("Chat", "Alice says hi");
  notification.badge = 1;
  notification.debugging = true;
  notification.apns.configurations = [
    {
      targets: [{ topic: "com.example.app", environment: "production", excludedDevices: ["aabb"] }],
      collapseId: "chat",
      expirationDate: new Date(2_000_000_000_000),
    },
  ];
  const message = { text: "hi", ...notification.buildPayload(["apns", "apns2", "fcm"]) };
  const { timetoken } = await client.publish({ channel: "room", message });
  const problems = ["the keyset has no credentials for Apple", "the keyset has no credentials for Google"];
  expect(await told.promise).toEqual({ timetoken, problems });
  client.destroy();
});
