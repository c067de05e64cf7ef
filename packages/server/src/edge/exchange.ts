/**
 * One request and its way back: what every handler is given, and how it reads its path.
 *
 * @module
 */
import type { RouteName } from "@longwave/protocol";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Places } from "./router.ts";
import type { Services } from "./services.ts";
import type { Target } from "./target.ts";

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

/** The path segment that the route names so, still percent-encoded. */
export function param({ target, places }: Pick<Exchange, "target" | "places">, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
