/**
 * Subscribe over HTTP: the documented poll, its legacy form, and the same path as an event stream or a WebSocket.
 *
 * Rules: spec/SUBSCRIBE.md, spec/STREAMS.md.
 *
 * @module
 */
import { NetworkError, type RouteName, printTimetoken } from "@longwave/protocol";
import { type SubscribeAnswer, printAnswer } from "../channels/answer.ts";
import { EncodedBody } from "../channels/encoded-body.ts";
import type { SubscribeCommand, SubscribeOutcome } from "../channels/subscribe.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { answerBody } from "./answers.ts";
import { type Attendance, attendanceOf } from "./attendance.ts";
import { answerEventStream } from "./event-stream.ts";
import { type Answer, type Exchange, type Handler, formOf, keysetOf, param } from "./exchange.ts";
import { permitFurther } from "./permit.ts";
import type { Services } from "./services.ts";
import { capabilitiesFor, commandOf, refusalOf } from "./subscribe-exchange.ts";
import { decodeSegment } from "./target.ts";
import { answerWebSocket } from "./web-socket.ts";

/** The handlers of the routes that subscribe. */
export const SUBSCRIBE_HANDLERS = {
  subscribe: answerSubscribe,
  subscribeLegacy: answerLegacy,
} satisfies Partial<Record<RouteName, Handler>>;

function answerSubscribe(services: Services, exchange: Exchange): MaybePromise<Answer> {
  const { headers } = exchange.request;
  if (headers.get("upgrade")?.toLowerCase() === "websocket") return answerWebSocket(services, exchange);
  if (headers.get("accept")?.includes("text/event-stream")) return answerEventStream(services, exchange);
  const form = formOf(exchange);
  const command = commandOf(services, exchange);
  const print = (answer: SubscribeAnswer): Answer => answerBody(printAnswer(answer, capabilitiesFor(command)), form);
  return poll(services, exchange, command, print);
}

function answerLegacy(services: Services, exchange: Exchange): MaybePromise<Answer> {
  const form = formOf(exchange);
  const command = commandOf(services, exchange, decodeSegment(param(exchange, "timetoken")));
  return poll(services, exchange, command, (answer) => answerBody(printLegacyAnswer(command, answer), form));
}

// Nobody reads it: the connection is closed already.
const answerNobody = (): Response => new Response(null, { status: 499 });

// Nothing here waits where nothing has to be waited for: each promise is a turn, for every subscriber of every message.
function poll(
  services: Services,
  exchange: Exchange,
  command: SubscribeCommand,
  print: Poller["print"],
): MaybePromise<Answer> {
  const poller = { command, attendance: attendanceOf(services, exchange), print };
  return command.after === 0n ? shakeHands(services, exchange, poller) : pollHeld(services, exchange, poller);
}

interface Poller {
  readonly command: SubscribeCommand;
  readonly attendance: Attendance | undefined;
  readonly print: (answer: SubscribeAnswer) => Answer;
}

// It shows behind its cursor, so that a subscriber is told of its own join.
function shakeHands(
  services: Services,
  exchange: Exchange,
  { command, attendance, print }: Poller,
): MaybePromise<Answer> {
  return after(subscribe(services, exchange, command), (outcome) => {
    if (outcome.kind === "gone") return answerNobody();
    const answer = answerOf(services, exchange, outcome);
    return after(attendance?.show(command), () => print(answer));
  });
}

function pollHeld(
  services: Services,
  exchange: Exchange,
  { command, attendance, print }: Poller,
): MaybePromise<Answer> {
  const { request, connections } = exchange;
  const release = services.admission.hold(keysetOf(services.keysets, exchange), exchange);
  let isHeld = false;
  const onHold = (): void => {
    isHeld = true;
    connections.setHeld(request, true);
  };
  const ended = (outcome: SubscribeOutcome): MaybePromise<Answer> => {
    release();
    if (outcome.kind === "gone") return after(attendance?.end(command), answerNobody);
    if (isHeld) connections.setHeld(request, false);
    return print(answerOf(services, exchange, outcome));
  };
  const failed = (failure: unknown): never => {
    release();
    throw failure;
  };
  let outcome: MaybePromise<SubscribeOutcome>;
  try {
    outcome = after(attendance?.show(command), () => subscribe(services, exchange, command, onHold));
  } catch (failure) {
    return failed(failure);
  }
  return outcome instanceof Promise ? outcome.then(ended, failed) : ended(outcome);
}

function subscribe(
  { subscriptions, traced }: Services,
  { request }: Exchange,
  command: SubscribeCommand,
  onHold: () => void = () => {},
): MaybePromise<SubscribeOutcome> {
  return traced("longwave.subscribe", () => subscriptions.subscribe(command, { signal: request.signal, onHold }));
}

type Ended = Exclude<SubscribeOutcome, { readonly kind: "gone" }>;

function answerOf(services: Services, exchange: Exchange, outcome: Ended): SubscribeAnswer {
  if (outcome.kind === "answer") return outcome.answer;
  throw outcome.kind === "denied" ? refusalOfHeld(services, exchange) : refusalOf(outcome);
}

// What it is refused with is what it would be refused with if it came now.
function refusalOfHeld(services: Services, exchange: Exchange): unknown {
  try {
    permitFurther(services, exchange);
  } catch (refusal) {
    return refusal;
  }
  return new NetworkError("accessDenied");
}

// [[payloads],"cursor"], then for several names what each payload matched (with wildcards or groups) and where it came from.
function printLegacyAnswer({ names, groups }: SubscribeCommand, { cursor, matches }: SubscribeAnswer): EncodedBody {
  const payloads = matches.map(({ delivery }) => delivery.message.payload).join(",");
  const channels = matches.map(({ delivery }) => delivery.message.channel);
  const isByOthers = groups.length > 0 || names.some(({ kind }) => kind === "wildcard");
  const lists: string[] = [];
  if (matches.length > 0 && isByOthers) {
    lists.push(matches.map(({ delivery, matched }) => matched ?? delivery.message.channel).join(","));
  }
  if (matches.length > 0 && (isByOthers || names.length > 1)) lists.push(channels.join(","));
  const rest = lists.map((list) => `,${JSON.stringify(list)}`).join("");
  return new EncodedBody(`[[${payloads}],"${printTimetoken(cursor)}"${rest}]`);
}
