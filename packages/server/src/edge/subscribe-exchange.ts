/**
 * What the three transports of a subscription have in common: from a request to its command, and back to a refusal.
 *
 * @module
 */
import { NetworkError } from "@longwave/protocol";
import type { SubscribeCommand, SubscribeRefusal } from "../channels/subscribe.ts";
import { type Exchange, keysetOf, param } from "./exchange.ts";
import type { Services } from "./services.ts";
import { readSubscribeRequest } from "./subscribe-request.ts";

/**
 * The command of a subscribe request.
 *
 * @param timetoken the cursor where it does not come in the query.
 * @throws {NetworkError} the first refusal.
 */
export function commandOf({ keysets, filters }: Services, exchange: Exchange, timetoken?: string): SubscribeCommand {
  const keyset = keysetOf(keysets, exchange);
  const channels = param(exchange, "channels");
  return readSubscribeRequest({ keyset, channels, query: exchange.target.query, timetoken, filters });
}

/** The error of a poll or stream that does not begin. */
export function refusalOf({ kind }: SubscribeRefusal): NetworkError {
  return new NetworkError(kind === "tooMany" ? "tooManyPolls" : "groupsEmpty");
}

/** The member that tells what this network has beyond the documented protocol: at a handshake that asked for it (SUB21). */
export function capabilitiesFor({ after, tellsGaps }: SubscribeCommand): string {
  return after === 0n && tellsGaps ? CAPABILITIES : "";
}

const CAPABILITIES = ',"lw":{"ws":true,"sse":true,"idem":true}';
