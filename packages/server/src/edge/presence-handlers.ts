/**
 * The handlers of presence: heartbeat, leave, here-now, where-now, state.
 *
 * Rules: spec/PRESENCE.md PRE50-PRE59.
 *
 * @module
 */
import { NetworkError } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import { EncodedBody } from "../channels/encoded-body.ts";
import type { ChannelPage } from "../ports/presence-store.ts";
import type { AskedNames } from "../presence/names.ts";
import type { AttendOutcome } from "../presence/presence.ts";
import { type AnswerForm, answerBody, answerText, parseCallback } from "./answers.ts";
import { type Exchange, type Handler, keysetOf, param } from "./exchange.ts";
import {
  type HereNowForm,
  readHereNowForm,
  readNewState,
  readPresenceNames,
  readStates,
  readTimeoutSeconds,
  requireUuid,
} from "./presence-request.ts";
import type { Services } from "./services.ts";
import { decodeSegment } from "./target.ts";

/** The handler of every presence row of the route table, in both spellings (rule WIRE15). */
export const PRESENCE_HANDLERS = {
  heartbeat: answerHeartbeat,
  heartbeatUnderscore: answerHeartbeat,
  leave: answerLeave,
  leaveUnderscore: answerLeave,
  hereNow: answerHereNow,
  hereNowUnderscore: answerHereNow,
  hereNowGlobal: answerHereNowGlobal,
  hereNowGlobalUnderscore: answerHereNowGlobal,
  whereNow: answerWhereNow,
  whereNowUnderscore: answerWhereNow,
  stateSet: answerStateSet,
  stateSetUnderscore: answerStateSet,
  stateGet: answerStateGet,
  stateGetUnderscore: answerStateGet,
} satisfies Readonly<Record<string, Handler>>;

const OK = '"status":200,"message":"OK"';
const SERVICE = '"service":"Presence"';

async function answerHeartbeat(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  const { query } = exchange.target;
  const attendance = {
    keyset,
    ...namesOf(exchange),
    uuid: requireUuid(query.get("uuid")),
    timeoutSeconds: readTimeoutSeconds(query),
    states: readStates(query),
  };
  requireAttended(await services.presence.attend(attendance));
  return answerText(`{${OK},${SERVICE}}`, form);
}

async function answerLeave(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  const uuid = requireUuid(exchange.target.query.get("uuid"));
  await services.presence.leave({ keyset, uuid, ...namesOf(exchange) });
  return answerText(`{${OK},"action":"leave",${SERVICE}}`, form);
}

async function answerHereNow(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  const names = namesOf(exchange);
  const wanted = readHereNowForm(exchange.target.query);
  const pages = await services.presence.hereNow({ keyset, isGlobal: false, ...names, ...wanted });
  const text = isSingle(names) ? printFlat(pages, wanted) : printPages(pages, wanted);
  return answerBody(new EncodedBody(text), form);
}

async function answerHereNowGlobal(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  if (!keyset.globalHereNow) throw new NetworkError("presenceDisabled");
  const wanted = readHereNowForm(exchange.target.query);
  const pages = await services.presence.hereNow({ keyset, isGlobal: true, channels: [], groups: [], ...wanted });
  return answerBody(new EncodedBody(printPages(pages, wanted)), form);
}

async function answerWhereNow(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  const channels = await services.presence.whereNow(keyset, targetOf(exchange));
  return answerText(`{${OK},"payload":{"channels":${JSON.stringify(channels)}},${SERVICE}}`, form);
}

async function answerStateSet(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  const membership = { keyset, uuid: targetOf(exchange), ...namesOf(exchange) };
  const state = readNewState(exchange.target.query);
  requireAttended(await services.presence.setState(membership, state));
  return answerText(`{${OK},"payload":${state},${SERVICE}}`, form);
}

async function answerStateGet(services: Services, exchange: Exchange): Promise<Response> {
  const { form, keyset } = opened(exchange);
  const uuid = targetOf(exchange);
  const names = namesOf(exchange);
  const states = await services.presence.states({ keyset, uuid, ...names });
  return answerText(`{${OK},${printStates(names, states)},"uuid":${JSON.stringify(uuid)},${tailOf(names)}}`, form);
}

function opened(exchange: Exchange): { readonly form: AnswerForm; readonly keyset: Keyset } {
  const callback = exchange.target.query.get("callback");
  const form = { callback: parseCallback(callback || "0"), request: exchange.request };
  const keyset = keysetOf(exchange);
  if (!keyset.hasPresence) throw new NetworkError("presenceDisabled");
  return { form, keyset };
}

function namesOf(exchange: Exchange): AskedNames {
  return readPresenceNames(param(exchange, "channels"), exchange.target.query);
}

// On these paths the uuid of the path is meant; the one of the query is the caller's.
function targetOf(exchange: Exchange): string {
  return requireUuid(decodeSegment(param(exchange, "uuid")));
}

function requireAttended(outcome: AttendOutcome): void {
  if (outcome === "full") throw new NetworkError("presenceFull");
}

// One plain channel is answered flat, everything else by channel: clients tell the two apart by where occupancy stands.
function isSingle({ channels, groups }: AskedNames): boolean {
  return channels.length === 1 && groups.length === 0;
}

function printFlat(pages: readonly ChannelPage[], wanted: HereNowForm): string {
  const page = pages[0] ?? { channel: "", occupancy: 0, occupants: [] }; // a presence name has no members
  return `{${OK},${printPage(page, wanted)},${SERVICE}}`;
}

function printPages(pages: readonly ChannelPage[], wanted: HereNowForm): string {
  const occupied = pages.filter(({ occupancy }) => occupancy > 0);
  const total = occupied.reduce((sum, { occupancy }) => sum + occupancy, 0);
  const channels = occupied.map((page) => `${JSON.stringify(page.channel)}:{${printPage(page, wanted)}}`).join(",");
  const totals = `"total_channels":${occupied.length},"total_occupancy":${total}`;
  return `{${OK},"payload":{"channels":{${channels}},${totals}},${SERVICE}}`;
}

function printPage({ occupancy, occupants }: ChannelPage, { limit, hasState }: HereNowForm): string {
  if (limit === 0) return `"occupancy":${occupancy}`;
  const uuids = occupants.map(({ uuid, state }) => {
    const who = JSON.stringify(uuid);
    if (!hasState) return who;
    return state === undefined ? `{"uuid":${who}}` : `{"uuid":${who},"state":${state}}`;
  });
  return `"occupancy":${occupancy},"uuids":[${uuids.join(",")}]`;
}

function printStates(names: AskedNames, states: ReadonlyMap<string, string>): string {
  if (isSingle(names)) return `"payload":${states.get(names.channels[0] ?? "") ?? "{}"}`;
  const members = [...states].map(([channel, state]) => `${JSON.stringify(channel)}:${state}`);
  return `"payload":{"channels":{${members.join(",")}}}`;
}

function tailOf(names: AskedNames): string {
  return isSingle(names) ? `"channel":${JSON.stringify(names.channels[0])},${SERVICE}` : SERVICE;
}
