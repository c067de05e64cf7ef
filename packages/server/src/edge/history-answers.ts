/**
 * Writes answers about the past. Payloads and metas are spliced in as they were published, never parsed. Pure.
 *
 * Rules: spec/HISTORY.md HIS7-HIS9, HIS12-HIS16, HIS22.
 *
 * @module
 */
import { type Timetoken, printTimetoken } from "@longwave/protocol";
import type { Action } from "../ports/action-store.ts";
import type { Message } from "../ports/message.ts";
import type { BatchForm, HistoryForm } from "./history-request.ts";

/** `[[items],first,last]`, ascending; the timetokens are 0 where there is no item. */
export function printHistory(messages: readonly Message[], form: HistoryForm): string {
  const items = messages.map((message) => printItem(message, form)).join(",");
  const edges = [messages.at(0), messages.at(-1)].map((message) => {
    const token = message === undefined ? "0" : printTimetoken(message.timetoken);
    return form.edgeTokensAreTexts ? `"${token}"` : token;
  });
  return `[[${items}],${edges.join(",")}]`;
}

function printItem({ payload, meta, timetoken }: Message, form: HistoryForm): string {
  if (!form.hasTimetoken && !form.hasMeta) return payload;
  let text = `{"message":${payload}`;
  if (form.hasMeta) text += `,"meta":${meta ?? '""'}`;
  if (form.hasTimetoken) {
    const token = printTimetoken(timetoken);
    text += `,"timetoken":${form.itemTokensAreTexts ? `"${token}"` : token}`;
  }
  return `${text}}`;
}

/** Where the rest of an answer is that was cut short. */
export interface More {
  readonly url: string;
  readonly start: Timetoken | undefined;
  readonly max: number;
}

/** What an answer in the later forms is written from. */
export interface BatchAnswer {
  readonly pages: ReadonlyMap<string, readonly Message[]>;
  readonly form: BatchForm;
  readonly actions?: ReadonlyMap<Timetoken, readonly Action[]>;
  readonly more: More | undefined;
}

const NO_ACTIONS: ReadonlyMap<Timetoken, readonly Action[]> = new Map();

/** `{"status":200,…,"channels":{"name":[items]}}`; channels without items are not in it. */
export function printBatch({ pages, form, actions = NO_ACTIONS, more }: BatchAnswer): string {
  const channels = [...pages].map(([channel, messages]) => {
    const key = JSON.stringify(form.encodesChannels ? encodeChannel(channel) : channel);
    return `${key}:[${messages.map((message) => printBatchItem(message, form, actions)).join(",")}]`;
  });
  return `${OK},"channels":{${channels.join(",")}}${more ? `,"more":${printMore(more)}` : ""}}`;
}

const OK = '{"status":200,"error":false,"error_message":""';

/** The answer to a deletion. */
export const DELETED = `${OK}}`;

/** `{"status":200,…,"channels":{"name":count}}`, with every channel that was asked for. */
export function printCounts(counts: ReadonlyMap<string, number>): string {
  const channels = [...counts].map(([channel, count]) => `${JSON.stringify(channel)}:${count}`);
  return `${OK},"channels":{${channels.join(",")}}}`;
}

/** A channel's name as it stands in a URL: all but letters, digits and `_.-~` is escaped. */
export function encodeChannel(channel: string): string {
  return encodeURIComponent(channel).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function printBatchItem(message: Message, form: BatchForm, actions: ReadonlyMap<Timetoken, readonly Action[]>): string {
  const { payload, timetoken, meta, publisher, eventType, customMessageType } = message;
  let text = `{"message":${payload},"timetoken":"${printTimetoken(timetoken)}"`;
  if (form.hasMeta) text += `,"meta":${meta ?? '""'}`;
  if (form.hasUuid) text += `,"uuid":${JSON.stringify(publisher ?? "")}`;
  if (form.hasMessageType) text += `,"message_type":${eventType ?? "null"}`;
  if (form.hasCustomMessageType && customMessageType !== undefined) {
    text += `,"custom_message_type":${JSON.stringify(customMessageType)}`;
  }
  const added = actions.get(timetoken);
  if (added !== undefined && added.length > 0) text += `,"actions":${printActions(added)}`;
  return `${text}}`;
}

// {type: {value: [{uuid, actionTimetoken}, …]}}, types and values in the order in which they were first added.
function printActions(actions: readonly Action[]): string {
  const types = [...Map.groupBy(actions, ({ type }) => type)].map(([type, ofType]) => {
    const values = [...Map.groupBy(ofType, ({ value }) => value)].map(
      ([value, ofValue]) => `${JSON.stringify(value)}:[${ofValue.map(printAction).join(",")}]`,
    );
    return `${JSON.stringify(type)}:{${values.join(",")}}`;
  });
  return `{${types.join(",")}}`;
}

function printAction({ uuid, timetoken }: Action): string {
  return `{"uuid":${JSON.stringify(uuid)},"actionTimetoken":"${printTimetoken(timetoken)}"}`;
}

function printMore({ url, start, max }: More): string {
  const from = start === undefined ? "" : `"start":"${printTimetoken(start)}",`;
  return `{"url":${JSON.stringify(url)},${from}"max":${max}}`;
}
