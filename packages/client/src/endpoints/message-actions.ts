/**
 * The calls about message actions: add, remove, list.
 *
 * Rules: spec/SDK.md SDK27, SDK34.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { type JsonRecord, isRecord, parseRecord, recordIn, isTexts, numberIn, present, textIn } from "../json.ts";
import type { Call, CallOptions } from "./call.ts";
import { rangeOf } from "./history.ts";
import { invalidParameter, optionalPage, requireName, requireTimetoken } from "./parameters.ts";
import type { CallRequest } from "./request.ts";

/** A type and a value that somebody attached to a message. */
export interface MessageAction {
  readonly type: string;
  readonly value: string;
  /** Who attached it. */
  readonly uuid: string;
  /** When it was attached: 17 digits. */
  readonly actionTimetoken: string;
  /** The message's timetoken: 17 digits. */
  readonly messageTimetoken: string;
}

/** An action to attach to a message. */
export interface AddMessageActionParameters extends CallOptions {
  readonly channel: string;
  /** 17 digits. */
  readonly messageTimetoken: string;
  /** A type of 1 to 15 characters, and a value. */
  readonly action: Pick<MessageAction, "type" | "value">;
}

/** The action as it is kept. */
export interface AddMessageActionResult {
  readonly data: MessageAction;
  /** False where it is kept but its event could not be sent. */
  readonly isAnnounced: boolean;
}

/** An action to take away; only who attached it may. */
export interface RemoveMessageActionParameters extends CallOptions {
  readonly channel: string;
  /** 17 digits. */
  readonly messageTimetoken: string;
  /** 17 digits. */
  readonly actionTimetoken: string;
}

/** That it is gone. */
export interface RemoveMessageActionResult {
  readonly data: Readonly<Record<string, never>>;
  /** False where it is gone but its event could not be sent. */
  readonly isAnnounced: boolean;
}

/** A page of a channel's actions. */
export interface GetMessageActionsParameters extends CallOptions {
  readonly channel: string;
  /** Only actions older than this action's timetoken. */
  readonly start?: string | undefined;
  /** Only this action and newer ones. */
  readonly end?: string | undefined;
  /** The newest ones, 1 to 100. @defaultValue 100 */
  readonly limit?: number | undefined;
}

/** A page of a channel's actions, oldest first. */
export interface GetMessageActionsResult {
  readonly data: readonly MessageAction[];
  /** The action timetoken of the first one, the `start` of the page before; null where there is none. */
  readonly start: string | null;
  /** The action timetoken of the last one; null where there is none. */
  readonly end: string | null;
  /** Where a page that was cut short goes on. */
  readonly more?: MoreActions | undefined;
}

/** Where a page that was cut short goes on. */
export interface MoreActions {
  readonly url?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly limit?: number | undefined;
}

/** The status of a change that was made but not announced. */
const NOT_ANNOUNCED = 207;

/** Attaches an action to a message. */
export const addMessageActionCall: Call<AddMessageActionParameters, AddMessageActionResult> = {
  operation: "PNAddActionOperation",
  request: ({ channel, messageTimetoken, action }, { subscribeKey }) => ({
    path: messagePath(subscribeKey, channel, messageTimetoken),
    body: bodyOf(action),
  }),
  parse: (text) => {
    const { data, status } = parseRecord(text);
    return isAction(data) ? { data, isAnnounced: status !== NOT_ANNOUNCED } : undefined;
  },
};

/** Takes an action away. */
export const removeMessageActionCall: Call<RemoveMessageActionParameters, RemoveMessageActionResult> = {
  operation: "PNRemoveMessageActionOperation",
  request: ({ channel, messageTimetoken, actionTimetoken }, { subscribeKey }) => ({
    method: "DELETE",
    path: [
      ...messagePath(subscribeKey, channel, messageTimetoken),
      "action",
      requireTimetoken(actionTimetoken, "actionTimetoken"),
    ],
  }),
  parse: (text) => {
    const { status } = parseRecord(text);
    return typeof status === "number" ? { data: {}, isAnnounced: status !== NOT_ANNOUNCED } : undefined;
  },
};

/** Lists a channel's actions. */
export const getMessageActionsCall: Call<GetMessageActionsParameters, GetMessageActionsResult> = {
  operation: "PNGetMessageActionsOperation",
  request: (parameters, { subscribeKey }) => ({
    path: channelPath(subscribeKey, parameters.channel),
    query: { ...rangeOf(parameters), limit: optionalPage(parameters.limit, "limit", LIMITS.actionsPerPageMax) },
  }),
  parse: (text) => {
    const body = parseRecord(text);
    const { data } = body;
    if (!Array.isArray(data) || !data.every(isAction)) return undefined;
    const [start, end] = [data.at(0)?.actionTimetoken ?? null, data.at(-1)?.actionTimetoken ?? null];
    const more = recordIn(body, "more");
    return present({ data, start, end, more: more && moreOf(more) });
  },
};

// A network may write these instants as numbers; such digits are wrong, so they are left out.
function moreOf({ url, start, end, limit }: JsonRecord): MoreActions {
  return present({ url: textIn(url), start: textIn(start), end: textIn(end), limit: numberIn(limit) });
}

function bodyOf(action: unknown): string {
  const { type, value } = isRecord(action) ? action : {};
  if (typeof type !== "string" || type === "" || typeof value !== "string" || value === "") {
    throw invalidParameter("action has no type or no value; give both as texts");
  }
  if (Array.from(type).length > LIMITS.actionTypeCharactersMax) {
    throw invalidParameter(`action.type is too long; use at most ${LIMITS.actionTypeCharactersMax} characters`);
  }
  return JSON.stringify({ type, value });
}

function isAction(value: unknown): value is MessageAction {
  if (!isRecord(value)) return false;
  const { type, value: what, uuid, actionTimetoken, messageTimetoken } = value;
  return isTexts([type, what, uuid, actionTimetoken, messageTimetoken]);
}

function messagePath(subscribeKey: string, channel: unknown, messageTimetoken: unknown): CallRequest["path"] {
  const instant = requireTimetoken(messageTimetoken, "messageTimetoken");
  return [...channelPath(subscribeKey, channel), "message", instant];
}

function channelPath(subscribeKey: string, channel: unknown): CallRequest["path"] {
  return ["v1", "message-actions", subscribeKey, "channel", requireName(channel, "channel")];
}
