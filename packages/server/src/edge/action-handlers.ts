/**
 * The handlers of message actions: read the request, call the service, shape the answer.
 *
 * Rules: spec/ACTIONS.md.
 *
 * @module
 */
import { type ErrorCode, NetworkError, printTimetoken } from "@longwave/protocol";
import { printAction } from "../actions/action-json.ts";
import type { AddResult, GetCommand, RemoveResult } from "../actions/actions.ts";
import { EncodedBody } from "../channels/encoded-body.ts";
import type { ActionPage } from "../ports/action-store.ts";
import { readActionAdd, readActionRemove, readActionsGet } from "./action-request.ts";
import { type AnswerForm, answerBody, answerPartial, answerText } from "./answers.ts";
import { type Exchange, type Handler, param } from "./exchange.ts";
import type { Services } from "./services.ts";

/** The handlers of this service's rows of the route table. */
export const ACTION_HANDLERS = {
  actionAdd: answerAdd,
  actionRemove: answerRemove,
  actionsGet: answerGet,
} satisfies Record<string, Handler>;

async function answerAdd({ actions, traced }: Services, exchange: Exchange): Promise<Response> {
  const command = await readActionAdd(exchange);
  const result = await traced("longwave.action.add", () => actions.add(command));
  if (result.kind !== "added") throw new NetworkError(REFUSED[result.kind]);
  const data = printAction(result.action);
  if (result.isAnnounced) return answerText(`{"status":200,"data":${data}}`, formOf(exchange));
  const error = { message: "Stored but failed to publish message action.", source: "actions" };
  return answerPartial(`{"status":207,"data":${data},"error":${JSON.stringify(error)}}`);
}

async function answerRemove({ actions, traced }: Services, exchange: Exchange): Promise<Response> {
  const command = readActionRemove(exchange);
  const result = await traced("longwave.action.remove", () => actions.remove(command));
  if (result.kind !== "removed") throw new NetworkError(REFUSED[result.kind]);
  if (result.isAnnounced) return answerText('{"status":200,"data":{}}', formOf(exchange));
  const error = { source: "actions", message: "Deleted but failed to publish removed events." };
  return answerPartial(JSON.stringify({ status: 207, error }));
}

async function answerGet({ actions }: Services, exchange: Exchange): Promise<Response> {
  const command = readActionsGet(exchange);
  const page = await actions.get(command);
  const data = page.actions.map(printAction).join(",");
  const more = page.isTruncated ? `,"more":${printMore(exchange, command, page)}` : "";
  return answerBody(new EncodedBody(`{"status":200,"data":[${data}]${more}}`), formOf(exchange));
}

type Refusal = Exclude<AddResult["kind"] | RemoveResult["kind"], "added" | "removed">;

const REFUSED: Readonly<Record<Refusal, ErrorCode>> = {
  duplicate: "actionDuplicate",
  tooMany: "actionsTooMany",
  notAuthor: "actionNotAuthor",
  none: "actionUnknown",
  unavailable: "actionsUnavailable",
  overloaded: "actionsOverloaded",
};

// The rest of what was asked for, as the request that gets it.
function printMore(exchange: Exchange, { end, actionsMax }: GetCommand, { actions }: ActionPage): string {
  const start = printTimetoken(actions[0]?.timetoken ?? 0n);
  const last = end === undefined ? undefined : printTimetoken(end);
  const limit = actionsMax - actions.length;
  const path = `/v1/message-actions/${param(exchange, "sub")}/channel/${param(exchange, "channel")}`;
  const ends = last === undefined ? "" : `&end=${last}`;
  return JSON.stringify({ url: `${path}?start=${start}${ends}&limit=${limit}`, start, end: last, limit });
}

// This service has no callback in its paths, so never JSONP.
function formOf({ request }: Exchange): AnswerForm {
  return { callback: undefined, request };
}
