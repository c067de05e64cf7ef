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
import { claimOf } from "./permit.ts";
import type { Services } from "./services.ts";
import { capabilitiesFor, commandOf, refusalOf } from "./subscribe-exchange.ts";
import { WebSocketSession } from "./web-socket-session.ts";

/**
 * Answers a subscribe request by making a WebSocket of its connection.
 *
 * @throws {NetworkError} what a poll would be refused with; `upgradeRequired` where the headers make no WebSocket.
 */
export async function answerWebSocket(services: Services, exchange: Exchange): Promise<Answer> {
  const claim = claimOf(exchange);
  const command = commandOf(services, exchange, claim);
  const keyset = keysetOf(exchange);
  const attendance = attendanceOf(services, exchange, claim);
  const session = new WebSocketSession(services, { keyset, claim, extras: capabilitiesFor(command), attendance });
  services.admission.hold(claim, keyset.heldPollsPerUuidMax);
  try {
    const outcome = await services.subscriptions.open(command, session);
    if (outcome.kind !== "open") throw refusalOf(outcome);
    session.attach(outcome.stream);
    await attendance?.show(command);
    if (exchange.connections.upgrade(exchange.request, session)) return undefined;
    throw new NetworkError("upgradeRequired");
  } catch (failure) {
    session.abandoned();
    throw failure;
  }
}
