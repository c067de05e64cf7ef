/**
 * What a message's `pn_apns` asks to be sent to which of Apple's apps.
 *
 * Pure. Rules: spec/PUSH.md PSH32-PSH35.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { PushNotice } from "../ports/push-gateway.ts";
import type { PushApp } from "../ports/push-store.ts";
import { canonicalToken } from "./device-token.ts";
import { type JsonObject, type Place, complain, isObject, readTokens, within, without } from "./json-member.ts";

const PUSH_TYPES: ReadonlySet<unknown> = new Set([
  "alert",
  "background",
  "location",
  "voip",
  "complication",
  "fileprovider",
  "mdm",
  "liveactivity",
  "pushtotalk",
]);

const V1: PushApp = Object.freeze({ gateway: "apns" });

/**
 * Reads a message's `pn_apns`. What is wrong with one part of it does not concern the others.
 *
 * @param text JSON text of what stands there.
 * @returns one notice for devices without a topic, and one for each target.
 */
export function appleNotices(text: string, place: Place): readonly PushNotice[] {
  const given: unknown = JSON.parse(text);
  if (!isObject(given)) {
    complain(place, "must be an object");
    return [];
  }
  const body = without(text, "pn_push", "pn_exceptions");
  const exceptions = readTokens(given["pn_exceptions"], within(place, ".pn_exceptions"));
  const automatic = isSilent(given) ? "background" : "alert";
  const asked: readonly Asked[] = [
    { app: V1, headers: headersOf({}, automatic, place), excluded: [] },
    ...readPushes(given["pn_push"], automatic, within(place, ".pn_push")),
  ];
  return asked
    .map(({ app, headers, excluded }) => ({
      app,
      headers,
      body,
      excluded: [...exceptions, ...excluded].map((token) => canonicalToken(app, token)),
    }))
    .filter((notice) => fits(notice, place));
}

interface Asked {
  readonly app: PushApp;
  readonly headers: PushNotice["headers"];
  readonly excluded: readonly string[];
}

function fits({ headers, body }: PushNotice, place: Place): boolean {
  const bytesMax = headers["apns-push-type"] === "voip" ? LIMITS.apnsVoipBodyBytesMax : LIMITS.apnsBodyBytesMax;
  if (body === "{}") complain(place, "says nothing to a device");
  else if (Buffer.byteLength(body) > bytesMax) complain(place, `has more than ${bytesMax} bytes for a device`);
  else return true;
  return false;
}

function readPushes(pushes: unknown, automatic: string, place: Place): readonly Asked[] {
  if (pushes === undefined) return [];
  if (!Array.isArray(pushes)) {
    complain(place, "must be a list");
    return [];
  }
  const byApp = new Map<string, Asked>();
  for (const [at, push] of pushes.entries()) {
    const here = within(place, `[${at}]`);
    if (!isObject(push)) complain(here, "must be an object");
    else for (const asked of readTargets(push, automatic, here)) keepFirst(byApp, asked, here);
  }
  return [...byApp.values()];
}

// A device is told of a message once.
function keepFirst(byApp: Map<string, Asked>, asked: Asked, place: Place): void {
  const key = JSON.stringify(asked.app);
  if (byApp.has(key)) complain(place, "has a target that was there before");
  else if (byApp.size >= LIMITS.pushAppsPerMessageMax) complain(place, "has a target too many");
  else byApp.set(key, asked);
}

function readTargets(push: JsonObject, automatic: string, place: Place): readonly Asked[] {
  const { targets } = push;
  if (!Array.isArray(targets)) {
    complain(within(place, ".targets"), "must be a list");
    return [];
  }
  const headers = headersOf(push, automatic, place);
  return targets.flatMap((target: unknown, at) => {
    const here = within(place, `.targets[${at}]`);
    const app = isObject(target) ? readApp(target, here) : complain(here, "must be an object");
    if (!app || !isObject(target)) return [];
    return [{ app, headers, excluded: readTokens(target["excluded_devices"], within(here, ".excluded_devices")) }];
  });
}

function readApp({ topic, environment = "development" }: JsonObject, place: Place): PushApp | undefined {
  if (typeof topic !== "string" || topic === "")
    return complain(within(place, ".topic"), "must be an app's identifier");
  if (environment !== "development" && environment !== "production") {
    return complain(within(place, ".environment"), "must be development or production");
  }
  return { gateway: "apns2", environment, topic };
}

function headersOf(push: JsonObject, automatic: string, place: Place): PushNotice["headers"] {
  const type = readPushType(push["push_type"], within(place, ".push_type")) ?? automatic;
  const collapse = readCollapseId(push["collapse_id"], within(place, ".collapse_id"));
  const expiration = readExpiration(push["expiration"], within(place, ".expiration"));
  return {
    "apns-push-type": type,
    ...(type === "background" && { "apns-priority": "5" }), // Apple refuses any other
    ...(collapse !== undefined && { "apns-collapse-id": collapse }),
    ...(expiration !== undefined && { "apns-expiration": expiration }),
  };
}

// What wakes the app and shows nothing.
function isSilent({ aps }: JsonObject): boolean {
  return isObject(aps) && aps["content-available"] === 1 && !["alert", "sound", "badge"].some((name) => name in aps);
}

function readPushType(value: unknown, place: Place): string | undefined {
  if (value === undefined || PUSH_TYPES.has(value)) return value as string | undefined;
  return complain(place, "must be one of Apple's");
}

function readCollapseId(value: unknown, place: Place): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^[ -~]{1,64}$/.test(value)) return value;
  return complain(place, "must be a text of 1 to 64 printable ASCII characters");
}

function readExpiration(value: unknown, place: Place): string | undefined {
  if (value === undefined) return undefined;
  const ms = typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(ms)) return complain(place, "must be a date");
  return String(Math.max(Math.floor(ms / 1_000), 0));
}
