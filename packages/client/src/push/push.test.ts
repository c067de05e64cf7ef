import { expect, test } from "bun:test";
import { type ClientByHand, clientByHand, turn } from "../by-hand.ts";
import { PubNub } from "../index.ts";

type Do = (client: PubNub) => Promise<unknown>;
const COMMON = "uuid=anna&pnsdk=Longwave-TypeScript%2F0.1.0";
const PHONE = { device: "740f/47", pushGateway: "fcm" } as const;
const IPHONE = { device: "740f47", pushGateway: "apns2", topic: "com.example.app" } as const;
const V1 = "/v1/push/sub-key/sub-key/devices/740f%2F47";
const V2 = "/v2/push/sub-key/sub-key/devices-apns2/740f47";
const APP = "environment=development&topic=com.example.app";

interface Row {
  readonly call: Do;
  readonly asks: string;
  readonly answer: string;
  readonly result: object;
}
const CALLS: Readonly<Record<string, Row>> = {
  "channels are added": {
    call: ({ push }) => push.addChannels({ ...PHONE, channels: ["a", "b c"] }),
    asks: `${V1}?type=fcm&add=a%2Cb%20c`,
    answer: '[1,"Modified Channels"]',
    result: {},
  },
  "channels are removed": {
    call: ({ push }) => push.removeChannels({ ...PHONE, pushGateway: "gcm", channels: ["a"] }),
    asks: `${V1}?type=gcm&remove=a`,
    answer: '[1,"Modified Channels"]',
    result: {},
  },
  "channels are listed": {
    call: ({ push }) => push.listChannels({ ...PHONE, pushGateway: "mpns" }),
    asks: `${V1}?type=mpns`,
    answer: '["a","b"]',
    result: { channels: ["a", "b"] },
  },
  "a page of channels": {
    call: ({ push }) => push.listChannels({ ...IPHONE, start: "a b", count: 5_000 }),
    asks: `${V2}?type=apns2&${APP}&start=a%20b&count=1000`,
    answer: "[]",
    result: { channels: [] },
  },
  "a device is deleted": {
    call: ({ push }) => push.deleteDevice({ ...PHONE, pushGateway: "apns" }),
    asks: `${V1}/remove?type=apns`,
    answer: '[1,"Removed Device"]',
    result: {},
  },
  "an app's device gets channels": {
    call: ({ push }) => push.addChannels({ ...IPHONE, environment: "production", channels: ["a"] }),
    asks: `${V2}?type=apns2&environment=production&topic=com.example.app&add=a`,
    answer: '[1,"Modified Channels"]',
    result: {},
  },
  "an app's device is deleted": {
    call: ({ push }) => push.deleteDevice(IPHONE),
    asks: `${V2}/remove?type=apns2&${APP}`,
    answer: '[1,"Removed Device"]',
    result: {},
  },
};

async function answered(call: Do, text: string): Promise<readonly [ClientByHand["network"]["last"], unknown]> {
  const { client, network } = clientByHand();
  const result = call(client).catch((failure: unknown) => failure);
  await turn();
  network.last.answer(text);
  return [network.last, await result];
}

for (const [name, { call, asks, answer, result }] of Object.entries(CALLS)) {
  test(`[SDK64] ${name}`, async () => {
    const [request, got] = await answered(call, answer);
    expect(`${request.method} ${request.url}`).toBe(`GET https://network.test${asks}&${COMMON}`);
    expect(got).toEqual(result);
  });

  test(`[SDK23] ${name}: an answer that is something else is no result`, async () => {
    for (const text of ["", "7", "null", "{}", '[0,"Invalid"]', "[7]"]) {
      const [, failure] = await answered(call, text);
      expect(failure).toMatchObject({ name: "PubNubError", category: "PNMalformedResponseCategory" });
    }
  });
}

test("[SDK4 SDK64] what the network says of a registration is repeated", async () => {
  const { client, network } = clientByHand();
  const call = client.push.listChannels(PHONE).catch((no: unknown) => no);
  network.last.answer('{"error":"Invalid device token"}', 400);
  expect(String(await call)).toContain('answered 400 "Invalid device token"');
});

