/**
 * The subscribe request.
 *
 * Pure. Rules: spec/SDK.md SDK5, SDK11, SDK12.
 *
 * @module
 */
import { LIMITS, TIMETOKEN_DIGITS, type WireCursor } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { type CallRequest, fitsAddress } from "../endpoints/request.ts";
import { refusalOf } from "../errors.ts";

/** Asks for what comes after a cursor; without one, for where the network stands now. */
export function subscribeRequest(
  { subscribeKey, filterExpression }: Pick<Configuration, "subscribeKey" | "filterExpression">,
  channels: readonly string[],
  cursor: WireCursor | undefined,
): CallRequest {
  return {
    path: ["v2", "subscribe", subscribeKey, channels, "0"],
    query: { tt: cursor?.t ?? "0", tr: cursor?.r, "filter-expr": filterExpression },
  };
}

/**
 * Refuses what the network would refuse, so that the subscription that there is goes on undisturbed.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when subscribing is off, or all names together are too many or too long.
 */
export function requireSubscribable(configuration: Configuration, channels: readonly string[]): void {
  const reason = reasonAgainst(configuration, channels);
  if (reason !== undefined) throw refusalOf("The subscription was not changed", reason, "PNSubscribeOperation");
}

function reasonAgainst(configuration: Configuration, channels: readonly string[]): string | undefined {
  if (!configuration.maySubscribe) return "enableSubscribe is false in the configuration; leave it out";
  if (channels.length > LIMITS.channelsPerSubscribeMax) {
    return `channels would be ${channels.length}, and ${LIMITS.channelsPerSubscribeMax} are possible; subscribe to a wildcard`;
  }
  const longest: WireCursor = { t: "0".repeat(TIMETOKEN_DIGITS), r: 127 };
  if (fitsAddress(configuration, subscribeRequest(configuration, channels, longest))) return undefined;
  return "channels no longer fit into one address; subscribe to a wildcard, or with a second client";
}
