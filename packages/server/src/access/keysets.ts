/**
 * Keysets: who may use the network, and how it behaves for them.
 *
 * @module
 */

/** One application's keys. Everything in the network belongs to one keyset. */
export interface Keyset {
  readonly name: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
  /** Whether messages are kept when a publisher does not say. */
  readonly storesByDefault: boolean;
  /** Whether a malformed filter is refused; otherwise it matches nothing. */
  readonly refusesMalformedFilters: boolean;
}

/** The keyset that exists at first start, so that the first minute needs no set-up. Its keys are known to everybody. */
export const DEMO_KEYSET: Keyset = Object.freeze({
  name: "demo",
  publishKey: "demo",
  subscribeKey: "demo",
  storesByDefault: true,
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
