import { expect, test } from "bun:test";
import type { PushApp } from "../ports/push-store.ts";
import { canonicalToken, isToken } from "./device-token.ts";

const FCM: PushApp = { gateway: "fcm" };
const APNS: PushApp = { gateway: "apns" };
const APNS2: PushApp = { gateway: "apns2", environment: "production", topic: "app" };
const MPNS: PushApp = { gateway: "mpns" };

const TOKENS: readonly (readonly [app: PushApp, token: string, isToken: boolean])[] = [
  [APNS, "0123456789abcdef", true],
  [APNS2, "0123456789abcdef".repeat(4), true],
  [APNS2, "ABCDEF", true],
  [APNS2, "f".repeat(200), true],
  [APNS, "abc", true],
  [APNS, "", false],
  [APNS, "xyz", false],
  [APNS2, "0123 4567", false],
  [APNS2, "0123\n", false],
  [APNS, "f".repeat(4_096), true],
  [APNS, "f".repeat(4_097), false],
  [FCM, "fGx:APA91b-_x%", true],
  [FCM, "0123456789abcdef", true],
  [FCM, "", false],
  [FCM, "a\u0000b", false],
  [FCM, "\ud800", false],
  [FCM, "a".repeat(4_096), true],
  [FCM, "a".repeat(4_097), false],
  [MPNS, "http://db3.notify.example/throttled", true],
];
for (const [app, token, expected] of TOKENS) {
  test(`isToken() [PSH3] ${app.gateway} ${JSON.stringify(token.slice(0, 20))}, ${token.length}: ${expected}`, () => {
    expect(isToken(app, token)).toBe(expected);
  });
}

test("canonicalToken() [PSH3] is lower case where a token is hexadecimal digits, and nowhere else", () => {
  expect(canonicalToken(APNS, "AbC")).toBe("abc");
  expect(canonicalToken(APNS2, "AbC")).toBe("abc");
  expect(canonicalToken(FCM, "AbC")).toBe("AbC");
  expect(canonicalToken(MPNS, "AbC")).toBe("AbC");
});
