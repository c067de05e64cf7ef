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
import type { SubscribeCommand } from "../channels/subscribe.ts";
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
  return after(poll(services, exchange, command), (answer) =>
    answer === "gone" ? answerNobody() : answerBody(printAnswer(answer, capabilitiesFor(command)), form),
  );
}

async function answerLegacy(services: Services, exchange: Exchange): Promise<Answer> {
  const form = formOf(exchange);
  const command = commandOf(services, exchange, decodeSegment(param(exchange, "timetoken")));
  const answer = await poll(services, exchange, command);
  return answer === "gone" ? answerNobody() : answerBody(printLegacyAnswer(command, answer), form);
}

// Nobody reads it: the connection is closed already.
const answerNobody = (): Response => new Response(null, { status: 499 });

// Nothing here waits where nothing has to be waited for: each promise is a turn, for every subscriber of every message.
function poll(
  services: Services,
  exchange: Exchange,
  command: SubscribeCommand,
): MaybePromise<SubscribeAnswer | "gone"> {
  const attendance = attendanceOf(services, exchange);
  if (command.after === 0n) return shakeHands(services, exchange, { command, attendance });
  const release = services.admission.hold(keysetOf(services.keysets, exchange), exchange);
  return releasedBehind(release, () =>
    after(attendance?.show(command), () => pollOnce(services, exchange, { command, attendance })),
  );
}

// Never held. It shows behind its cursor, so that a subscriber is told of its own join.
function shakeHands(services: Services, exchange: Exchange, poller: Poller): MaybePromise<SubscribeAnswer | "gone"> {
  return after(pollOnce(services, exchange, poller), (answer) =>
    answer === "gone" ? answer : after(poller.attendance?.show(poller.command), () => answer),
  );
}

// However it ends, what it held is given back: at once where nothing was waited for.
function releasedBehind<Result>(release: () => void, run: () => MaybePromise<Result>): MaybePromise<Result> {
  let result: MaybePromise<Result>;
  try {
    result = run();
  } catch (failure) {
    release();
    throw failure;
  }
  if (result instanceof Promise) return result.finally(release);
  release();
  return result;
}

interface Poller {
  readonly command: SubscribeCommand;
  readonly attendance: Attendance | undefined;
}

function pollOnce(
  services: Services,
  exchange: Exchange,
  { command, attendance }: Poller,
): MaybePromise<SubscribeAnswer | "gone"> {
  const { request, connections } = exchange;
  let isHeld = false;
  const onHold = (): void => {
    isHeld = true;
    connections.setHeld(request, true);
  };
  const outcome = services.traced("longwave.subscribe", () =>
    services.subscriptions.subscribe(command, { signal: request.signal, onHold }),
  );
  return after(outcome, (known) => {
    if (known.kind === "gone") return after(attendance?.end(command), () => "gone" as const);
    if (isHeld) connections.setHeld(request, false);
    if (known.kind === "denied") throw refusalOfHeld(services, exchange);
    if (known.kind !== "answer") throw refusalOf(known);
    return known.answer;
  });
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
