/**
 * What a message asks the push gateways for, by its top-level `pn_…` members.
 *
 * The message itself is delivered and kept as it is. Pure. Rules: spec/PUSH.md PSH30-PSH39.
 *
 * @module
 */
import { LIMITS, membersOf } from "@longwave/protocol";
import type { PushNotice } from "../ports/push-gateway.ts";
import { appleNotices } from "./apple-notices.ts";
import { fcmNotice, gcmNotice } from "./google-notice.ts";
import { type Place, complain } from "./json-member.ts";

/** What a message asks for. */
export interface PushPlan {
  /** At most one for each app. */
  readonly notices: readonly PushNotice[];
  /** What is wrong with what was asked for: sentences that hold nothing of the message but names of members. */
  readonly problems: readonly string[];
  /** Whether its publisher wants to be told what becomes of it. */
  readonly isDebugged: boolean;
}

const NOTHING: PushPlan = Object.freeze({ notices: [], problems: [], isDebugged: false });

/**
 * Reads a message's push members.
 *
 * @param payload compact JSON text of a published message.
 * @returns nothing to do for nearly every message, for the price of a look for `"pn_`.
 * @example
 * ```ts
 * planPush('{"text":"hi","pn_apns":{"aps":{"alert":"hi"}}}').notices.length; // 1
 * ```
 */
export function planPush(payload: string): PushPlan {
  if (!payload.startsWith("{") || !payload.includes('"pn_')) return NOTHING;
  const members = membersOf(payload);
  const problems: string[] = [];
  const tell = (sentence: string): void => {
    if (problems.length < LIMITS.pushProblemsPerMessageMax) problems.push(sentence);
  };
  const part = (name: string): Part | undefined => partOf(members.get(name), { path: name, tell });
  const [apns, fcm, gcm] = [part("pn_apns"), part("pn_fcm"), part("pn_gcm")];
  const google = googleNotice(fcm, gcm);
  const notices = [...(apns ? appleNotices(apns.text, apns.place) : []), ...(google ? [google] : [])];
  if (notices.length + problems.length === 0) return NOTHING;
  return { notices, problems, isDebugged: members.get("pn_debug") === "true" };
}

interface Part {
  readonly text: string;
  readonly place: Place;
}

function partOf(text: string | undefined, place: Place): Part | undefined {
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) <= LIMITS.pushPartBytesMax) return { text, place };
  return complain(place, `has more than ${LIMITS.pushPartBytesMax} bytes`);
}

// Both reach the same devices, which are told once.
function googleNotice(fcm: Part | undefined, gcm: Part | undefined): PushNotice | undefined {
  if (fcm) return fcmNotice(fcm.text, fcm.place);
  return gcm && gcmNotice(gcm.text, gcm.place);
}
