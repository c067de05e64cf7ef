/**
 * The states that this client set for itself, kept so that the network hears them again when it comes back.
 *
 * Rules: spec/SDK.md SDK37.
 *
 * @module
 */
import type { Names } from "../subscription/names.ts";

/** States by channel or group. */
export type States = Readonly<Record<string, unknown>>;

/** What this client last set as its state, where it is subscribed. */
export class PresenceMemory {
  readonly #states = new Map<string, unknown>();

  /** Keeps a state for names; an empty one is forgotten. */
  keep({ channels, groups }: Names, state: object): void {
    for (const name of [...channels, ...groups]) {
      if (Object.keys(state).length === 0) this.#states.delete(name);
      else this.#states.set(name, state);
    }
  }

  /** Forgets the states of names. */
  forget({ channels, groups }: Names): void {
    for (const name of [...channels, ...groups]) this.#states.delete(name);
  }

  /** The states of names, by name; those without one are left out. */
  statesOf({ channels, groups }: Names): States {
    const known = [...channels, ...groups].filter((name) => this.#states.has(name));
    return Object.fromEntries(known.map((name) => [name, this.#states.get(name)]));
  }
}
