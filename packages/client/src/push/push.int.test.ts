import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { type DeviceParameters, PubNub, SubscribeListener } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const clientOf = (): PubNub =>
  new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "anna", origin: network.url });

const DEVICES: Readonly<Record<string, DeviceParameters>> = {
  "an app of Apple's": { device: "740F4707bebcf74f", pushGateway: "apns2", topic: "com.example.app" },
  "the same app from a store": {
    device: "740f4707bebcf74f",
    pushGateway: "apns2",
    topic: "com.example.app",
    environment: "production",
  },
  "Google's": { device: "to:ken/ü", pushGateway: "fcm" },
  "Google's by its older name": { device: "older", pushGateway: "gcm" },
  "Apple's in the older way": { device: "740f47", pushGateway: "apns" },
};
for (const [what, device] of Object.entries(DEVICES)) {
  test(`[SDK64] a device of ${what} gets channels, lists them, loses them and is forgotten`, async () => {
    const { push } = clientOf();
    expect(await push.addChannels({ ...device, channels: ["b", "a-ü", "c"] })).toEqual({});
    expect(await push.removeChannels({ ...device, channels: ["c", "nobody-knows"] })).toEqual({});
    expect(await push.listChannels(device)).toEqual({ channels: ["a-ü", "b"] });
    expect(await push.listChannels({ ...device, start: "a-ü", count: 1 })).toEqual({ channels: ["b"] });
    expect(await push.deleteDevice(device)).toEqual({});
    expect(await push.listChannels(device)).toEqual({ channels: [] });
  });
}

test("[SDK64] what the network refuses is said in its words", async () => {
  const { push } = clientOf();
  const failure: unknown = await push
    .addChannels({ device: "no hexadecimals", pushGateway: "apns", channels: ["a"] })
    .catch((no: unknown) => no);
  expect(failure).toMatchObject({ status: 400, operation: "PNAddPushNotificationEnabledChannelsOperation" });
  expect(String(failure)).toContain("Invalid device token");
});

test("[SDK65] the network finds nothing wrong with what is built, shown or silent", async () => {
  const client = clientOf();
  const listener = new SubscribeListener();
  client.addListener(listener);
  client.subscribe({ channels: ["told-pndebug"] });
  await listener.waitForConnect();
  const notification = PubNub.notificationPayload("Chat", "Alice says hi");
  notification.debugging = true;
  notification.subtitle = "hello";
  notification.badge = 1;
  notification.sound = "default";
  const targets = [{ topic: "com.example.app", environment: "production", excludedDevices: ["740f"] }] as const;
  const expirationDate = new Date("2100-01-01");
  notification.apns.configurations = [{ targets, collapseId: "chat", expirationDate }];
  notification.fcm.data = { room: "7" };
  notification.fcm.excludedDevices = ["token"];
  for (const isSilent of [false, true]) {
    notification.apns.isSilent = notification.fcm.isSilent = isSilent;
    const payload = notification.buildPayload(["apns", "apns2", "fcm"]);
    const { timetoken } = await client.publish({ channel: "told", message: { text: "hi", ...payload } });
    // This keyset cannot send anything, so that is all that there is to say.
    const problems = ["Apple", "Google"].map((provider) => `the keyset has no credentials for ${provider}`);
    expect((await listener.waitForMessageOn(["told-pndebug"])).message).toEqual({ timetoken, problems });
  }
  client.destroy();
});
