/**
 * The handlers of the routes of push registrations.
 *
 * Rules: spec/PUSH.md PSH1-PSH12.
 *
 * @module
 */
import { NetworkError, type RouteName } from "@longwave/protocol";
import { EncodedBody } from "../channels/encoded-body.ts";
import { changeRegistrations, removeDevice } from "../push/registrations.ts";
import { answerBody } from "./answers.ts";
import type { Exchange, Handler } from "./exchange.ts";
import { readChannelsPage, readDevice, readRegistrationEdit } from "./push-request.ts";
import type { Services } from "./services.ts";

/** This room's part of the handlers. */
export const PUSH_HANDLERS = {
  pushChannels: answerChannels,
  pushRemoveDevice: answerRemoveDevice,
  pushTopicChannels: answerChannels,
  pushTopicRemoveDevice: answerRemoveDevice,
} satisfies Partial<Record<RouteName, Handler>>;

const REFUSED_BY_STORE = {
  tooMany: "pushRegistrationsTooMany",
  unavailable: "pushUnavailable",
  overloaded: "pushOverloaded",
} as const;

async function answerChannels({ push }: Services, exchange: Exchange): Promise<Response> {
  const { query } = exchange.target;
  const device = readDevice(exchange);
  const edit = readRegistrationEdit(device, query);
  if (!edit) return answer(exchange, await push.store.channels(device, readChannelsPage(query)));
  const outcome = await changeRegistrations(push, device, edit);
  if (outcome.kind !== "kept") throw new NetworkError(REFUSED_BY_STORE[outcome.kind]);
  return answer(exchange, [1, "Modified Channels"]);
}

async function answerRemoveDevice({ push }: Services, exchange: Exchange): Promise<Response> {
  const outcome = await removeDevice(push, readDevice(exchange));
  if (outcome.kind !== "done") throw new NetworkError(REFUSED_BY_STORE[outcome.kind]);
  return answer(exchange, [1, "Removed Device"]);
}

function answer({ request }: Exchange, value: readonly (string | number)[]): Response {
  return answerBody(new EncodedBody(JSON.stringify(value)), { callback: undefined, request });
}
