import { expect, test } from "bun:test";
import { ERRORS, type ErrorCode, printErrorBody, statusOf } from "./errors.ts";
import { NetworkError } from "./network-error.ts";
import { LIMITS } from "./limits.ts";

const TIMETOKEN = "17326051234567890";

const BODIES: Partial<Record<ErrorCode, string>> = {
  publishKeyInvalid: `[0,"Invalid Key","${TIMETOKEN}"]`,
  payloadNotJson: `[0,"Invalid JSON","${TIMETOKEN}"]`,
  messageTooLarge: `[0,"Message Too Large","${TIMETOKEN}"]`,
  signalTooLarge: `[0,"Signal size too large","${TIMETOKEN}"]`,
  publishIdTaken: `[0,"Idempotency Id Already Used: lw_id stands for another message","${TIMETOKEN}"]`,
  bodyTooLarge: '[0,"Request Entity Too Large"]',
  subscribeKeyInvalid: '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}',
  requestMalformed: '{"message":"Could Not Parse Request","error":true,"service":"Access Manager","status":400}',
  historyArgumentMalformed: '{"status":400,"error":true,"error_message":"Invalid Arguments: start"}',
  historyBatchArgumentMalformed: '{"status":400,"error":true,"error_message":"Invalid Arguments: start","channels":{}}',
  messageCountsMalformed: '{"status":400,"error":true,"error_message":"Invalid Arguments","channels":{}}',
  groupsEmpty:
    '{"message":"Channel group or groups result in empty subscription set","error":true,"service":"Access Manager","status":400}',
  actionDuplicate: '{"status":409,"error":{"source":"actions","message":"Action Already Added"}}',
  actionMalformed:
    '{"status":400,"error":{"source":"actions","message":"Request payload contained invalid input.",' +
    '"details":[{"message":"Missing field","location":"value","locationType":"body"}]}}',
  filesChannelMalformed:
    '{"status":400,"error":{"source":"Files","message":"[channel] contains invalid characters","code":3001}}',
  filesOff: '{"status":402,"error":{"message":"Files service not enabled for subkey","source":"Files","code":3005}}',
  uploadExpired:
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: ' +
    "Policy expired.</Message><RequestId>0</RequestId><HostId>longwave</HostId></Error>",
  pushTokenInvalid: '{"error":"Invalid device token"}',
  uriTooLong: '{"status":414,"service":"Balancer","error":true,"message":"Request URI Too Long"}',
  tooManyPolls: '{"status":429,"service":"Balancer","error":true,"message":"Too Many Requests"}',
  groupInputReserved:
    '{"status":400,"message":"Reserved character in input parameters.","service":"channel-registry","error":true}',
  groupCountExceeded:
    '{"status":400,"message":"Maximum channel group count exceeded.","service":"channel-registry","error":true}',
  presencePathUnknown: `{"message":"Not found: '/v2/presence/$&'","error":1,"service":"Presence"}`,
  accessDenied:
    '{"message":"Forbidden","payload":{"channels":["a","b"],"channel-groups":[":g","ns:h"]},"error":true,"service":"Access Manager","status":403}\n',
  signatureWrong: '{"message":"Signature Does Not Match","error":true,"service":"Access Manager","status":403}',
  tokenRevoked: '{"error":true,"status":403,"service":"Access Manager","message":"Token is revoked"}',
  grantTtlInvalid:
    '{"error":{"message":"Invalid ttl","source":"grant","details":[{"message":"Range should be 1 to 43200 minute(s).",' +
    '"location":"ttl","locationType":"body"}]},"service":"Access Manager","status":400}',
  revokeExpired:
    '{"error":{"details":[{"location":"token","locationType":"path","message":"Token is expired."}],' +
    '"message":"Invalid token","source":"revoke"},"service":"Access Manager","status":400}',
  accessDeniedActions:
    '{"status":403,"error":{"source":"actions","message":"Supplied authorization key does not have the permissions required ' +
    'to perform this operation."}}',
  internal: '{"status":500,"service":"Longwave","error":true,"message":"Internal Error","id":"abc"}',
};
const MISSING_VALUE = [{ message: "Missing field", location: "value", locationType: "body" }] as const;
for (const [code, body] of Object.entries(BODIES)) {
  test(`printErrorBody() [ERR1] ${code}`, () => {
    const detail = { timetoken: TIMETOKEN, path: "/v2/presence/$&", id: "abc", argument: "start" };
    const fields = code === "actionMalformed" ? MISSING_VALUE : undefined;
    const denied = code === "accessDenied" ? { channels: ["a", "b"], groups: ["g", "ns:h"] } : undefined;
    expect(printErrorBody(code as ErrorCode, { ...detail, fields, denied })).toBe(body);
  });
}

test("[ERR1] every row has an error status and a body that is JSON, or XML where stores answer so", () => {
  for (const [code, row] of Object.entries(ERRORS)) {
    expect(row.status).toBeWithin(400, 600);
    const body = printErrorBody(code as ErrorCode);
    if (row.form === "storage") expect(body).toContain(`<Message>${row.message}</Message>`);
    else expect(() => JSON.parse(body)).not.toThrow();
  }
});

test("[ERR3] an error's text is its row and nothing of the request", () => {
  const error = new NetworkError("presencePathUnknown", { path: "/v2/presence/secret-token" });
  expect(error.message).not.toContain("secret-token");
  expect(statusOf(error)).toBe(404);
});

test("[LIM1] every limit is a whole, positive number with its unit in its name", () => {
  const units =
    /(Addresses|Networks|PerSecond|PerUuid|Characters|Ids|Channels|Actions|Dots|Terms|Filters|Patterns|Instructions|Tokens|PerRequest|keysets|Entries|Minutes|Messages|Groups|Members|Occupants|Bytes|Depth|Ms|Seconds|Hours|Frames|PerAnswer|PerSubscribe|PerKeyset|PerGroup|PerGroupChange|PerMessage|PerPage|PerListing|PerCount|PerChange|PerUser|Records|Fields|Files|Devices|Connections|PerSweep|sequence)(Max|Min)$/;
  for (const [name, value] of Object.entries(LIMITS)) {
    expect(name).toMatch(units);
    expect(Number.isSafeInteger(value) && value > 0).toBe(true);
  }
});
