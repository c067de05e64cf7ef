import { expect, test } from "bun:test";
import { apnsOutcome } from "./apns-outcome.ts";

const NOW = Date.UTC(2026, 10, 26, 1, 2, 3);
const of = (status: number, reason?: string, retryAfter?: string, isAppNamed = true): object =>
  apnsOutcome({ status, body: reason === undefined ? "" : JSON.stringify({ reason }), retryAfter }, isAppNamed, NOW);
const gone = (reason: string): object => ({ kind: "gone", reason, sinceMs: undefined });
const later = (reason: string, afterMs?: number): object => ({ kind: "later", reason, afterMs });

test("apnsOutcome() [PSH62] 200 is sent", () => expect(of(200)).toEqual({ kind: "sent" }));

const GONE: readonly (readonly [number, string])[] = [
  [410, "Unregistered"],
  [410, "ExpiredToken"],
  [400, "BadDeviceToken"],
  [400, "DeviceTokenNotForTopic"],
];
for (const [status, reason] of GONE) {
  test(`apnsOutcome() [PSH64] ${status} ${reason}: the device is gone`, () => {
    expect(of(status, reason)).toEqual(gone(reason));
  });
}

test("apnsOutcome() [PSH64] 410 says since when", () => {
  const body = '{"reason":"Unregistered","timestamp":1732605123456}';
  const outcome = { kind: "gone", reason: "Unregistered", sinceMs: 1_732_605_123_456 };
  expect(apnsOutcome({ status: 410, body, retryAfter: undefined }, false, NOW)).toEqual(outcome as never);
  expect(of(410)).toEqual(gone("status 410"));
});

test("apnsOutcome() [PSH64] an operator's slip about the app removes no device", () => {
  for (const reason of ["BadDeviceToken", "DeviceTokenNotForTopic"]) {
    expect(of(400, reason, undefined, false)).toEqual({ kind: "refused", reason });
  }
  expect(of(410, "Unregistered", undefined, false)).toEqual(gone("Unregistered"));
});

const UNSENDABLE: Readonly<Record<string, number>> = {
  PayloadTooLarge: 413,
  PayloadEmpty: 400,
  BadCollapseId: 400,
  BadExpirationDate: 400,
  BadPriority: 400,
  BadTopic: 400,
  MissingTopic: 400,
  TopicDisallowed: 400,
  InvalidPushType: 400,
  BadPath: 404,
  MethodNotAllowed: 405,
};
for (const [reason, status] of Object.entries(UNSENDABLE)) {
  test(`apnsOutcome() [PSH65] ${status} ${reason}: no device would take it`, () => {
    expect(of(status, reason)).toEqual({ kind: "unsendable", reason });
  });
}

const LATER: readonly (readonly [number, string])[] = [
  [429, "TooManyRequests"],
  [429, "TooManyProviderTokenUpdates"],
  [500, "InternalServerError"],
  [503, "ServiceUnavailable"],
  [503, "Shutdown"],
  [403, "InvalidProviderToken"],
  [403, "MissingProviderToken"],
  [403, "Forbidden"],
  [403, "NewReason"],
];
for (const [status, reason] of LATER) {
  test(`apnsOutcome() [PSH66] ${status} ${reason}: later`, () => {
    expect(of(status, reason)).toEqual(later(reason));
    expect(of(status, reason, "17")).toEqual(later(reason, 17_000));
  });
}

test("apnsOutcome() [PSH66] waits until a date, and for no word that it does not know", () => {
  expect(of(503, "Shutdown", "Thu, 26 Nov 2026 01:02:33 GMT")).toEqual(later("Shutdown", 30_000));
  expect(of(503, "Shutdown", "Thu, 26 Nov 2026 01:00:00 GMT")).toEqual(later("Shutdown", 0));
  expect(of(503, "Shutdown", "soon")).toEqual(later("Shutdown"));
  expect(of(502)).toEqual(later("status 502"));
});

test("apnsOutcome() [PSH63] an old token of ours is renewed", () => {
  expect(of(403, "ExpiredProviderToken")).toEqual({ kind: "renew" });
});

test("apnsOutcome() [PSH66] whatever else it says concerns this device, and is not repeated", () => {
  expect(of(400, "SomethingNew")).toEqual({ kind: "refused", reason: "SomethingNew" });
  expect(of(418)).toEqual({ kind: "refused", reason: "status 418" });
  for (const body of ["", "[]", "null", "{", '{"reason":5}', '{"reason":"a <b> c"}']) {
    const outcome = apnsOutcome({ status: 400, body, retryAfter: undefined }, true, NOW);
    expect(outcome).toEqual({ kind: "refused", reason: "status 400" });
  }
});
