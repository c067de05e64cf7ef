import { expect, test } from "bun:test";
import { WireNetwork } from "./wire-network.ts";

const POST = { method: "POST", body: "1" };
// One for each route and form that answers JSON; a new route adds its own.
const SUCCESSES: readonly (readonly [target: string, init?: RequestInit])[] = [
  ["/time/0"],
  ["/publish/demo/demo/0/room/0/1"],
  ["/publish/demo/demo/0/room/0/%7B%22status%22%3A500%7D"],
  ["/publish/demo/demo/0/room/0", POST],
  ["/v2/publish/demo/demo/0/room/0", POST],
  ["/signal/demo/demo/0/room/0/1"],
  ["/v2/subscribe/demo/room/0"],
  ["/v2/subscribe/demo/room/0?tt=1"],
  ["/subscribe/demo/room/0/0"],
  ["/subscribe/demo/room/0/1"],
  ["/v2/objects/demo/uuids/u", { method: "PATCH", body: "{}" }],
  ["/v2/objects/demo/uuids/u"],
  ["/v2/objects/demo/uuids"],
  ["/v2/objects/demo/channels/c", { method: "PATCH", body: "{}" }],
  ["/v2/objects/demo/channels/c"],
  ["/v2/objects/demo/channels"],
  ["/v2/objects/demo/uuids/u/channels", { method: "PATCH", body: "{}" }],
  ["/v2/objects/demo/uuids/u/channels"],
  ["/v2/objects/demo/channels/c/uuids", { method: "PATCH", body: "{}" }],
  ["/v2/objects/demo/channels/c/uuids"],
  ["/v2/objects/demo/uuids/u", { method: "DELETE" }],
  ["/v2/objects/demo/channels/c", { method: "DELETE" }],
  ["/v1/push/sub-key/demo/devices/t?type=fcm&add=a"],
  ["/v1/push/sub-key/demo/devices/t?type=fcm"],
  ["/v1/push/sub-key/demo/devices/t/remove?type=fcm"],
  ["/v2/push/sub-key/demo/devices-apns2/ab?topic=t&add=a"],
  ["/v2/push/sub-key/demo/devices-apns2/ab?topic=t"],
  ["/v2/push/sub-key/demo/devices-apns2/ab/remove?topic=t"],
  ["/health"],
  ["/ready"],
];

test("[WIRE11 WIRE12] successful bodies are JSON by their type, and none is an object with the status of an error", async () => {
  await using network = await WireNetwork.start();
  for (const [target, init] of SUCCESSES) {
    const response = await fetch(network.url(target), init);
    expect([target, response.status]).toEqual([target, 200]);
    expect(response.headers.get("Content-Type")).toMatch(/javascript|json/);
    const { status } = (await response.json()) as { readonly status?: unknown };
    expect(typeof status === "number" && status >= 400).toBe(false);
  }
});

test("[WIRE5] the time is an array with one number of 17 digits", async () => {
  await using network = await WireNetwork.start();
  expect(await network.ask("/time/0")).toMatchObject({ status: 200, body: `[${network.now}]` });
  network.clock.advance(1);
  expect((await network.ask("/time/0")).body).toBe(`[${network.now}]`);
});
