/**
 * Publish, fire, signal and file messages over HTTP.
 *
 * @module
 */
import { NetworkError, type RouteName, type Timetoken, printTimetoken } from "@longwave/protocol";
import { type PublishCommand, publish } from "../channels/publish.ts";
import type { AcceptedKind } from "../observe/metrics.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { answerText } from "./answers.ts";
import { readBodyText } from "./body.ts";
import { type Answer, type Exchange, type Handler, formOf, keysetOf, param } from "./exchange.ts";
import { isSigned } from "./permit.ts";
import { type PublishRequest, readPublishRequest } from "./publish-request.ts";
import type { Services } from "./services.ts";
import { decodeSegment } from "./target.ts";

/** The handlers of the routes that publish. */
export const PUBLISH_HANDLERS = {
  publish: answerInPath,
  publishBody: answerInBody,
  publishLarge: answerInBody,
  signal: answerInPath,
  filePublish: answerInPath,
} satisfies Partial<Record<RouteName, Handler>>;

function answerInPath(services: Services, exchange: Exchange): MaybePromise<Answer> {
  return answerPublish(services, exchange, decodeSegment(param(exchange, "payload")));
}

async function answerInBody(services: Services, exchange: Exchange): Promise<Answer> {
  return answerPublish(services, exchange, await readBodyText(exchange));
}

function answerPublish(services: Services, exchange: Exchange, payload: string): MaybePromise<Answer> {
  const form = formOf(exchange);
  const request = publishRequestOf(exchange, payload);
  const publishAs = (mayChooseInstant: boolean): MaybePromise<Answer> => {
    const command = readPublishRequest({ ...request, mayChooseInstant });
    return after(accept(services, exchange.route, command), (timetoken) => answerText(printSent(timetoken), form));
  };
  if (exchange.target.query.get("ptto") === undefined) return publishAs(false);
  return after(isSigned(services, exchange), publishAs);
}

function publishRequestOf(exchange: Exchange, payload: string): PublishRequest {
  const { route, target } = exchange;
  const publishKey = decodeSegment(param(exchange, "pub"));
  const channel = decodeSegment(param(exchange, "channel"));
  return { route, keyset: keysetOf(exchange), publishKey, channel, parameters: target.query, payload };
}

/**
 * Publishes, over whatever transport the command came.
 *
 * @returns the timetoken to acknowledge with.
 * @throws {NetworkError} `storageUnavailable`, `publishOverloaded`, `publishIdTaken`.
 */
export function accept(services: Services, route: RouteName, command: PublishCommand): MaybePromise<Timetoken> {
  const outcome = services.traced("longwave.publish", () => publish(services, command));
  return after(outcome, (known) => {
    if (known.kind === "repeated") {
      services.metrics.repeated();
      return known.timetoken;
    }
    if (known.kind !== "sent") throw new NetworkError(REFUSALS[known.kind]);
    const { timetoken } = known;
    const kind = acceptedKind(route, command.isFire);
    services.metrics.accepted(kind);
    if (command.at !== undefined || !NOTIFYING.has(kind)) return timetoken;
    const { keyset, draft } = command;
    const { channel, payload } = draft;
    return after(services.notifier.accept({ keyset, channel, payload, timetoken }), () => timetoken);
  });
}

/** What may ask for notifications (PSH30). */
const NOTIFYING: ReadonlySet<AcceptedKind> = new Set(["message", "file"]);

const REFUSALS = {
  future: "publishOverrideRefused",
  occupied: "publishTimetokenTaken",
  unavailable: "storageUnavailable",
  overloaded: "publishOverloaded",
  taken: "publishIdTaken",
} as const;

/** The acknowledgement of a message. */
export function printSent(timetoken: Timetoken): string {
  return `[1,"Sent","${printTimetoken(timetoken)}"]`;
}

function acceptedKind(route: RouteName, isFire: boolean): AcceptedKind {
  if (route === "signal") return "signal";
  if (route === "filePublish") return "file";
  return isFire ? "fire" : "message";
}
