/**
 * What happened on one large channel since its last interval: net, and bounded in bytes.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { IntervalDigest, PresenceAction } from "../../ports/presence-store.ts";

/** A change that interval lists tell of. */
export type NotedAction = Exclude<PresenceAction, "state-change">;

/** Quotes and comma around a uuid in a list. */
const ENTRY_BYTES = 3;

/** Gathers changes from the first one on. */
export class IntervalNotes {
  /** When the first change was noted, on the store's clock. */
  readonly openedMs: number;
  readonly #actions = new Map<string, NotedAction>();
  #bytes = 0;
  #isTooLong = false;

  constructor(openedMs: number) {
    this.openedMs = openedMs;
  }

  /** Notes a change. A uuid that is back where it was when the interval began is in no list. */
  add(action: NotedAction, uuid: string): void {
    if (this.#isTooLong) return;
    if (this.#actions.delete(uuid)) {
      this.#bytes -= uuid.length + ENTRY_BYTES;
      return;
    }
    this.#actions.set(uuid, action);
    this.#bytes += uuid.length + ENTRY_BYTES;
    if (this.#bytes <= LIMITS.presenceDeltaBytesMax) return;
    this.#isTooLong = true;
    this.#actions.clear();
  }

  /** @returns nothing where everything cancelled out. */
  digest(occupancy: number): IntervalDigest | undefined {
    if (this.#actions.size === 0 && !this.#isTooLong) return undefined;
    const lists = { join: [] as string[], leave: [] as string[], timeout: [] as string[] };
    for (const [uuid, action] of this.#actions) lists[action].push(uuid);
    return { occupancy, ...lists, isTooLong: this.#isTooLong };
  }
}
