/**
 * What history asks of message actions: which ones belong to the messages of a page.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";

/** A message action as history shows it. */
export interface MessageAction {
  readonly messageTimetoken: Timetoken;
  readonly type: string;
  readonly value: string;
  /** Who added it. */
  readonly uuid: string;
  readonly timetoken: Timetoken;
}

/** A request for the actions of a channel's messages in a range. */
export interface ActionsRequest {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly channel: string;
  /** Both inclusive, of messages. */
  readonly from: Timetoken;
  readonly through: Timetoken;
  /** Which messages come first where not all of them have room. */
  readonly first: "oldest" | "newest";
  /** A message whose actions would go beyond these is left out, unless it is the first one. */
  readonly actionsMax: number;
  readonly bytesMax: number;
}

/** The actions of a range of messages: of a message all of them, or none. */
export interface FoundActions {
  /** By message timetoken, then action timetoken, both rising. */
  readonly actions: readonly MessageAction[];
  /** The last message, in the order that was asked for, of which everything is here; nothing where it is the whole range. */
  readonly completeTo: Timetoken | undefined;
}

/** Finds message actions. */
export interface ActionsReader {
  actionsOf(request: ActionsRequest): Promise<FoundActions>;
}

/** For a network without message actions. */
export const NO_ACTIONS: ActionsReader = Object.freeze({
  actionsOf: async () => ({ actions: [], completeTo: undefined }),
});
