/**
 * Subscribe over HTTP: the documented poll, its legacy form, and the same path as an event stream or a WebSocket.
 *
 * Rules: spec/SUBSCRIBE.md, spec/STREAMS.md.
 *
 * @module
 */
import { type RouteName, printTimetoken } from "@longwave/protocol";
import { type SubscribeAnswer, printAnswer } from "../channels/answer.ts";
import { EncodedBody } from "../channels/encoded-body.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import { answerEventStream } from "./event-stream.ts";
import { type Answer, type Exchange, type Handler, formOf, param } from "./exchange.ts";
import { claimOf } from "./permit.ts";
import { type PollForm, answerPoll } from "./poll.ts";
import type { Services } from "./services.ts";
import { capabilitiesFor, commandOf } from "./subscribe-exchange.ts";
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
  return poll(services, exchange, printCurrentAnswer);
}

function answerLegacy(services: Services, exchange: Exchange): MaybePromise<Answer> {
  return poll(services, exchange, printLegacyAnswer, decodeSegment(param(exchange, "timetoken")));
}

function poll(
  services: Services,
  exchange: Exchange,
  print: PollForm["print"],
  timetoken?: string,
): MaybePromise<Answer> {
  const { callback } = formOf(exchange);
  const claim = claimOf(exchange);
  const command = commandOf(services, exchange, claim, timetoken);
  return answerPoll(services, exchange, { claim, command }, { callback, print });
}

function printCurrentAnswer(command: SubscribeCommand, answer: SubscribeAnswer): EncodedBody {
  return printAnswer(answer, capabilitiesFor(command));
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
