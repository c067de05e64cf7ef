/**
 * What the answer of Google's FCM means.
 *
 * Its HTTP v1 interface answers an error with a code of its own among the details. Pure.
 * Rules: spec/PUSH.md PSH62, PSH64-PSH66.
 *
 * @module
 */
import type { SendOutcome } from "../../ports/push-gateway.ts";
import type { ProviderAnswer } from "./apns-outcome.ts";
import { type JsonObject, isObject, objectsOf, parseObject } from "./provider-json.ts";
import { retryAfterMs } from "./retry-after.ts";

/** What came of a letter, or that our access token has grown old and the letter is to be sent again with a new one. */
export type FcmOutcome = SendOutcome | { readonly kind: "renew" };

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

/**
 * Reads an answer.
 *
 * @param nowMs in milliseconds since the Unix epoch, for a time that the answer names.
 */
export function fcmOutcome({ status, body, retryAfter }: ProviderAnswer, nowMs: number): FcmOutcome {
  if (status === 200) return { kind: "sent" };
  const { error } = parseObject(body);
  const reason = reasonOf(isObject(error) ? error : {}) ?? `status ${status}`;
  switch (reason) {
    case "UNREGISTERED":
      return { kind: "gone", reason, sinceMs: undefined };
    case "INVALID_ARGUMENT":
      return invalidArgument(isObject(error) ? error : {}, reason);
    case "UNAUTHENTICATED":
      return { kind: "renew" };
    case "SENDER_ID_MISMATCH":
    case "THIRD_PARTY_AUTH_ERROR":
      return { kind: "refused", reason };
  }
  const isLater = status === 401 || status === 403 || status === 429 || status >= 500;
  if (isLater) return { kind: "later", reason, afterMs: retryAfterMs(retryAfter, nowMs) };
  return { kind: status === 404 ? "unsendable" : "refused", reason }; // no such project
}

function reasonOf({ status, details }: JsonObject): string | undefined {
  const own = objectsOf(details).find((detail) => detail["@type"] === FCM_ERROR)?.["errorCode"];
  const reason = typeof own === "string" && own !== "UNSPECIFIED_ERROR" ? own : status;
  return typeof reason === "string" && /^\w{1,64}$/.test(reason) ? reason : undefined;
}

// Either the token is none, or what is sent is wrong and so it would be for every device: then a field of it is named.
function invalidArgument({ message, details }: JsonObject, reason: string): SendOutcome {
  const violations = objectsOf(details)
    .filter((detail) => detail["@type"] === BAD_REQUEST)
    .flatMap((detail) => objectsOf(detail["fieldViolations"]));
  if (violations.some(({ field }) => field !== "message.token")) return { kind: "unsendable", reason };
  const isOfToken = violations.length > 0 || /registration token/i.test(String(message));
  return isOfToken ? { kind: "gone", reason, sinceMs: undefined } : { kind: "refused", reason };
}
