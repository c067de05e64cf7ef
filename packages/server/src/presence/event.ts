/**
 * Presence events as messages: the payload that clients read and the generated metadata that filters read.
 *
 * Pure. Rules: spec/PRESENCE.md PRE20-PRE24.
 *
 * @module
 */
import { PRESENCE_SUFFIX, membersOf } from "@longwave/protocol";
import type { MessageDraft } from "../ports/message.ts";
import type { IntervalDigest, PresenceChange } from "../ports/presence-store.ts";

/**
 * Writes a join, leave, timeout or state-change.
 *
 * @param wallMs when it is announced, in milliseconds since the Unix epoch.
 */
export function memberEvent({ action, channel, uuid, occupancy, state }: PresenceChange, wallMs: number): MessageDraft {
  const { timestamp, preciseTimestamp } = instantOf(wallMs);
  const who = JSON.stringify(uuid);
  const data = state ?? (action === "state-change" ? "{}" : undefined);
  const payload =
    `{"action":"${action}","uuid":${who},"timestamp":${timestamp},"precise_timestamp":${preciseTimestamp},` +
    `"occupancy":${occupancy}${data === undefined ? "" : `,"data":${data}`}}`;
  const meta =
    `{"pn_action":"${action}","pn_uuid":${who},${sharedMeta(channel, wallMs, occupancy)}` +
    `${data === undefined ? "" : stateMeta(data)}}`;
  return draftOf(channel, payload, meta);
}

/** What an interval event is written from. */
export interface IntervalEvent {
  readonly channel: string;
  readonly digest: IntervalDigest;
  /** Whether it says who came and went. */
  readonly hasDeltas: boolean;
}

/** Writes an interval event. Lists that are empty are left out; too long ones are replaced by a hint to ask here-now. */
export function intervalEvent({ channel, digest, hasDeltas }: IntervalEvent, wallMs: number): MessageDraft {
  const { timestamp } = instantOf(wallMs);
  const lists = (["join", "leave", "timeout"] as const)
    .filter((action) => hasDeltas && digest[action].length > 0)
    .map((action) => [action, JSON.stringify(digest[action])] as const);
  const refresh = hasDeltas && digest.isTooLong ? ',"here_now_refresh":true' : "";
  const payload =
    `{"action":"interval","timestamp":${timestamp},"occupancy":${digest.occupancy}` +
    `${lists.map(([action, uuids]) => `,"${action}":${uuids}`).join("")}${refresh}}`;
  const meta =
    `{"pn_action":"interval",${sharedMeta(channel, wallMs, digest.occupancy)}` +
    `${lists.map(([action, uuids]) => `,"pn_${action}":${uuids}`).join("")}}`;
  return draftOf(channel, payload, meta);
}

function instantOf(wallMs: number): { readonly timestamp: number; readonly preciseTimestamp: number } {
  return { timestamp: Math.floor(wallMs / 1_000), preciseTimestamp: Math.floor(wallMs) };
}

function sharedMeta(channel: string, wallMs: number, occupancy: number): string {
  const { timestamp, preciseTimestamp } = instantOf(wallMs);
  const instant = `"pn_timestamp":${timestamp},"pn_precise_timestamp":${preciseTimestamp}`;
  return `${instant},"pn_occupancy":${occupancy},"pn_ispresence":1,"pn_channel":${JSON.stringify(channel)}`;
}

function stateMeta(state: string): string {
  let text = "";
  for (const [name, value] of membersOf(state)) text += `,${JSON.stringify(`pn_state_${name}`)}:${value}`;
  return text;
}

function draftOf(channel: string, payload: string, meta: string): MessageDraft {
  return {
    channel: `${channel}${PRESENCE_SUFFIX}`,
    payload,
    meta,
    eventType: undefined,
    publisher: undefined,
    sequence: undefined,
    customMessageType: undefined,
    origination: undefined,
    stored: false,
    ttlHours: undefined,
  };
}
