import { expect, test } from "bun:test";
import { ERRORS, type ErrorCode, NetworkError, printErrorBody } from "./errors.ts";
import { LIMITS } from "./limits.ts";

const TIMETOKEN = "17326051234567890";

const BODIES: Partial<Record<ErrorCode, string>> = {
  publishKeyInvalid: `[0,"Invalid Key","${TIMETOKEN}"]`,
  payloadNotJson: `[0,"Invalid JSON","${TIMETOKEN}"]`,
  messageTooLarge: `[0,"Message Too Large","${TIMETOKEN}"]`,
  signalTooLarge: `[0,"Signal size too large","${TIMETOKEN}"]`,
  bodyTooLarge: '[0,"Request Entity Too Large"]',
  subscribeKeyInvalid: '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}',
  requestMalformed: '{"message":"Could Not Parse Request","error":true,"service":"Access Manager","status":400}',
  groupsEmpty:
    '{"message":"Channel group or groups result in empty subscription set","error":true,"service":"Access Manager","status":400}',
  uriTooLong: '{"status":414,"service":"Balancer","error":true,"message":"Request URI Too Long"}',
  tooManyPolls: '{"status":429,"service":"Balancer","error":true,"message":"Too Many Requests"}',
  presencePathUnknown: `{"message":"Not found: '/v2/presence/$&'","error":1,"service":"Presence"}`,
  internal: '{"status":500,"service":"Longwave","error":true,"message":"Internal Error","id":"abc"}',
};
for (const [code, body] of Object.entries(BODIES)) {
  test(`printErrorBody() [ERR1] ${code}`, () => {
    const detail = { timetoken: TIMETOKEN, path: "/v2/presence/$&", id: "abc" };
    expect(printErrorBody(code as ErrorCode, detail)).toBe(body);
  });
}

test("[ERR1] every row has an error status and a body that is JSON", () => {
  for (const [code, row] of Object.entries(ERRORS)) {
    expect(row.status).toBeWithin(400, 600);
    expect(() => JSON.parse(printErrorBody(code as ErrorCode))).not.toThrow();
  }
});

test("[ERR3] an error's text is its row and nothing of the request", () => {
  const error = new NetworkError("presencePathUnknown", { path: "/v2/presence/secret-token" });
  expect(error.message).not.toContain("secret-token");
  expect(error.status).toBe(404);
});

test("[LIM1] every limit is a whole, positive number with its unit in its name", () => {
  const units =
    /(Characters|Channels|Groups|Members|Occupants|Dots|Terms|Filters|Messages|Bytes|Depth|Ms|Seconds|Hours|PerSubscribe|PerKeyset|sequence)(Max|Min)$/;
  for (const [name, value] of Object.entries(LIMITS)) {
    expect(name).toMatch(units);
    expect(Number.isSafeInteger(value) && value > 0).toBe(true);
  }
});
