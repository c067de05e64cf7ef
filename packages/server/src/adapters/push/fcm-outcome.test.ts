import { expect, test } from "bun:test";
import { fcmOutcome } from "./fcm-outcome.ts";

const NOW = Date.UTC(2026, 10, 26, 1, 2, 3);

interface Given {
  readonly code?: string;
  readonly grpc?: string;
  readonly message?: string;
  readonly fields?: readonly string[];
  readonly retryAfter?: string;
}

function of(status: number, { code, grpc, message = "m", fields, retryAfter }: Given = {}): object {
  const details = [
    ...(code === undefined
      ? []
      : [{ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode: code }]),
    ...(fields === undefined
      ? []
      : [
          {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            fieldViolations: fields.map((field) => ({ field, description: "wrong" })),
          },
        ]),
  ];
  const body = JSON.stringify({ error: { code: status, message, status: grpc, details } });
  return fcmOutcome({ status, body, retryAfter }, NOW);
}
const gone = (reason: string): object => ({ kind: "gone", reason, sinceMs: undefined });
const later = (reason: string, afterMs?: number): object => ({ kind: "later", reason, afterMs });

test("fcmOutcome() [PSH62] 200 is sent", () => {
  const body = '{"name":"projects/p/messages/1"}';
  expect(fcmOutcome({ status: 200, body, retryAfter: undefined }, NOW)).toEqual({ kind: "sent" });
});

test("fcmOutcome() [PSH64] a device that is gone, and a token that is none", () => {
  expect(of(404, { code: "UNREGISTERED", grpc: "NOT_FOUND" })).toEqual(gone("UNREGISTERED"));
  const invalid = { code: "INVALID_ARGUMENT", grpc: "INVALID_ARGUMENT" };
  expect(of(400, { ...invalid, fields: ["message.token"] })).toEqual(gone("INVALID_ARGUMENT"));
  const message = "The registration token is not a valid FCM registration token";
  expect(of(400, { ...invalid, message })).toEqual(gone("INVALID_ARGUMENT"));
});

test("fcmOutcome() [PSH65] what is sent is wrong", () => {
  const reason = "INVALID_ARGUMENT";
  const unsendable = { kind: "unsendable", reason };
  expect(of(400, { code: reason, fields: ["message.data[0].value"] })).toEqual(unsendable);
  expect(of(400, { grpc: reason, fields: ["message"] })).toEqual(unsendable);
  expect(of(400, { grpc: reason, fields: ["message.token", "message.android"] })).toEqual(unsendable);
  expect(of(404, { grpc: "NOT_FOUND" })).toEqual({ kind: "unsendable", reason: "NOT_FOUND" }); // no such project
});

const LATER: readonly (readonly [number, Given, string])[] = [
  [429, { code: "QUOTA_EXCEEDED", grpc: "RESOURCE_EXHAUSTED" }, "QUOTA_EXCEEDED"],
  [503, { code: "UNAVAILABLE", grpc: "UNAVAILABLE" }, "UNAVAILABLE"],
  [500, { code: "INTERNAL", grpc: "INTERNAL" }, "INTERNAL"],
  [500, { code: "UNSPECIFIED_ERROR", grpc: "UNKNOWN" }, "UNKNOWN"],
  [403, { grpc: "PERMISSION_DENIED" }, "PERMISSION_DENIED"],
  [502, {}, "status 502"],
];
for (const [status, given, reason] of LATER) {
  test(`fcmOutcome() [PSH66] ${status} ${reason}: later`, () => {
    expect(of(status, given)).toEqual(later(reason));
    expect(of(status, { ...given, retryAfter: "30" })).toEqual(later(reason, 30_000));
  });
}

test("fcmOutcome() [PSH63] an access token that has grown old is renewed", () => {
  expect(of(401, { grpc: "UNAUTHENTICATED" })).toEqual({ kind: "renew" });
});

test("fcmOutcome() [PSH66] whatever else it says concerns this device", () => {
  for (const code of ["SENDER_ID_MISMATCH", "INVALID_ARGUMENT"]) {
    expect(of(code === "INVALID_ARGUMENT" ? 400 : 403, { code })).toEqual({ kind: "refused", reason: code });
  }
  expect(of(401, { code: "THIRD_PARTY_AUTH_ERROR", grpc: "UNAUTHENTICATED" })).toEqual({
    kind: "refused",
    reason: "THIRD_PARTY_AUTH_ERROR",
  });
  for (const body of ["", "<html>", "[]", '{"error":1}', '{"error":{"status":"a b"}}', '{"error":{"details":[1]}}']) {
    const outcome = fcmOutcome({ status: 418, body, retryAfter: undefined }, NOW);
    expect(outcome).toEqual({ kind: "refused", reason: "status 418" });
  }
});
