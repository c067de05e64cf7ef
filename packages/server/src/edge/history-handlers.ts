/**
 * The handlers of history, counts and deletion.
 *
 * @module
 */
import { NetworkError, printTimetoken } from "@longwave/protocol";
import { EncodedBody } from "../channels/encoded-body.ts";
import { countMessages, deleteMessages, readPageWithActions, readPages } from "../history/history.ts";
import type { Message } from "../ports/message.ts";
import { type AnswerForm, answerBody, answerText } from "./answers.ts";
import { type Exchange, type Handler, keysetOf, param } from "./exchange.ts";
import { DELETED, type More, encodeChannel, printBatch, printCounts, printHistory } from "./history-answers.ts";
import {
  type BatchForm,
  type HistoryRequest,
  type PagesRequest,
  queryCallback,
  readActionsRequest,
  readBatchRequest,
  readCountsRequest,
  readDeleteRequest,
  readHistoryRequest,
} from "./history-request.ts";

/** The handlers of this room's rows of the route table. */
export const HISTORY_HANDLERS = {
  history: async (services, exchange) => {
    const callback = formOf(exchange);
    const { command, form } = readHistoryRequest(requestOf(exchange, "channel"));
    const { messages } = await services.traced("longwave.history", () => readPages(services, command));
    return answerBody(new EncodedBody(printHistory([...messages.values()].flat(), form)), callback);
  },
  historyBatch: async (services, exchange) => {
    const callback = formOf(exchange);
    const request = readBatchRequest(requestOf(exchange, "channels"));
    const { command, form } = request;
    const { messages: pages, cut } = await services.traced("longwave.history", () => readPages(services, command));
    const more = cut.length === 0 ? undefined : moreOfBatch(request, cut, pages);
    return answerBody(new EncodedBody(printBatch({ pages, form, more })), callback);
  },
  historyWithActions: async (services, exchange) => {
    const callback = formOf(exchange);
    const request = readActionsRequest(requestOf(exchange, "channel"));
    const { command, form } = request;
    const { messages, actions, isCut } = await services.traced("longwave.history", () =>
      readPageWithActions(services, services.actionsReader, command),
    );
    const more = isCut ? moreOf("history-with-actions", request, messages) : undefined;
    const pages = new Map(messages.length === 0 ? [] : command.channels.map((channel) => [channel, messages]));
    return answerBody(new EncodedBody(printBatch({ pages, form, actions, more })), callback);
  },
  deleteMessages: async (services, exchange) => {
    const callback = formOf(exchange);
    const command = readDeleteRequest(requestOf(exchange, "channel"));
    const outcome = await services.traced("longwave.deleteMessages", () => deleteMessages(services, command));
    if (outcome === "unavailable") throw new NetworkError("deletionUnavailable");
    return answerText(DELETED, callback);
  },
  messageCounts: async (services, exchange) => {
    const callback = formOf(exchange);
    const command = readCountsRequest(requestOf(exchange, "channels"));
    const counts = await services.traced("longwave.messageCounts", () => countMessages(services, command));
    return answerText(printCounts(counts), callback);
  },
} as const satisfies Readonly<Record<string, Handler>>;

function formOf({ request, target }: Exchange): AnswerForm {
  return { callback: queryCallback(target.query), request };
}

function requestOf(exchange: Exchange, name: "channel" | "channels"): HistoryRequest {
  return { keyset: keysetOf(exchange), channels: param(exchange, name), query: exchange.target.query };
}

// One channel goes on behind its last message; of several, those that were cut short are asked for again on their own.
function moreOfBatch(
  request: PagesRequest<BatchForm>,
  cut: readonly string[],
  pages: ReadonlyMap<string, readonly Message[]>,
): More {
  const { command, bounds } = request;
  const [channel = ""] = command.channels;
  if (command.channels.length === 1) return moreOf("history", request, pages.get(channel) ?? []);
  return printedMore("history", { ...command, channels: cut }, bounds);
}

function moreOf(service: string, { command, bounds }: PagesRequest<BatchForm>, taken: readonly Message[]): More {
  const start = (command.range.take === "oldest" ? taken.at(-1) : taken.at(0))?.timetoken;
  const messagesMax = command.messagesMax - taken.length;
  return printedMore(service, { ...command, messagesMax }, { ...bounds, start });
}

function printedMore(
  service: string,
  { keyset, channels, messagesMax }: PagesRequest<BatchForm>["command"],
  { start, end }: PagesRequest<BatchForm>["bounds"],
): More {
  const path = `/v3/${service}/sub-key/${encodeURIComponent(keyset)}/channel/${channels.map(encodeChannel).join(",")}`;
  const bounds = [
    ...(start === undefined ? [] : [`start=${printTimetoken(start)}`]),
    ...(end === undefined ? [] : [`end=${printTimetoken(end)}`]),
  ];
  return { url: `${path}?${[...bounds, `max=${messagesMax}`].join("&")}`, start, max: messagesMax };
}
