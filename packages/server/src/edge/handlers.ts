/**
 * The handler of every route: the one table from which the listener answers.
 *
 * @module
 */
import { type RouteName, printTimetoken, timetokenFromMs } from "@longwave/protocol";
import { ACCESS_HANDLERS } from "./access-handlers.ts";
import { ACTION_HANDLERS } from "./action-handlers.ts";
import { ADMIN_HANDLERS } from "./admin-handlers.ts";
import { answerPlain, answerText } from "./answers.ts";
import { type Answer, type Exchange, type Handler, formOf } from "./exchange.ts";
import { FILE_HANDLERS } from "./file-handlers.ts";
import { GROUP_HANDLERS } from "./group-handlers.ts";
import { HISTORY_HANDLERS } from "./history-handlers.ts";
import { PRESENCE_HANDLERS } from "./presence-handlers.ts";
import { OBJECT_HANDLERS } from "./object-handlers.ts";
import { PUBLISH_HANDLERS } from "./publish-handlers.ts";
import { PUSH_HANDLERS } from "./push-handlers.ts";
import { RELATION_HANDLERS } from "./relation-handlers.ts";
import type { Services } from "./services.ts";
import { CAPABILITIES } from "./subscribe-exchange.ts";
import { isOurs } from "./subscribe-request.ts";
import { SUBSCRIBE_HANDLERS } from "./subscribe-handlers.ts";

/** The handler of every row of the route table. */
export const HANDLERS: Readonly<Record<RouteName, Handler>> = {
  time: answerTime,
  ...PUBLISH_HANDLERS,
  ...SUBSCRIBE_HANDLERS,
  ...GROUP_HANDLERS,
  ...ACTION_HANDLERS,
  ...HISTORY_HANDLERS,
  ...PRESENCE_HANDLERS,
  ...ACCESS_HANDLERS,
  ...ADMIN_HANDLERS,
  ...OBJECT_HANDLERS,
  ...RELATION_HANDLERS,
  ...FILE_HANDLERS,
  ...PUSH_HANDLERS,
  health: async () => answerPlain('{"status":"ok"}\n', "application/json"),
  ready: answerReady,
  metrics: async ({ metrics }) => answerPlain(await metrics.print(), metrics.contentType),
};

async function answerTime({ clock }: Services, exchange: Exchange): Promise<Answer> {
  const now = printTimetoken(timetokenFromMs(clock.wallMs()));
  return answerText(isOurs(exchange.target.query) ? `[${now},${CAPABILITIES}]` : `[${now}]`, formOf(exchange));
}

async function answerReady({ isReady }: Services): Promise<Answer> {
  const ready = isReady();
  return answerPlain(`{"status":"${ready ? "ready" : "draining"}"}\n`, "application/json", ready ? 200 : 503);
}
