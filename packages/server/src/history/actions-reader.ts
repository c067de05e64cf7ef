/**
 * What history asks of message actions: which ones belong to the messages of a page.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";

/** A message action as history shows it. */
export interface MessageAction {
  readonly type: string;
  readonly value: string;
  /** Who added it. */
  readonly uuid: string;
  readonly timetoken: Timetoken;
}

/** Finds message actions. */
export interface ActionsReader {
  /**
   * All actions of the messages of one channel in a stretch of time.
   *
   * @param keyset its subscribe key.
   * @param from the first message's timetoken.
   * @param through the last message's; both inclusive.
   * @returns by the message's timetoken, each in the order in which they were added. Messages without any are absent.
   */
  actionsOf(
    keyset: string,
    channel: string,
    from: Timetoken,
    through: Timetoken,
  ): Promise<ReadonlyMap<Timetoken, readonly MessageAction[]>>;
}

/** For a network without message actions. */
export const NO_ACTIONS: ActionsReader = Object.freeze({ actionsOf: async () => new Map() });
