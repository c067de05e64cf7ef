/**
 * What a client sends over a WebSocket: `{"subscribe":{…}}` or `{"publish":{…}}`, one object a frame.
 *
 * Pure. Rules: spec/STREAMS.md STR22-STR25.
 *
 * @module
 */
import {
  NetworkError,
  type SubscribeName,
  type Timetoken,
  compactJson,
  membersOf,
  parseTimetoken,
} from "@longwave/protocol";
import type { GroupName } from "../channels/selection.ts";
import { readGroups, readNames } from "./subscribe-request.ts";

/** A frame whose kind is known and whose members are not read yet. */
export interface Frame {
  readonly kind: "subscribe" | "publish";
  /** Raw JSON by name. */
  readonly members: Members;
}

type Members = ReadonlyMap<string, string>;

/** A change of the subscription; what is absent stays as it is. */
export interface SubscribeFrame {
  readonly names: readonly SubscribeName[] | undefined;
  readonly groups: readonly GroupName[] | undefined;
  /** An expression; the empty one takes the filter away. */
  readonly filter: string | undefined;
  /** `0n` asks for the cursor of now. */
  readonly after: Timetoken | undefined;
}

/** A message to publish. */
export interface PublishFrame {
  readonly publishKey: string;
  readonly channel: string;
  /** The message's JSON, as it stands in the frame. */
  readonly payload: string;
  /** Another member as the text that a query would hold: a string's content, anything else's JSON. */
  readonly member: (name: string) => string | undefined;
}

/**
 * Reads what kind of frame a text is.
 *
 * @param text from an untrusted peer; binary frames are refused.
 * @throws {NetworkError} `frameMalformed`.
 */
export function parseFrame(text: string | Uint8Array): Frame {
  const frame = objectOf(typeof text === "string" ? compactJson(text) : undefined);
  const subscribe = frame.get("subscribe");
  if (subscribe !== undefined) return { kind: "subscribe", members: objectOf(subscribe) };
  return { kind: "publish", members: objectOf(frame.get("publish")) };
}

function objectOf(json: string | undefined): Members {
  if (!json?.startsWith("{")) throw new NetworkError("frameMalformed");
  return membersOf(json);
}

/** Reads a change. @throws {NetworkError} `frameMalformed`, or what the same names would be refused with in a request. */
export function readSubscribeFrame(members: Members): SubscribeFrame {
  const channels = listOf(members.get("channels"));
  const groups = listOf(members.get("groups"));
  const filter = members.get("filter");
  const after = members.get("tt");
  return {
    names: channels && readNames(channels),
    groups: groups && readGroups(groups),
    filter: filter === "null" ? "" : stringOf(filter),
    after: after === undefined ? undefined : parseTimetoken(stringOf(after) ?? ""),
  };
}

/** Reads a message to publish. @throws {NetworkError} `frameMalformed`. */
export function readPublishFrame(members: Members): PublishFrame {
  const channel = stringOf(members.get("channel"));
  const payload = members.get("message");
  if (channel === undefined || payload === undefined) throw new NetworkError("frameMalformed");
  return {
    publishKey: stringOf(members.get("key")) ?? "",
    channel,
    payload,
    member: (name) => {
      const json = members.get(name);
      if (name === "lw_id") return stringOf(json); // a null that names nothing would else be one id for everything
      // A meta is JSON in a query too; everything else is plain there.
      return json?.startsWith('"') && name !== "meta" ? stringOf(json) : json;
    },
  };
}

function stringOf(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  if (!json.startsWith('"')) throw new NetworkError("frameMalformed");
  return String(JSON.parse(json));
}

function listOf(json: string | undefined): readonly string[] | undefined {
  if (json === undefined) return undefined;
  const list: unknown = JSON.parse(json);
  if (!Array.isArray(list) || !list.every((item) => typeof item === "string")) throw new NetworkError("frameMalformed");
  return [...new Set(list)];
}
