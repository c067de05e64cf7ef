/**
 * Statuses: what the client tells its listeners about its connection.
 *
 * @module
 */

/** The categories of statuses and errors, by the names that applications compare with. */
export const STATUS_CATEGORIES = Object.freeze({
  connected: "PNConnectedCategory",
  reconnected: "PNReconnectedCategory",
  disconnected: "PNDisconnectedCategory",
  networkIssues: "PNNetworkIssuesCategory",
  timeout: "PNTimeoutCategory",
  accessDenied: "PNAccessDeniedCategory",
  badRequest: "PNBadRequestCategory",
  malformedResponse: "PNMalformedResponseCategory",
  cancelled: "PNCancelledCategory",
  validation: "PNValidationErrorCategory",
  serverError: "PNServerErrorCategory",
  unknown: "PNUnknownCategory",
} as const);

/** A value of {@link STATUS_CATEGORIES}. */
export type StatusCategory = (typeof STATUS_CATEGORIES)[keyof typeof STATUS_CATEGORIES];

/** One status. */
export interface StatusEvent {
  readonly category: StatusCategory;
  readonly operation: "PNSubscribeOperation" | "PNUnsubscribeOperation";
  /** Whether something went wrong. */
  readonly error: boolean;
  /** The HTTP status, where there was an answer. */
  readonly statusCode?: number | undefined;
  readonly affectedChannels: readonly string[];
  /** The cursor, 17 digits, once there is one. */
  readonly currentTimetoken?: string | undefined;
}

/** The category of an HTTP status that is an error. */
export function categoryOf(status: number): StatusCategory {
  if (status === 400) return STATUS_CATEGORIES.badRequest;
  if (status === 403) return STATUS_CATEGORIES.accessDenied;
  return status >= 500 ? STATUS_CATEGORIES.serverError : STATUS_CATEGORIES.unknown;
}
