/**
 * Reads requests about push registrations: which device, and what is to become of its channels.
 *
 * Rules: spec/PUSH.md PSH1-PSH9.
 *
 * @module
 */
import { LIMITS, NetworkError, parseChannel } from "@longwave/protocol";
import type { PushApp, PushChannelsRequest, PushDevice, PushEnvironment } from "../ports/push-store.ts";
import { canonicalToken, isToken } from "../push/device-token.ts";
import type { RegistrationEdit } from "../push/registrations.ts";
import { type Exchange, keysetOf, param } from "./exchange.ts";
import { type Query, decodeSegment, splitQueryList } from "./target.ts";

/**
 * The device that a path names.
 *
 * @throws {NetworkError} the first refusal, in the order: key, push off, type, environment, topic.
 */
export function readDevice(exchange: Exchange): PushDevice {
  const { subscribeKey: keyset, hasPush } = keysetOf(exchange);
  if (!hasPush) throw new NetworkError("pushOff");
  const { query } = exchange.target;
  const app = TOPIC_ROUTES.has(exchange.route) ? readTopicApp(query) : readTypedApp(query.get("type"));
  return { keyset, app, token: canonicalToken(app, decodeSegment(param(exchange, "token"))) };
}

/**
 * What a query asks to become of a device's channels; nothing where it asks to list them.
 *
 * @throws {NetworkError} `pushChannelsTooMany`, `pushChannelInvalid` for what is to be added, `pushTokenInvalid` where
 *   something is to be added.
 */
export function readRegistrationEdit({ app, token }: PushDevice, query: Query): RegistrationEdit | undefined {
  const [add, remove] = [query.get("add"), query.get("remove")];
  if (add === undefined && remove === undefined) return undefined;
  const edit = { add: readList(add).map(readChannel), remove: readList(remove).filter(isChannel) };
  if (edit.add.length > 0 && !isToken(app, token)) throw new NetworkError("pushTokenInvalid");
  return edit;
}

/** Which of a device's channels a query asks for. @throws {NetworkError} `pushCountInvalid`. */
export function readChannelsPage(query: Query): PushChannelsRequest {
  return { after: query.get("start") ?? "", channelsMax: readCount(query.get("count")) };
}

const TOPIC_ROUTES: ReadonlySet<string> = new Set(["pushTopicChannels", "pushTopicRemoveDevice"]);

/** Gateways by the words for them; both of Google's are one by now. */
const TYPED_APPS: ReadonlyMap<string, PushApp> = new Map<string, PushApp>([
  ["apns", { gateway: "apns" }],
  ["fcm", { gateway: "fcm" }],
  ["gcm", { gateway: "fcm" }],
  ["mpns", { gateway: "mpns" }],
]);

function readTypedApp(type: string | undefined): PushApp {
  const app = TYPED_APPS.get(type ?? "");
  if (!app) throw new NetworkError("pushTypeInvalid");
  return app;
}

function readTopicApp(query: Query): PushApp {
  const environment = readEnvironment(query.get("environment"));
  const topic = query.get("topic") ?? "";
  if (!TOPIC.test(topic)) throw new NetworkError("pushTopicInvalid");
  return { gateway: "apns2", environment, topic };
}

const TOPIC = new RegExp(`^[!-~]{1,${LIMITS.pushTopicCharactersMax}}$`);

function readEnvironment(text: string | undefined): PushEnvironment {
  if (text === undefined || text === "") return "development";
  if (text !== "development" && text !== "production") throw new NetworkError("pushEnvironmentInvalid");
  return text;
}

function readList(list: string | undefined): readonly string[] {
  const channels = splitQueryList(list ?? "");
  if (channels.length > LIMITS.pushChangeChannelsMax) throw new NetworkError("pushChannelsTooMany");
  return channels;
}

function readChannel(name: string): string {
  if (!isChannel(name)) throw new NetworkError("pushChannelInvalid");
  return name;
}

// For what no channel is called no device is registered, so removing it is done already.
function isChannel(name: string): boolean {
  try {
    return parseChannel(name) === name;
  } catch {
    return false;
  }
}

const CHANNELS_PER_PAGE = 500;

function readCount(text: string | undefined): number {
  if (text === undefined || text === "") return CHANNELS_PER_PAGE;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new NetworkError("pushCountInvalid");
  return Math.min(count, LIMITS.pushPageChannelsMax);
}
