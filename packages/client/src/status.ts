/**
 * Statuses: what the client tells its listeners about its connection.
 *
 * Rules: spec/SDK.md SDK11-SDK16.
 *
 * @module
 */
import type { PubNubError } from "./errors.ts";
import type { Gap } from "./subscription/answer.ts";

/**
 * The categories of statuses and errors, by the names that applications compare with.
 *
 * @example
 * ```ts
 * const listener: Listener = {
 *   status: ({ category }) => console.log(category === STATUS_CATEGORIES.connected ? "here we go" : category),
 * };
 * ```
 */
export const STATUS_CATEGORIES = Object.freeze({
  connected: "PNConnectedCategory",
  reconnected: "PNReconnectedCategory",
  disconnected: "PNDisconnectedCategory",
  unexpectedDisconnect: "PNUnexpectedDisconnectCategory",
  disconnectedUnexpectedly: "PNDisconnectedUnexpectedlyCategory",
  connectionError: "PNConnectionErrorCategory",
  subscriptionChanged: "PNSubscriptionChangedCategory",
  messagesMissed: "PNMessagesMissedCategory",
  acknowledgment: "PNAcknowledgmentCategory",
  networkIssues: "PNNetworkIssuesCategory",
  timeout: "PNTimeoutCategory",
  accessDenied: "PNAccessDeniedCategory",
  badRequest: "PNBadRequestCategory",
  malformedFilter: "PNMalformedFilterExpressionCategory",
  malformedResponse: "PNMalformedResponseCategory",
  cancelled: "PNCancelledCategory",
  validation: "PNValidationErrorCategory",
  decryption: "PNDecryptionErrorCategory",
  serverError: "PNServerErrorCategory",
  unknown: "PNUnknownCategory",
} as const);

/** A value of {@link STATUS_CATEGORIES}. */
export type StatusCategory = (typeof STATUS_CATEGORIES)[keyof typeof STATUS_CATEGORIES];

/** One status. */
export interface StatusEvent {
  readonly category: StatusCategory;
  /** `PNUnsubscribeOperation` where the application ended or stopped the subscription; `PNHeartbeatOperation` of heartbeats. */
  readonly operation: "PNSubscribeOperation" | "PNUnsubscribeOperation" | "PNHeartbeatOperation";
  /** Whether something went wrong. */
  readonly error: boolean;
  /** What went wrong. */
  readonly errorData?: PubNubError | undefined;
  /** With `PNMessagesMissedCategory`: the messages that the network no longer has for this subscription. */
  readonly gaps?: readonly Gap[] | undefined;
  /** The HTTP status, where an answer was the reason. */
  readonly statusCode?: number | undefined;
  /** The channels that this is about: all that are subscribed, or were until now. */
  readonly affectedChannels: readonly string[];
  /** The channel groups that this is about. */
  readonly affectedChannelGroups: readonly string[];
  /** The cursor, 17 digits, once there is one: everything up to it has been delivered. */
  readonly currentTimetoken?: string | undefined;
}

/**
 * The category of an HTTP status that is an error.
 *
 * @param status 400 or more.
 */
export function categoryOf(status: number): StatusCategory {
  if (status === 400) return STATUS_CATEGORIES.badRequest;
  if (status === 403) return STATUS_CATEGORIES.accessDenied;
  if (status === 481) return STATUS_CATEGORIES.malformedFilter;
  return status >= 500 ? STATUS_CATEGORIES.serverError : STATUS_CATEGORIES.unknown;
}
