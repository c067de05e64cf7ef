/**
 * Sockets in, bytes out: the one listener, and the one way from a request to its answer.
 *
 * Rules: spec/EDGE.md.
 *
 * @module
 */
import { LIMITS, NetworkError, printErrorBody, printTimetoken, timetokenFromMs } from "@longwave/protocol";
import { answerAdminError, answerError, answerPreflight } from "./answers.ts";
import { type Connections, HANDLERS } from "./handlers.ts";
import { type RouteMatch, findRoute } from "./router.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { permit } from "./permit.ts";
import type { Services } from "./services.ts";
import { type Target, parseTarget } from "./target.ts";

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Seconds without a byte after which a connection is closed, unless a poll is held on it; 10 to 60. */
  readonly idleSeconds: number;
  /** A certificate chain and its key in PEM; nothing for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** A listener that runs. */
export interface Edge {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string;
  /** Takes no more connections, lets running requests end, then closes. */
  stop(): Promise<void>;
}

/**
 * Starts to listen.
 *
 * @throws the runtime's error when the address cannot be had.
 */
export function listen(services: Services, options: ListenOptions): Edge {
  const { host, port, idleSeconds, tls } = options;
  const connections: Connections = {
    setHeld: (request, isHeld) => server.timeout(request, isHeld ? 0 : idleSeconds),
  };
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: idleSeconds,
    // Bodies are bounded by our own limit, whose answer clients understand; the runtime's stands far behind it.
    maxRequestBodySize: LIMITS.bodyBytesMax * 2,
    ...(tls ? { tls } : {}),
    fetch: (request) => answer(services, request, connections),
    error: () => new Response(null, { status: 500 }), // unreachable: answer() catches everything
  });
  return {
    url: `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    stop: () => server.stop(false),
  };
}

function answer(services: Services, request: Request, connections: Connections): MaybePromise<Response> {
  const target = parseTarget(request.url);
  try {
    if (target.bytes > LIMITS.uriBytesMax) throw new NetworkError("uriTooLong");
    if (request.method === "OPTIONS") return isAdmin(target) ? answerAdminError(403, "") : answerPreflight(request);
    const { name: route, places } = requireRoute(request.method, target);
    const exchange = { request, route, target, places, connections };
    const response = after(permit(services, exchange), () => HANDLERS[route](services, exchange));
    if (!(response instanceof Promise)) return response;
    return response.catch((failure: unknown) => refuse(services, request, target, failure));
  } catch (failure) {
    return refuse(services, request, target, failure);
  }
}

type FoundRoute = Extract<RouteMatch, { readonly kind: "route" }>;

function requireRoute(method: string, target: Target): FoundRoute {
  const match = findRoute(method, target.segments);
  switch (match.kind) {
    case "route":
      return match;
    case "otherMethod":
      throw new NetworkError("methodNotAllowed", { allow: [...match.methods, "OPTIONS"].join(", ") });
    case "unknown":
      throw new NetworkError(isPresence(target) ? "presencePathUnknown" : "pathUnknown");
  }
}

function isAdmin({ segments }: Target): boolean {
  return segments[0] === "admin";
}

function isPresence({ segments }: Target): boolean {
  return segments[0] === "v2" && segments[1] === "presence";
}

// Expected refusals are rows of the table; anything else is a bug, told by an identifier that the log carries too.
function refuse({ clock, log, metrics }: Services, request: Request, target: Target, failure: unknown): Response {
  const timetoken = printTimetoken(timetokenFromMs(clock.wallMs()));
  if (failure instanceof NetworkError) {
    metrics.refused(failure.code);
    const path = `/${target.segments.join("/")}`;
    const body = printErrorBody(failure.code, { ...failure.detail, timetoken, path });
    return isAdmin(target) ? answerAdminError(failure.status, body) : answerError(failure, body);
  }
  const id = crypto.randomUUID();
  const stack = failure instanceof Error ? failure.stack : String(failure);
  log.error("a request met a bug", { id, method: request.method, route: target.segments[0], stack });
  metrics.refused("internal");
  const body = printErrorBody("internal", { id });
  return isAdmin(target) ? answerAdminError(500, body) : answerError(new NetworkError("internal"), body);
}
