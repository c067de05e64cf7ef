/**
 * One handler for each route: reads the request, calls the service, shapes the answer.
 *
 * @module
 */
import {
  NetworkError,
  type RouteName,
  type Timetoken,
  printSubscribeAnswer,
  printTimetoken,
  timetokenFromMs,
} from "@longwave/protocol";
import type { Keyset, KeysetDirectory } from "../access/keysets.ts";
import type { Match } from "../channels/delivery.ts";
import { EncodedBody } from "../channels/encoded-body.ts";
import { publish } from "../channels/publish.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import type { AcceptedKind } from "../observe/metrics.ts";
import { ACCESS_HANDLERS } from "./access-handlers.ts";
import { ADMIN_HANDLERS } from "./admin-handlers.ts";
import { type AnswerForm, answerBody, answerPlain, answerText, parseCallback } from "./answers.ts";
import { readBodyText } from "./body.ts";
import { type PublishRequest, readPublishRequest } from "./publish-request.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import type { Places } from "./router.ts";
import type { Services } from "./services.ts";
import { readSubscribeRequest } from "./subscribe-request.ts";
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

/** The handler of every row of the route table. */
export const HANDLERS: Readonly<Record<RouteName, Handler>> = {
  time: answerTime,
  publish: (services, exchange) => answerPublish(services, exchange, decodeSegment(param(exchange, "payload"))),
  publishBody: async (services, exchange) => answerPublish(services, exchange, await readBodyText(exchange.request)),
  publishLarge: async (services, exchange) => answerPublish(services, exchange, await readBodyText(exchange.request)),
  signal: (services, exchange) => answerPublish(services, exchange, decodeSegment(param(exchange, "payload"))),
  subscribe: answerSubscribe,
  subscribeLegacy: answerSubscribeLegacy,
  ...ACCESS_HANDLERS,
  ...ADMIN_HANDLERS,
  health: async () => answerPlain('{"status":"ok"}\n', "application/json"),
  ready: answerReady,
  metrics: async ({ metrics }) => answerPlain(await metrics.print(), metrics.contentType),
};

async function answerTime({ clock }: Services, exchange: Exchange): Promise<Response> {
  const form = formOf(exchange);
  return answerText(`[${printTimetoken(timetokenFromMs(clock.wallMs()))}]`, form);
}

async function answerReady({ isReady }: Services): Promise<Response> {
  const ready = isReady();
  return answerPlain(`{"status":"${ready ? "ready" : "draining"}"}\n`, "application/json", ready ? 200 : 503);
}

function answerPublish(services: Services, exchange: Exchange, payload: string): MaybePromise<Response> {
  const form = formOf(exchange);
  const request = publishRequestOf(services, exchange, payload);
  const command = readPublishRequest(request);
  const outcome = services.traced("longwave.publish", () => publish(services, command));
  return after(outcome, (known) => {
    if (known.kind !== "sent") throw new NetworkError(REFUSED_BY_STORE[known.kind]);
    services.metrics.accepted(acceptedKind(request.route, command.isFire));
    return answerText(`[1,"Sent","${printTimetoken(known.timetoken)}"]`, form);
  });
}

const REFUSED_BY_STORE = { unavailable: "storageUnavailable", overloaded: "publishOverloaded" } as const;

function publishRequestOf({ keysets }: Services, exchange: Exchange, payload: string): PublishRequest {
  const keyset = keysetOf(keysets, exchange);
  if (decodeSegment(param(exchange, "pub")) !== keyset.publishKey) throw new NetworkError("publishKeyInvalid");
  const { query } = exchange.target;
  return { route: exchange.route, keyset, channel: param(exchange, "channel"), query, payload };
}

function acceptedKind(route: RouteName, isFire: boolean): AcceptedKind {
  if (route === "signal") return "signal";
  return isFire ? "fire" : "message";
}

async function answerSubscribe(services: Services, exchange: Exchange): Promise<Response> {
  const form = formOf(exchange);
  const keyset = keysetOf(services.keysets, exchange);
  const { filters } = services;
  const channels = param(exchange, "channels");
  const command = readSubscribeRequest({ keyset, channels, query: exchange.target.query, filters });
  const outcome = await poll(services, exchange, command);
  return outcome === "gone" ? answerNobody() : answerBody(printAnswer(outcome), form);
}

async function answerSubscribeLegacy(services: Services, exchange: Exchange): Promise<Response> {
  const form = formOf(exchange);
  const keyset = keysetOf(services.keysets, exchange);
  const timetoken = decodeSegment(param(exchange, "timetoken"));
  const { filters } = services;
  const channels = param(exchange, "channels");
  const command = readSubscribeRequest({ keyset, channels, query: exchange.target.query, timetoken, filters });
  const outcome = await poll(services, exchange, command);
  return outcome === "gone" ? answerNobody() : answerBody(printLegacyAnswer(command, outcome), form);
}

interface PollAnswer {
  readonly cursor: Timetoken;
  readonly matches: readonly Match[];
}

// Nobody reads it: the connection is closed already.
const answerNobody = (): Response => new Response(null, { status: 499 });

async function poll(services: Services, exchange: Exchange, command: SubscribeCommand): Promise<PollAnswer | "gone"> {
  let isHeld = false;
  const onHold = (): void => {
    isHeld = true;
    exchange.connections.setHeld(exchange.request, true);
  };
  const { signal } = exchange.request;
  const outcome = await services.traced("longwave.subscribe", () =>
    services.subscriptions.subscribe(command, { signal, onHold }),
  );
  if (outcome.kind === "gone") return "gone";
  if (isHeld) exchange.connections.setHeld(exchange.request, false);
  if (outcome.kind === "tooMany") throw new NetworkError("tooManyPolls");
  return outcome;
}

function printAnswer({ cursor, matches }: PollAnswer): EncodedBody {
  const [first] = matches;
  if (first && matches.length === 1) return first.delivery.answer(first.matched);
  const envelopes = matches.map(({ delivery, matched }) => delivery.envelope(matched));
  return new EncodedBody(printSubscribeAnswer(cursor, envelopes));
}

// [[payloads],"cursor"], then for several names or a wildcard what each payload matched and where it was published.
function printLegacyAnswer(command: SubscribeCommand, { cursor, matches }: PollAnswer): EncodedBody {
  const payloads = matches.map(({ delivery }) => delivery.message.payload).join(",");
  const channels = matches.map(({ delivery }) => delivery.message.channel);
  const hasWildcard = command.names.some(({ kind }) => kind === "wildcard");
  const lists: string[] = [];
  if (matches.length > 0 && hasWildcard) lists.push(matches.map(({ matched }) => matched ?? "").join(","));
  if (matches.length > 0 && command.names.length + Number(hasWildcard) > 1) lists.push(channels.join(","));
  const rest = lists.map((list) => `,${JSON.stringify(list)}`).join("");
  return new EncodedBody(`[[${payloads}],"${printTimetoken(cursor)}"${rest}]`);
}

function keysetOf(keysets: KeysetDirectory, exchange: Exchange): Keyset {
  const keyset = keysets.find(decodeSegment(param(exchange, "sub")));
  if (!keyset) throw new NetworkError("subscribeKeyInvalid");
  return keyset;
}

function formOf(exchange: Exchange): AnswerForm {
  return { callback: parseCallback(decodeSegment(param(exchange, "callback"))), request: exchange.request };
}

/** The path segment that the route names so, still percent-encoded. */
function param({ target, places }: Exchange, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
