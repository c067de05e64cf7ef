import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { WireNetwork, answered, plainEnvelope } from "./wire-network.ts";

const ROOM = "/publish/demo/demo/0/room/0";
const post = (body: string): RequestInit => ({ method: "POST", body });
const jsonOfBytes = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));

test("[PUB2] the large form carries 2 MiB, meta included, and not one byte more", async () => {
  await using network = await WireNetwork.start();
  const payload = jsonOfBytes(LIMITS.largeMessageBytesMax);
  const timetoken = await network.sent(`/v2${ROOM}`, post(payload));
  expect(await network.poll("room", "tt=1")).toEqual(answered(timetoken, plainEnvelope(timetoken, payload)));
  const refused = { status: 413, body: '[0,"Request Entity Too Large"]' };
  const larger = jsonOfBytes(LIMITS.largeMessageBytesMax + 1);
  expect(await network.ask(`/v2${ROOM}`, post(larger))).toEqual(refused);
  expect(await network.ask(`/v2${ROOM}?meta=1`, post(payload))).toEqual(refused);
});

const SIZES: readonly (readonly [what: string, payload: string, meta: string, accepted: boolean])[] = [
  ["32,768 bytes", jsonOfBytes(32_768), "", true],
  ["32,769 bytes", jsonOfBytes(32_769), "", false],
  ["32,768 bytes in two-byte characters", JSON.stringify("é".repeat(16_383)), "", true],
  ["32,770 bytes in two-byte characters", JSON.stringify("é".repeat(16_384)), "", false],
  ["32,766 bytes in four-byte characters", JSON.stringify("😀".repeat(8_191)), "", true],
  ["32,770 bytes in four-byte characters", JSON.stringify("😀".repeat(8_192)), "", false],
  ["32,768 bytes after whitespace is gone", `[ ${jsonOfBytes(32_766)} ] ${" ".repeat(10_000)}`, "", true],
  ["32,761 bytes with 7 of meta", jsonOfBytes(32_761), '{ "a" : 1 }', true],
  ["32,762 bytes with 7 of meta", jsonOfBytes(32_762), '{ "a" : 1 }', false],
];

for (const [what, payload, meta, accepted] of SIZES) {
  test(`[PUB4 JSN4] ${what}: ${accepted ? "accepted" : "too large"}`, async () => {
    await using network = await WireNetwork.start();
    const target = `${ROOM}?meta=${encodeURIComponent(meta)}`;
    if (accepted) await network.sent(target, post(payload));
    else {
      const body = `[0,"Message Too Large","${network.now}"]`;
      expect(await network.ask(target, post(payload))).toEqual({ status: 400, body });
    }
  });
}

test("[PUB4 EDG12] by GET 30 KiB arrive, and 33 KiB are a request target too long", async () => {
  await using network = await WireNetwork.start();
  await network.publish("room", jsonOfBytes(30 * 1_024));
  const body = '{"status":414,"service":"Balancer","error":true,"message":"Request URI Too Long"}';
  const target = `${ROOM}/${encodeURIComponent(jsonOfBytes(33 * 1_024))}`;
  expect(await network.ask(target)).toEqual({ status: 414, body });
});

const SIGNAL_SIZES: readonly (readonly [what: string, payload: string, accepted: boolean])[] = [
  ["64 bytes", jsonOfBytes(64), true],
  ["65 bytes", jsonOfBytes(65), false],
  ["64 bytes after whitespace is gone", ` [ ${jsonOfBytes(62)} ] `, true],
  ["64 bytes in two-byte characters", JSON.stringify("é".repeat(31)), true],
  ["66 bytes in two-byte characters", JSON.stringify("é".repeat(32)), false],
];

for (const [what, payload, accepted] of SIGNAL_SIZES) {
  test(`[PUB14 JSN4] a signal of ${what}: ${accepted ? "accepted" : "too large"}`, async () => {
    await using network = await WireNetwork.start();
    const target = `/signal/demo/demo/0/room/0/${encodeURIComponent(payload)}`;
    if (accepted) await network.sent(target);
    else {
      const body = `[0,"Signal size too large","${network.now}"]`;
      expect(await network.ask(target)).toEqual({ status: 400, body });
    }
  });
}
