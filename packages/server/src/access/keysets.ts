/**
 * Keysets: who may use the network, and how it behaves for them.
 *
 * @module
 */

/** What App Context does, and for whom. */
export interface ObjectSettings {
  /** Whether there is App Context at all. */
  readonly isEnabled: boolean;
  /** Whether subscribers learn of changes to users. */
  readonly announcesUsers: boolean;
  /** Whether subscribers learn of changes to channels. */
  readonly announcesChannels: boolean;
  /** Whether subscribers learn of memberships that are made, changed and taken away. */
  readonly announcesMemberships: boolean;
  /** Whether both ends of a membership must have metadata, and memberships go with the metadata of either end. */
  readonly enforcesIntegrity: boolean;
  /** Whether nobody may list all users. */
  readonly refusesAllUsers: boolean;
  /** Whether nobody may list all channels. */
  readonly refusesAllChannels: boolean;
}

/** App Context where a keyset does not say otherwise: everything is told and nothing is refused. */
export const OBJECT_DEFAULTS: ObjectSettings = Object.freeze({
  isEnabled: true,
  announcesUsers: true,
  announcesChannels: true,
  announcesMemberships: true,
  enforcesIntegrity: false,
  refusesAllUsers: false,
  refusesAllChannels: false,
});

/** One application's keys. Everything in the network belongs to one keyset. */
export interface Keyset {
  readonly name: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
  /** Whether messages are kept when a publisher does not say. */
  readonly storesByDefault: boolean;
  /** Whether a malformed filter is refused; otherwise it matches nothing. */
  readonly refusesMalformedFilters: boolean;
  /** How App Context differs from {@link OBJECT_DEFAULTS}. */
  readonly objects?: Partial<ObjectSettings> | undefined;
}

/** The keyset that exists at first start, so that the first minute needs no set-up. Its keys are known to everybody. */
export const DEMO_KEYSET: Keyset = Object.freeze({
  name: "demo",
  publishKey: "demo",
  subscribeKey: "demo",
  storesByDefault: true,
  refusesMalformedFilters: false,
});

/** How App Context behaves for a keyset. */
export function objectSettingsOf({ objects }: Keyset): ObjectSettings {
  return objects ? { ...OBJECT_DEFAULTS, ...objects } : OBJECT_DEFAULTS;
}

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
