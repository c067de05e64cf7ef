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

/** How presence behaves for a keyset. */
export interface PresenceSettings {
  /** Whether anybody is ever present; where not, presence requests are refused with 402. */
  readonly isEnabled: boolean;
  /** Seconds of silence after which a client that asked for nothing else counts as gone. */
  readonly timeoutSeconds: number;
  /** Occupants of a channel up to which each join, leave and timeout is announced; above, they are in interval events. */
  readonly announceMax: number;
  /** Seconds from the first unannounced change to the interval event that tells of it. */
  readonly intervalSeconds: number;
  /** Whether interval events say who came and went. */
  readonly deltas: boolean;
  /** Whether anything is announced at all. */
  readonly events: boolean;
  /** Whether the end of a client's connection is a leave; otherwise its deadline decides. */
  readonly leaveOnDisconnect: boolean;
  /** Whether here-now may be asked of all channels at once. */
  readonly globalHereNow: boolean;
}

/** The settings of a keyset that says nothing else. */
export const PRESENCE_DEFAULTS: PresenceSettings = Object.freeze({
  isEnabled: true,
  timeoutSeconds: 300,
  announceMax: 20,
  intervalSeconds: 10,
  deltas: true,
  events: true,
  leaveOnDisconnect: false,
  globalHereNow: true,
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
  readonly presence: PresenceSettings;
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
  presence: PRESENCE_DEFAULTS,
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
