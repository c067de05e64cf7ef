/**
 * One request and its way back: what every handler is given, and what handlers read from it alike.
 *
 * @module
 */
import { NetworkError, type RouteName } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import { type AnswerForm, parseCallback } from "./answers.ts";
import type { Places } from "./router.ts";
import type { Services } from "./services.ts";
import { type Target, decodeSegment } from "./target.ts";
import type { WebSocketSession } from "./web-socket-session.ts";

/** One request and its way back. */
export interface Exchange {
  readonly request: Request;
  readonly route: RouteName;
  readonly target: Target;
  /** Where the route's parameters stand among the target's segments. */
  readonly places: Places;
  readonly connections: Connections;
  /** Whom it is counted for; nothing where no limit concerns addresses. */
  readonly address: string | undefined;
  /** Its keyset as it was set when it came; nothing where its path names none that exists. */
  readonly keyset: Keyset | undefined;
}

/** What a handler may do to the connection that a request came on. */
export interface Connections {
  /** Lets it stay silent while a poll is held or a stream is open, or bounds its silence again. */
  setHeld(request: Request, isHeld: boolean): void;
  /**
   * Begins to receive a long body.
   *
   * @param secondsMax how long it may take in all.
   * @returns to be called at each piece: renews the time in which the next one has to come.
   * @throws {NetworkError} `bodyTooSlow`, from the call at a piece that comes when the body has taken too long.
   */
  upload(request: Request, secondsMax: number): () => void;
  /** The address at its other end; nothing where the connection is gone. */
  peerOf(request: Request): string | undefined;
  /** Makes a WebSocket of it; whether that was possible. The session is told when it is open. */
  upgrade(request: Request, session: WebSocketSession): boolean;
}

/** What a request is answered with: nothing where its connection has become a WebSocket. */
export type Answer = Response | undefined;

/** Answers one route. */
export type Handler = (services: Services, exchange: Exchange) => MaybePromise<Answer>;

/** The keyset that the path names. @throws {NetworkError} `subscribeKeyInvalid`. */
export function keysetOf({ keyset }: Exchange): Keyset {
  if (!keyset) throw new NetworkError("subscribeKeyInvalid");
  return keyset;
}

/** The form that an answer to a request takes. @throws {NetworkError} `callbackMalformed`. */
export function formOf(exchange: Exchange): AnswerForm {
  return { callback: parseCallback(decodeSegment(param(exchange, "callback"))), request: exchange.request };
}

/** The path segment that the route names so, still percent-encoded. */
export function param({ target, places }: Pick<Exchange, "target" | "places">, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
