/**
 * What Apple's answer means.
 *
 * Apple documents a status and a reason for everything that it refuses. Pure. Rules: spec/PUSH.md PSH62, PSH64-PSH66.
 *
 * @module
 */
import type { SendOutcome } from "../../ports/push-gateway.ts";
import { parseObject } from "./provider-json.ts";
import { retryAfterMs } from "./retry-after.ts";

/** An answer as it came. */
export interface ProviderAnswer {
  readonly status: number;
  /** Whatever it says. */
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** What came of a letter, or that our own token has grown old and the letter is to be sent again with a new one. */
export type ApnsOutcome = SendOutcome | { readonly kind: "renew" };

type Kind = "gone" | "wrongApp" | "unsendable" | "later" | "renew";

const BY_REASON: Readonly<Record<string, Kind>> = {
  Unregistered: "gone",
  ExpiredToken: "gone",
  BadDeviceToken: "wrongApp",
  DeviceTokenNotForTopic: "wrongApp",
  BadCollapseId: "unsendable",
  BadExpirationDate: "unsendable",
  BadMessageId: "unsendable",
  BadPath: "unsendable",
  BadPriority: "unsendable",
  BadTopic: "unsendable",
  DuplicateHeaders: "unsendable",
  InvalidPushType: "unsendable",
  MethodNotAllowed: "unsendable",
  MissingTopic: "unsendable",
  PayloadEmpty: "unsendable",
  PayloadTooLarge: "unsendable",
  TopicDisallowed: "unsendable",
  IdleTimeout: "later",
  // What an operator can set right while the notification waits.
  BadEnvironmentKeyIdInToken: "later",
  Forbidden: "later",
  InvalidProviderToken: "later",
  MissingProviderToken: "later",
  TooManyProviderTokenUpdates: "later",
  UnrelatedKeyIdInToken: "later",
  ExpiredProviderToken: "renew",
};

/**
 * Reads an answer.
 *
 * @param isAppNamed whether the device said itself which app it belongs to: then a token that is no such app's is no device.
 *   Where the operator has said it for all devices, a slip of theirs must not remove them.
 * @param nowMs in milliseconds since the Unix epoch, for a time that the answer names.
 */
export function apnsOutcome(
  { status, body, retryAfter }: ProviderAnswer,
  isAppNamed: boolean,
  nowMs: number,
): ApnsOutcome {
  if (status === 200) return { kind: "sent" };
  const { reason: named, timestamp } = parseObject(body);
  const reason = typeof named === "string" && /^\w{1,64}$/.test(named) ? named : `status ${status}`;
  switch (kindOf(status, reason)) {
    case "gone":
      return { kind: "gone", reason, sinceMs: typeof timestamp === "number" ? timestamp : undefined };
    case "wrongApp":
      return isAppNamed ? { kind: "gone", reason, sinceMs: undefined } : { kind: "refused", reason };
    case "unsendable":
      return { kind: "unsendable", reason };
    case "later":
      return { kind: "later", reason, afterMs: retryAfterMs(retryAfter, nowMs) };
    case "renew":
      return { kind: "renew" };
    case undefined:
      return { kind: "refused", reason };
  }
}

function kindOf(status: number, reason: string): Kind | undefined {
  if (Object.hasOwn(BY_REASON, reason)) return BY_REASON[reason];
  if (status === 410) return "gone";
  return status === 403 || status === 429 || status >= 500 ? "later" : undefined;
}
