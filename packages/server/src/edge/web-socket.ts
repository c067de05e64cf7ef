/**
 * A subscription over a WebSocket: from the request to the session.
 *
 * The same path, parameters and refusals as a poll; what is refused is refused before the connection changes.
 * Rules: spec/STREAMS.md STR20-STR27.
 *
 * @module
 */
import { NetworkError } from "@longwave/protocol";
import { attendanceOf } from "./attendance.ts";
import { type Answer, type Exchange, keysetOf } from "./exchange.ts";
import type { Services } from "./services.ts";
import { capabilitiesFor, commandOf, refusalOf } from "./subscribe-exchange.ts";
import { WebSocketSession } from "./web-socket-session.ts";

/**
 * Answers a subscribe request by making a WebSocket of its connection.
 *
 * @throws {NetworkError} what a poll would be refused with; `upgradeRequired` where the headers make no WebSocket.
 */
export async function answerWebSocket(services: Services, exchange: Exchange): Promise<Answer> {
  const command = commandOf(services, exchange);
  const keyset = keysetOf(services.keysets, exchange);
  const uuid = exchange.target.query.get("uuid");
  const attendance = attendanceOf(services, exchange);
  const release = services.admission.hold(keyset, exchange);
  const settings = { keyset, uuid, extras: capabilitiesFor(command), attendance, exchange, release };
  const session = new WebSocketSession(services, settings);
  const outcome = await services.subscriptions.open(command, session);
  if (outcome.kind !== "open") release();
  if (outcome.kind !== "open") throw refusalOf(outcome);
  session.attach(outcome.stream);
  await attendance?.show(command);
  if (exchange.connections.upgrade(exchange.request, session)) return undefined;
  outcome.stream.close();
  release();
  throw new NetworkError("upgradeRequired");
}
