/**
 * Sockets in, bytes out: the one listener, and the one way from a request to its answer.
 *
 * Rules: spec/EDGE.md.
 *
 * @module
 */
import type { Server } from "bun";
import { LIMITS, NetworkError, statusOf } from "@longwave/protocol";
import { answerAdminError, answerError, answerPreflight } from "./answers.ts";
import { type Answer, type Connections, type Exchange, param } from "./exchange.ts";
import { HANDLERS } from "./handlers.ts";
import { lengthenListenQueue } from "./listen-queue.ts";
import { refusalOfFailure } from "./refusal.ts";
import type { Clock } from "../ports/clock.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { permit } from "./permit.ts";
import { type RouteMatch, findRoute } from "./router.ts";
import type { Services } from "./services.ts";
import { type Target, decodeSegment, parseTarget } from "./target.ts";
import type { WebSocketSession } from "./web-socket-session.ts";

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
  /** Takes no more connections, lets running requests end for some seconds, then closes. */
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
    upload: (request, secondsMax) => {
      const endMs = services.clock.monotonicMs() + secondsMax * 1_000;
      return () => {
        if (services.clock.monotonicMs() > endMs) throw new NetworkError("bodyTooSlow");
        server.timeout(request, idleSeconds);
      };
    },
    peerOf: (request) => server.requestIP(request)?.address,
    upgrade: (request, session) => server.upgrade(request, { data: session }),
  };
  const server = Bun.serve<WebSocketSession>({
    hostname: host,
    port,
    idleTimeout: idleSeconds,
    // Bodies are bounded by our own limits, whose answers clients understand; the runtime's stands behind the largest. What
    // nobody reads does not gather in memory.
    maxRequestBodySize: LIMITS.fileBytesMax + LIMITS.bodyBytesMax,
    ...(tls ? { tls } : {}),
    fetch: (request) => answer(services, request, connections),
    websocket: {
      idleTimeout: idleSeconds, // pings go out before it is over, so only a client that does not answer them is closed
      sendPings: true,
      maxPayloadLength: LIMITS.frameBytesMax,
      // Behind the bound at which streams stop sending by themselves, with room for one more of the largest answers.
      backpressureLimit: LIMITS.streamBufferBytesMax + 2 * LIMITS.answerBytesMax,
      open: (socket) => socket.data.opened(socket),
      message: (socket, text) => socket.data.received(text),
      drain: (socket) => socket.data.drained(),
      pong: (socket) => socket.data.alive(),
      close: (socket) => socket.data.closed(),
    },
    error: (failure) => answerUnsent(services, failure),
  });
  if (server.port !== undefined) lengthenListenQueue(server.port);
  return {
    url: `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    stop: () => stopWithin(server, services.clock),
  };
}

// answer() catches everything but one thing: a file's content that was deleted after it was looked up, before it is sent.
function answerUnsent(services: Services, failure: Error): Response {
  if (!("code" in failure && failure.code === "ENOENT")) return new Response(null, { status: 500 });
  const place = { method: "GET", path: "" };
  const { error, body } = refusalOfFailure(services, new NetworkError("fileUnknown"), place);
  return answerError(error, body);
}

// A request that was sent by half would let nobody go home.
async function stopWithin(server: Server<WebSocketSession>, clock: Clock): Promise<void> {
  const end = clock.after(LIMITS.closeSecondsMax * 1_000, () => void server.stop(true));
  await server.stop(false);
  end.cancel();
}

function answer(services: Services, request: Request, connections: Connections): MaybePromise<Answer> {
  const { method, url } = request;
  const target = parseTarget(url);
  try {
    if (target.bytes > LIMITS.uriBytesMax) throw new NetworkError("uriTooLong");
    const address = services.admission.addressOf(request, connections);
    services.admission.countAddress(address);
    if (method === "OPTIONS") return isAdmin(target) ? answerAdminError(403, "") : answerPreflight(request);
    const { name: route, places } = requireRoute(method, target);
    const subscribeKey = decodeSegment(param({ target, places }, "sub"));
    const keyset = subscribeKey === "" ? undefined : services.keysets.find(subscribeKey);
    const response = handle(services, { request, route, target, places, connections, address, keyset });
    return response instanceof Promise ? refusingLater(services, response, { method, url }) : response;
  } catch (failure) {
    return refuse(services, method, target, failure);
  }
}

function handle(services: Services, exchange: Exchange): MaybePromise<Answer> {
  const { route, keyset } = exchange;
  return services.turns.take(keyset?.subscribeKey ?? "", () =>
    after(permit(services, exchange), () => HANDLERS[route](services, exchange)),
  );
}

// Keeps of the request, for as long as it waits, no more than it was named by.
function refusingLater(
  services: Services,
  response: Promise<Answer>,
  { method, url }: Pick<Request, "method" | "url">,
): Promise<Answer> {
  return response.catch((failure: unknown) => refuse(services, method, parseTarget(url), failure));
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

function refuse(services: Services, method: string, target: Target, failure: unknown): Response {
  const { error, body } = refusalOfFailure(services, failure, { method, path: `/${target.segments.join("/")}` });
  return isAdmin(target) ? answerAdminError(statusOf(error), body) : answerError(error, body);
}
