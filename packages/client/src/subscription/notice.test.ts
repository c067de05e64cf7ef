import { expect, test } from "bun:test";
import { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES, type StatusCategory } from "../status.ts";
import { type Notice, statusOf } from "./notice.ts";

const MIX = { channels: ["a"], groups: ["g"], timetoken: "17000000000000005" };
const errorOf = (category: StatusCategory, status?: number): PubNubError =>
  new PubNubError("It failed.", { category, operation: "PNSubscribeOperation", status });

const trouble = (category: StatusCategory, wasConnected: boolean) => ({
  error: errorOf(category),
  wasConnected,
  ...MIX,
});
const { networkIssues, timeout, accessDenied, badRequest, serverError, unknown } = STATUS_CATEGORIES;

type Row = readonly [notice: Notice, classic: string | undefined, engine: string | undefined];
const ROWS: Readonly<Record<string, Row>> = {
  "a first connection": [{ kind: "connected", ...MIX }, "Connected", "Connected"],
  "another mix": [{ kind: "changed", ...MIX }, "Connected", "SubscriptionChanged"],
  "a network that is back": [{ kind: "reconnected", ...MIX }, "Reconnected", undefined],
  "messages that are gone": [{ kind: "missed", gaps: [], ...MIX }, "MessagesMissed", "MessagesMissed"],
  "an end": [{ kind: "disconnected", wasConnected: true, ...MIX }, "Disconnected", "Disconnected"],
  "an end before it began": [{ kind: "disconnected", wasConnected: false, ...MIX }, "Disconnected", undefined],
  "a lost network": [{ kind: "lost", ...trouble(networkIssues, true) }, "UnexpectedDisconnect", undefined],
  "a network that is not there": [{ kind: "lost", ...trouble(networkIssues, false) }, "NetworkIssues", undefined],
  "a network that does not answer": [{ kind: "lost", ...trouble(timeout, true) }, "Timeout", undefined],
  "a broken network": [{ kind: "lost", ...trouble(serverError, true) }, "Unknown", undefined],
  "no permission": [{ kind: "refused", ...trouble(accessDenied, true) }, "AccessDenied", "DisconnectedUnexpectedly"],
  "no permission from the beginning": [
    { kind: "refused", ...trouble(accessDenied, false) },
    "AccessDenied",
    "ConnectionError",
  ],
  "a bad request": [{ kind: "refused", ...trouble(badRequest, false) }, "BadRequest", "ConnectionError"],
  "another refusal": [{ kind: "refused", ...trouble(unknown, false) }, "Unknown", "ConnectionError"],
  "the end of the attempts": [
    { kind: "gaveUp", attempts: 4, ...trouble(networkIssues, true) },
    "Disconnected",
    "DisconnectedUnexpectedly",
  ],
  "the end of attempts that never succeeded": [
    { kind: "gaveUp", attempts: 4, ...trouble(networkIssues, false) },
    "Disconnected",
    "ConnectionError",
  ],
  "no attempt at all": [
    { kind: "gaveUp", attempts: 1, ...trouble(networkIssues, true) },
    undefined,
    "DisconnectedUnexpectedly",
  ],
};
for (const [name, [notice, classic, engine]] of Object.entries(ROWS)) {
  test(`[SDK40] ${name}: ${classic} in the classic vocabulary, ${engine} in the other`, () => {
    const categoryOf = (status: ReturnType<typeof statusOf>): string | undefined => status?.category.slice(2, -8);
    expect([statusOf(notice, "classic"), statusOf(notice, "engine")].map(categoryOf)).toEqual([classic, engine]);
  });
}

test("[SDK14 SDK40] a status carries its error, its HTTP status, its names and the cursor", () => {
  const error = errorOf(accessDenied, 403);
  expect(statusOf({ kind: "refused", error, wasConnected: true, ...MIX }, "classic")).toEqual({
    category: "PNAccessDeniedCategory",
    operation: "PNSubscribeOperation",
    error: true,
    errorData: error,
    statusCode: 403,
    affectedChannels: ["a"],
    affectedChannelGroups: ["g"],
    currentTimetoken: "17000000000000005",
  });
});

test("[SDK42] a status of missed messages names their channels and ranges", () => {
  const gaps = [{ channel: "a", from: "17000000000000001", to: "17000000000000004" }];
  expect(statusOf({ kind: "missed", gaps, ...MIX }, "engine")).toMatchObject({ error: true, gaps });
});
