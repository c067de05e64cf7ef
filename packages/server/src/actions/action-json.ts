/**
 * Actions as JSON: in answers, and in the events that subscribers get.
 *
 * Timetokens are strings, and the members stand in the order in which clients know them. Rules: spec/ACTIONS.md ACT1, ACT9.
 *
 * @module
 */
import { printTimetoken } from "@longwave/protocol";
import type { Action } from "../ports/action-store.ts";

/** What happened to an action. */
export type ActionEvent = "added" | "removed";

/** An action as answers show it. */
export function printAction({ messageTimetoken, type, uuid, value, timetoken }: Action): string {
  const actionTimetoken = printTimetoken(timetoken);
  return JSON.stringify({ messageTimetoken: `${messageTimetoken}`, type, uuid, value, actionTimetoken });
}

/** The payload of an action's event. Who did it is not in it: that is the envelope's publisher. */
export function printActionEvent(event: ActionEvent, { type, value, timetoken, messageTimetoken }: Action): string {
  const actionTimetoken = printTimetoken(timetoken);
  const data = { type, value, actionTimetoken, messageTimetoken: `${messageTimetoken}` };
  return JSON.stringify({ source: "actions", version: "1.0", event, data });
}
