/**
 * Keysets: who may use the network, and how it behaves for them.
 *
 * @module
 */

/** How a keyset's messages are kept. */
export interface HistorySettings {
  /** Whether messages are kept at all, and history is answered. */
  readonly isEnabled: boolean;
  /** How long a message is kept whose publisher named no ttl. A change holds for messages published from then on. */
  readonly retentionDays: number | "unlimited";
  /** Whether messages may be deleted before their time. */
  readonly allowsDeletion: boolean;
}

/** What a keyset has that says nothing about its history. */
export const HISTORY_DEFAULTS: HistorySettings = Object.freeze({
  isEnabled: true,
  retentionDays: 7,
  allowsDeletion: true,
});

/** One application's keys. Everything in the network belongs to one keyset. */
export interface Keyset {
  readonly name: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
  /** Whether messages are kept when a publisher does not say. */
  readonly storesByDefault: boolean;
  readonly history: HistorySettings;
  /** Whether a malformed filter is refused; otherwise it matches nothing. */
  readonly refusesMalformedFilters: boolean;
}

/** Hours that a keyset keeps a message whose publisher named no ttl; 0 for ever, as in a message's own ttl. */
export function retentionHours({ history }: Keyset): number {
  return history.retentionDays === "unlimited" ? 0 : history.retentionDays * 24;
}

/** The keyset that exists at first start, so that the first minute needs no set-up. Its keys are known to everybody. */
export const DEMO_KEYSET: Keyset = Object.freeze({
  name: "demo",
  publishKey: "demo",
  subscribeKey: "demo",
  storesByDefault: true,
  history: HISTORY_DEFAULTS,
  refusesMalformedFilters: false,
});

/** Finds keysets by subscribe key, which every request carries. */
export class KeysetDirectory {
  readonly #bySubscribeKey: ReadonlyMap<string, Keyset>;

  constructor(keysets: readonly Keyset[]) {
    this.#bySubscribeKey = new Map(keysets.map((keyset) => [keyset.subscribeKey, keyset]));
  }

  /** All keysets, in the order they were given. */
  get all(): readonly Keyset[] {
    return [...this.#bySubscribeKey.values()];
  }

  /** @returns the keyset, or nothing for an unknown key. */
  find(subscribeKey: string): Keyset | undefined {
    return this.#bySubscribeKey.get(subscribeKey);
  }
}
