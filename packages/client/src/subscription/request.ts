/**
 * The subscribe request.
 *
 * Pure. Rules: spec/SDK.md SDK5, SDK11, SDK12.
 *
 * @module
 */
import { LIMITS, TIMETOKEN_DIGITS, type WireCursor } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { type CallRequest, channelsSegment, fitsAddress, listValue } from "../endpoints/request.ts";
import { refusalOf } from "../errors.ts";
import type { Names } from "./names.ts";

type Given = Pick<Configuration, "subscribeKey" | "filterExpression" | "presenceTimeout">;

/** Asks for what comes after a cursor; without one, for where the network stands now. */
export function subscribeRequest(
  { subscribeKey, filterExpression, presenceTimeout }: Given,
  { channels, groups }: Names,
  cursor?: WireCursor,
): CallRequest {
  return {
    path: ["v2", "subscribe", subscribeKey, channelsSegment(channels), "0"],
    query: {
      tt: cursor?.t ?? "0",
      tr: cursor?.r,
      "channel-group": listValue(groups),
      "filter-expr": filterExpression,
      heartbeat: presenceTimeout,
      lw: "1",
    },
  };
}

/**
 * Asks where the network stands now, and gives it the states that this client keeps.
 *
 * @param states by channel or group; left out where they would make the address too long, since heartbeats bring them as well.
 */
export function handshakeRequest(
  configuration: Configuration,
  names: Names,
  states: Readonly<Record<string, unknown>>,
): CallRequest {
  const plain = subscribeRequest(configuration, names);
  if (Object.keys(states).length === 0) return plain;
  const full: CallRequest = { ...plain, query: { ...plain.query, state: JSON.stringify(states) } };
  return fitsAddress(configuration, full) ? full : plain;
}

/**
 * Refuses what the network would refuse, so that the subscription that there is goes on undisturbed.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when subscribing is off, or all names together are too many or too long.
 */
export function requireSubscribable(configuration: Configuration, names: Names): void {
  const reason = reasonAgainst(configuration, names);
  if (reason !== undefined) throw refusalOf("The subscription was not changed", reason, "PNSubscribeOperation");
}

function reasonAgainst(configuration: Configuration, names: Names): string | undefined {
  const { channels, groups } = names;
  if (!configuration.enableSubscribe) return "enableSubscribe is false in the configuration; leave it out";
  if (channels.length > LIMITS.channelsPerSubscribeMax) {
    return `channels would be ${channels.length}, and ${LIMITS.channelsPerSubscribeMax} are possible; subscribe to a wildcard`;
  }
  if (groups.length > LIMITS.groupsPerSubscribeMax) {
    return `channelGroups would be ${groups.length}, and ${LIMITS.groupsPerSubscribeMax} are possible; join groups into one`;
  }
  const longest: WireCursor = { t: "0".repeat(TIMETOKEN_DIGITS), r: 127 };
  if (fitsAddress(configuration, subscribeRequest(configuration, names, longest))) return undefined;
  return "channels no longer fit into one address; subscribe to a wildcard, or with a second client";
}
