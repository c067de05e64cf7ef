/**
 * What the three transports of a subscription have in common: from a request to its command, and back to a refusal.
 *
 * @module
 */
import { NetworkError } from "@longwave/protocol";
import type { NamedResource } from "../access/authorise.ts";
import type { Keyset } from "../access/keysets.ts";
import type { SubscribeCommand, SubscribeRefusal } from "../channels/subscribe.ts";
import { type Exchange, keysetOf, param } from "./exchange.ts";
import { isStillAllowed as isAllowed } from "./permit.ts";
import type { Services } from "./services.ts";
import { readSubscribeRequest } from "./subscribe-request.ts";

/**
 * The command of a subscribe request.
 *
 * @param timetoken the cursor where it does not come in the query.
 * @throws {NetworkError} the first refusal.
 */
export function commandOf(services: Services, exchange: Exchange, timetoken?: string): SubscribeCommand {
  const { filters, keysets } = services;
  const keyset = keysetOf(keysets, exchange);
  const { query } = exchange.target;
  const isStillAllowed = (): boolean => isOpen(services, keyset) || isAllowed(services, exchange);
  return readSubscribeRequest({
    keyset,
    channels: param(exchange, "channels"),
    query,
    timetoken,
    filters,
    isStillAllowed,
  });
}

/** Whether whoever knows a keyset's keys may do everything with it, as it is set now. */
export function isOpen({ keysets }: Services, { subscribeKey }: Keyset): boolean {
  return keysets.find(subscribeKey)?.accessManager === false;
}

/** What subscribing to names and groups needs. */
export function readsOf({ names, groups }: Pick<SubscribeCommand, "names" | "groups">): readonly NamedResource[] {
  return [
    ...names.map(({ name }) => ({ kind: "channel", permission: "read", name }) as const),
    ...groups.map(({ name }) => ({ kind: "group", permission: "read", name }) as const),
  ];
}

/** The error of a poll or stream that does not begin. */
export function refusalOf({ kind }: SubscribeRefusal): NetworkError {
  return new NetworkError(kind === "tooMany" ? "tooManyPolls" : "groupsEmpty");
}

/** The member that tells what this network has beyond the documented protocol: at a handshake that asked for it (SUB21). */
export function capabilitiesFor({ after, tellsGaps }: SubscribeCommand): string {
  return after === 0n && tellsGaps ? `,"lw":${CAPABILITIES}` : "";
}

/** What this network has beyond the documented protocol, for those who ask with `lw=1`. */
export const CAPABILITIES = '{"ws":true,"sse":true,"idem":true}';
