/**
 * One request and its way back, as handlers see it.
 *
 * @module
 */
import { NetworkError, type RouteName } from "@longwave/protocol";
import type { Keyset, KeysetDirectory } from "../access/keysets.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Places } from "./router.ts";
import type { Services } from "./services.ts";
import { type Target, decodeSegment } from "./target.ts";

/** One request and its way back. */
export interface Exchange {
  readonly request: Request;
  readonly route: RouteName;
  readonly target: Target;
  /** Where the route's parameters stand among the target's segments. */
  readonly places: Places;
  readonly connections: Connections;
}

/** What a handler may do to the connection that a request came on. */
export interface Connections {
  /** Lets it stay silent while a poll is held, or bounds its silence again. */
  setHeld(request: Request, isHeld: boolean): void;
}

/** Answers one route. */
export type Handler = (services: Services, exchange: Exchange) => MaybePromise<Response>;

/** @throws {NetworkError} `subscribeKeyInvalid` for a key that nobody has. */
export function keysetOf(keysets: KeysetDirectory, exchange: Exchange): Keyset {
  const keyset = keysets.find(decodeSegment(param(exchange, "sub")));
  if (!keyset) throw new NetworkError("subscribeKeyInvalid");
  return keyset;
}

/** The path segment that the route names so, still percent-encoded. */
export function param({ target, places }: Exchange, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