const REFUSED: Readonly<Record<string, readonly [Do, RegExp]>> = {
  "no device": [({ push }) => push.deleteDevice({ pushGateway: "fcm" } as never), /device is missing/],
  "no gateway": [({ push }) => push.deleteDevice({ device: "a" } as never), /pushGateway is none of apns2, fcm/],
  "no channels": [({ push }) => push.addChannels({ ...PHONE, channels: [] }), /channels is missing or empty/],
  "no topic": [({ push }) => push.deleteDevice({ ...IPHONE, topic: undefined }), /topic is missing/],
  "another environment": [
    ({ push }) => push.deleteDevice({ ...IPHONE, environment: "staging" as never }),
    /environment is none of development, production/,
  ],
  "a topic for Google": [({ push }) => push.deleteDevice({ ...PHONE, topic: "a" }), /of apns2 only/],
  "a count of none": [({ push }) => push.listChannels({ ...PHONE, count: 0 }), /count is 0/],
};
for (const [why, [call, sentence]] of Object.entries(REFUSED)) {
  test(`[SDK27 SDK64] nothing is sent: ${why}`, async () => {
    const { client, network } = clientByHand();
    const failure = await call(client).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "PubNubError", category: "PNValidationErrorCategory" });
    expect(String(failure)).toMatch(sentence);
    expect(network.requests).toEqual([]);
  });
}

test("[SDK65] a notification for each gateway", () => {
  const notification = PubNub.notificationPayload("Chat", "Alice says hi");
  notification.subtitle = "hello";
  notification.badge = 0;
  notification.sound = "default";
  notification.apns.payload = { room: 7 };
  notification.apns.configurations = [
    { targets: [{ topic: "com.example.app" }] },
    {
      targets: [{ topic: "com.example.app", environment: "production", excludedDevices: ["740f"] }],
      collapseId: "chat",
      expirationDate: new Date(0),
    },
  ];
  notification.fcm.data = { room: "7" };
  notification.fcm.excludedDevices = ["token"];
  const aps = {
    alert: { title: "Chat", subtitle: "hello", body: "Alice says hi" },
    badge: 0,
    sound: "default",
  };
  expect(notification.buildPayload(["apns"])).toEqual({ pn_apns: { room: 7, aps } });
  notification.debugging = true;
  expect(notification.buildPayload(["apns2", "fcm"])).toEqual({
    pn_apns: {
      room: 7,
      aps,
      pn_push: [
        {
          version: "v2",
          auth_method: "token",
          push_type: "alert",
          targets: [{ topic: "com.example.app", environment: "development" }],
        },
        {
          version: "v2",
          auth_method: "token",
          push_type: "alert",
          collapse_id: "chat",
          expiration: "1970-01-01T00:00:00.000Z",
          targets: [{ topic: "com.example.app", environment: "production", excluded_devices: ["740f"] }],
        },
      ],
    },
    pn_fcm: {
      notification: { title: "Chat", body: "Alice says hi" },
      data: { room: "7" },
      android: { notification: { sound: "default", notification_count: 0 } },
      pn_exceptions: ["token"],
    },
    pn_debug: true,
  });
});

test("[SDK65] a notification that shows nothing, one of a title alone, and one for nobody", () => {
  const notification = PubNub.notificationPayload();
  notification.sound = "default";
  notification.apns.isSilent = notification.fcm.isSilent = true;
  notification.apns.configurations = [{ targets: [{ topic: "a" }] }];
  notification.fcm.data = { n: "1" };
  const payload = notification.buildPayload(["apns2", "fcm"]);
  expect(payload).toMatchObject({
    pn_apns: { aps: { "content-available": 1 }, pn_push: [{ push_type: "background" }] },
    pn_fcm: { data: { n: "1" } },
  });
  expect(Object.keys(payload["pn_fcm"] as object)).toEqual(["data"]);
  expect(PubNub.notificationPayload("Chat").buildPayload(["apns", "fcm"])).toEqual({
    pn_apns: { aps: { alert: { title: "Chat" } } },
    pn_fcm: { notification: { title: "Chat" } },
  });
  expect(notification.buildPayload([])).toEqual({});
});

test("[SDK65] for an app without a topic no payload is built", () => {
  const notification = PubNub.notificationPayload("Chat", "hi");
  expect(() => notification.buildPayload(["apns2"])).toThrow("apns.configurations names no target");
  notification.apns.configurations = [{ targets: [] }];
  expect(() => notification.buildPayload(["apns2"])).toThrow("No payload was built");
});
