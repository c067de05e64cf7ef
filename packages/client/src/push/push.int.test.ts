import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { type DeviceParameters, PubNub } from "../index.ts";

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
