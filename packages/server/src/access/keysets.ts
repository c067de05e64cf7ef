/**
 * Keysets: who may use the network, and how it behaves for them.
 *
 * The directory is asked on every request, so a change is in force with the next one. Rules: spec/ACCESS.md ACC10-ACC12.
 *
 * @module
 */
import type { PushCredentials } from "../ports/push-gateway.ts";
import { DEFAULT_KEYSET_SETTINGS, type KeysetSettings } from "./keyset-settings.ts";

/** One application's public keys and settings. Everything in the network belongs to one keyset. Holds no secret. */
export interface Keyset extends KeysetSettings {
  /** For people; unique. */
  readonly name: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
}

/** Hours that a keyset keeps a message whose publisher named no ttl; 0 for ever, as in a message's own ttl. */
export function retentionHours({ keepsForEver, retentionDays }: Keyset): number {
  return keepsForEver ? 0 : retentionDays * 24;
}

/** What only the network and the application's own servers know. Never logged, never in an error. */
export interface KeysetSecrets {
  /** Signs requests that may do everything. */
  readonly secretKey: string;
  /** Sign tokens: the first one those that are issued, the others are still accepted. At least one, 32 bytes each. */
  readonly tokenKeys: readonly Uint8Array[];
  /** For the push providers; the same objects until they are changed. Nothing where there have never been any. */
  readonly push?: PushCredentials | undefined;
}

/** The keyset that exists at first start, so that the first minute needs no set-up. Its keys are known to everybody. */
export const DEMO_KEYSET: Keyset = Object.freeze({
  ...DEFAULT_KEYSET_SETTINGS,
  name: "demo",
  publishKey: "demo",
  subscribeKey: "demo",
});

/** The other one: the same with Access Manager on, to try tokens with. Its keys are known to everybody too. */
export const GUARDED_KEYSET: Keyset = Object.freeze({
  ...DEFAULT_KEYSET_SETTINGS,
  name: "guarded",
  publishKey: "guarded-pub",
  subscribeKey: "guarded-sub",
  accessManager: true,
});

/** The keysets that everybody knows, with their secret keys. */
export const WELL_KNOWN_KEYSETS: readonly { readonly keyset: Keyset; readonly secretKey: string }[] = Object.freeze([
  { keyset: DEMO_KEYSET, secretKey: "demo-secret" },
  { keyset: GUARDED_KEYSET, secretKey: "guarded-secret" },
]);

/** Whether everybody knows a keyset's keys. */
export function isWellKnown({ subscribeKey }: Pick<Keyset, "subscribeKey">): boolean {
  return WELL_KNOWN_KEYSETS.some(({ keyset }) => keyset.subscribeKey === subscribeKey);
}

interface Entry {
  readonly keyset: Keyset;
  readonly secrets: KeysetSecrets;
}

/** Finds keysets by subscribe key, which every request carries. */
export class KeysetDirectory {
  readonly #entries = new Map<string, Entry>();

  /** All keysets, in the order in which they were made. */
  get all(): readonly Keyset[] {
    return [...this.#entries.values()].map(({ keyset }) => keyset);
  }

  /** @returns the keyset, or nothing for an unknown key. */
  find(subscribeKey: string): Keyset | undefined {
    return this.#entries.get(subscribeKey)?.keyset;
  }

  /** @returns the same object until a secret changes, so that what was checked with it can be kept. */
  secretsOf(subscribeKey: string): KeysetSecrets | undefined {
    return this.#entries.get(subscribeKey)?.secrets;
  }

  /** Adds a keyset, or changes the one with its subscribe key. */
  put(keyset: Keyset, secrets: KeysetSecrets): void {
    this.#entries.set(keyset.subscribeKey, { keyset: Object.freeze(keyset), secrets });
  }

  /** Forgets a keyset. */
  delete(subscribeKey: string): void {
    this.#entries.delete(subscribeKey);
  }
}
