/**
 * One request on its way through a handler: where it came from, and how its parts are found.
 *
 * @module
 */
import { NetworkError, type RouteName } from "@longwave/protocol";
import type { Keyset, KeysetDirectory } from "../access/keysets.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import { type AnswerForm, parseCallback } from "./answers.ts";
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

/**
 * The keyset whose subscribe key the path names.
 *
 * @throws {NetworkError} `subscribeKeyInvalid` where there is none.
 */
export function keysetOf(keysets: KeysetDirectory, exchange: Exchange): Keyset {
  const keyset = keysets.find(decodeSegment(param(exchange, "sub")));
  if (!keyset) throw new NetworkError("subscribeKeyInvalid");
  return keyset;
}

/** The form of the answer, by the callback segment of the path. */
export function formOf(exchange: Exchange): AnswerForm {
  return { callback: parseCallback(decodeSegment(param(exchange, "callback"))), request: exchange.request };
}

/** The path segment that the route names so, still percent-encoded. */
export function param({ target, places }: Exchange, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
