/**
 * Events of App Context: a user, a channel or a membership was changed or removed.
 *
 * Pure. Rules: spec/SDK.md SDK59.
 *
 * @module
 */
import { isRecord } from "../json.ts";
import type { ChannelMetadata, CustomData, OrIdAlone, UUIDMetadata } from "./records.ts";

interface Change<Type, Data> {
  readonly source: "objects";
  /** The form of this message: `2.0`. */
  readonly version: string;
  readonly event: "set" | "delete";
  readonly type: Type;
  /** With `set` what is different now, null where something was cleared; with `delete` the ids. */
  readonly data: Data;
}

/** Both ends of a membership, and with `set` what it has. */
export interface MembershipChange {
  readonly channel: { readonly id: string };
  readonly uuid: { readonly id: string };
  readonly custom?: CustomData | null | undefined;
  readonly status?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly updated?: string | undefined;
  readonly eTag?: string | undefined;
}

/** What has happened, by its `type`. */
export type ObjectsMessage =
  | Change<"uuid", OrIdAlone<UUIDMetadata>>
  | Change<"channel", OrIdAlone<ChannelMetadata>>
  | Change<"membership", MembershipChange>;

/** Reads a payload; nothing where it is something else, or of a type that this version does not know. */
export function readObjectsMessage(payload: unknown): ObjectsMessage | undefined {
  if (!isRecord(payload) || payload["source"] !== "objects") return undefined;
  const { version, event, type, data } = payload;
  if (typeof version !== "string" || (event !== "set" && event !== "delete") || !isRecord(data)) return undefined;
  const ids = type === "membership" ? [idIn(data["channel"]), idIn(data["uuid"])] : [idIn(data)];
  const isKnown = type === "uuid" || type === "channel" || type === "membership";
  return isKnown && ids.every((id) => typeof id === "string") ? (payload as unknown as ObjectsMessage) : undefined;
}

function idIn(value: unknown): unknown {
  return isRecord(value) ? value["id"] : undefined;
}
