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
  actionDuplicate: '{"status":409,"error":{"source":"actions","message":"Action Already Added"}}',
  actionMalformed:
    '{"status":400,"error":{"source":"actions","message":"Request payload contained invalid input.",' +
    '"details":[{"message":"Missing field","location":"value","locationType":"body"}]}}',
  uriTooLong: '{"status":414,"service":"Balancer","error":true,"message":"Request URI Too Long"}',
  tooManyPolls: '{"status":429,"service":"Balancer","error":true,"message":"Too Many Requests"}',
  groupInputReserved:
    '{"status":400,"message":"Reserved character in input parameters.","service":"channel-registry","error":true}',
  groupCountExceeded:
    '{"status":400,"message":"Maximum channel group count exceeded.","service":"channel-registry","error":true}',
  presencePathUnknown: `{"message":"Not found: '/v2/presence/$&'","error":1,"service":"Presence"}`,
  internal: '{"status":500,"service":"Longwave","error":true,"message":"Internal Error","id":"abc"}',
};
const MISSING_VALUE = [{ message: "Missing field", location: "value", locationType: "body" }] as const;
for (const [code, body] of Object.entries(BODIES)) {
  test(`printErrorBody() [ERR1] ${code}`, () => {
    const detail = { timetoken: TIMETOKEN, path: "/v2/presence/$&", id: "abc" };
    const fields = code === "actionMalformed" ? MISSING_VALUE : undefined;
    expect(printErrorBody(code as ErrorCode, { ...detail, fields })).toBe(body);
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
    /(Characters|Dots|Terms|Filters|Messages|Groups|Members|Bytes|Depth|Ms|Seconds|Hours|Frames|PerAnswer|PerSubscribe|PerKeyset|PerGroup|PerGroupChange|PerMessage|PerPage|PerListing|PerCount|PerChange|PerUser|Fields|Records|sequence)(Max|Min)$/;
  for (const [name, value] of Object.entries(LIMITS)) {
    expect(name).toMatch(units);
    expect(Number.isSafeInteger(value) && value > 0).toBe(true);
  }
});
