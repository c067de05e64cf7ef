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
import { type Claim, isStillAllowed, permitFurther, withoutColon } from "./permit.ts";
import type { Services } from "./services.ts";
import { readSubscribeRequest } from "./subscribe-request.ts";

/**
 * The command of a subscribe request.
 *
 * @param claim of the same request.
 * @param timetoken the cursor where it does not come in the query.
 * @throws {NetworkError} the first refusal.
 */
export function commandOf(services: Services, exchange: Exchange, claim: Claim, timetoken?: string): SubscribeCommand {
  return readSubscribeRequest({
    keyset: keysetOf(exchange),
    channels: param(exchange, "channels"),
    query: exchange.target.query,
    timetoken,
    filters: services.filters,
    judge: (wanted) => judgeOf(services, claim, wanted),
  });
}

/** Tells whether somebody who asks for these names, with this claim, would be let in by then. */
export function judgeOf(services: Services, claim: Claim, { names, groups }: WantedNames): () => boolean {
  return () => isOpen(services, claim) || isStillAllowed(services, claim, readsOf({ names, groups }));
}

/** Whether whoever knows a keyset's keys may do everything with it, as it is set now. */
export function isOpen({ keysets }: Services, { subscribeKey }: Pick<Keyset, "subscribeKey">): boolean {
  return keysets.find(subscribeKey)?.accessManager === false;
}

type WantedNames = Pick<SubscribeCommand, "names" | "groups">;

/** What subscribing to names and groups needs. */
export function readsOf({ names, groups }: WantedNames): readonly NamedResource[] {
  return [
    ...names.map(({ name }) => ({ kind: "channel", permission: "read", name }) as const),
    ...groups.map(({ name }) => ({ kind: "group", permission: "read", name: withoutColon(name) }) as const),
  ];
}

/** The error of a poll or stream that does not begin. */
export function refusalOf({ kind }: SubscribeRefusal): NetworkError {
  return new NetworkError(kind === "tooMany" ? "tooManyPolls" : "groupsEmpty");
}

/** What a poll or stream is refused with that may no longer be held: what it would be refused with if it came now. */
export function refusalOfHeld(services: Services, claim: Claim, wanted: WantedNames): unknown {
  try {
    permitFurther(services, claim, readsOf(wanted));
  } catch (refusal) {
    return refusal;
  }
  return new NetworkError("accessDenied");
}

/** The member that tells what this network has beyond the documented protocol: at a handshake that asked for it (SUB21). */
export function capabilitiesFor({ after, tellsGaps }: SubscribeCommand): string {
  return after === 0n && tellsGaps ? `,"lw":${CAPABILITIES}` : "";
}

/** What this network has beyond the documented protocol, for those who ask with `lw=1`. */
export const CAPABILITIES = '{"ws":true,"sse":true,"idem":true}';
