/**
 * What a message's `pn_fcm` or `pn_gcm` asks to be sent to Google's devices, in the form of FCM's HTTP v1 interface.
 *
 * `pn_fcm` has that form already. `pn_gcm` has the form of the interface before it, which Google has switched off, and is
 * translated. Pure. Rules: spec/PUSH.md PSH36-PSH38.
 *
 * @module
 */
import { membersOf } from "@longwave/protocol";
import type { PushNotice } from "../ports/push-gateway.ts";
import { type Place, complain, isObject, printMembers, readTokens, within } from "./json-member.ts";

/** Where a message goes is decided by registrations alone. */
const ADDRESSES: ReadonlySet<string> = new Set(["token", "topic", "condition", "pn_exceptions"]);

/**
 * Reads a message's `pn_fcm`.
 *
 * @param text JSON text of what stands there.
 */
export function fcmNotice(text: string, place: Place): PushNotice | undefined {
  return noticeOf(text, place, keep);
}

/** Reads a message's `pn_gcm`, and translates it. */
export function gcmNotice(text: string, place: Place): PushNotice | undefined {
  return noticeOf(text, place, translate);
}

type Members = ReadonlyMap<string, string>;
type Named = readonly [name: string, text: string];

function noticeOf(text: string, place: Place, print: (members: Members) => readonly Named[]): PushNotice | undefined {
  const given: unknown = JSON.parse(text);
  if (!isObject(given)) return complain(place, "must be an object");
  const excluded = readTokens(given["pn_exceptions"], within(place, ".pn_exceptions"));
  const body = printMembers(print(membersOf(text)));
  if (body === "{}") return complain(place, "says nothing to a device");
  return { app: { gateway: "fcm" }, headers: {}, body, excluded };
}

function keep(members: Members): readonly Named[] {
  return [...members].filter(([name]) => !ADDRESSES.has(name)).map(([name, text]) => [name, inFcm(name, text)]);
}

function inFcm(name: string, text: string): string {
  return name === "data" ? printData(text) : text;
}

// Values are texts there; anything else would have the whole message refused.
function printData(text: string): string {
  if (!text.startsWith("{")) return text;
  return printMembers(
    [...membersOf(text)].map(([name, value]) => [name, isText(value) ? value : JSON.stringify(value)]),
  );
}

function isText(json: string): boolean {
  return json.startsWith('"');
}

/** Members of a notification that all platforms have. */
const SHARED: ReadonlySet<string> = new Set(["title", "body", "image"]);
/** Members that only Android has, by their names before and now. */
const ANDROID_NOTIFICATION: Readonly<Record<string, string>> = {
  icon: "icon",
  color: "color",
  sound: "sound",
  tag: "tag",
  click_action: "click_action",
  body_loc_key: "body_loc_key",
  body_loc_args: "body_loc_args",
  title_loc_key: "title_loc_key",
  title_loc_args: "title_loc_args",
  android_channel_id: "channel_id",
};

function translate(members: Members): readonly Named[] {
  const notification = members.get("notification") ?? "";
  const shown = notification.startsWith("{") ? [...membersOf(notification)] : [];
  const shared = shown.filter(([name]) => SHARED.has(name));
  const onAndroid = shown.flatMap(([name, text]): readonly Named[] => {
    const now = Object.hasOwn(ANDROID_NOTIFICATION, name) ? ANDROID_NOTIFICATION[name] : undefined;
    return now === undefined ? [] : [[now, text]];
  });
  const android = [...delivery(members), ...named("notification", onAndroid)];
  const data = members.get("data");
  return [
    ...named("notification", shared),
    ...(data?.startsWith("{") ? ([["data", printData(data)]] as const) : []),
    ...named("android", android),
  ];
}

function named(name: string, members: readonly Named[]): readonly Named[] {
  return members.length === 0 ? [] : [[name, printMembers(members)]];
}

function delivery(members: Members): readonly Named[] {
  const priority = members.get("priority")?.toLowerCase();
  const seconds = members.get("time_to_live") ?? "";
  const texts = ["collapse_key", "restricted_package_name"].flatMap((name): readonly Named[] => {
    const text = members.get(name);
    return text !== undefined && isText(text) ? [[name, text]] : [];
  });
  return [
    ...texts,
    ...(priority === '"high"' || priority === '"normal"' ? ([["priority", priority.toUpperCase()]] as const) : []),
    ...(/^\d{1,9}$/.test(seconds) ? ([["ttl", `"${seconds}s"`]] as const) : []),
  ];
}
