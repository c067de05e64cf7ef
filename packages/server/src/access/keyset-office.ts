/**
 * Makes keysets and changes them: for the admin API, and for the first start.
 *
 * A change is kept first and in force afterwards, at once: the directory is asked on every request.
 * Rules: spec/ACCESS.md ACC10-ACC16.
 *
 * @module
 */
import { randomBytes, randomUUID } from "node:crypto";
import { LIMITS, NetworkError } from "@longwave/protocol";
import type { AccessChange, KeptAccess, KeysetRecord } from "../ports/keyset-store.ts";
import { StartupError } from "../startup-error.ts";
import type { Access, AuditLine } from "./access.ts";
import { DEFAULT_KEYSET_SETTINGS, type KeysetSettings, restoreSettings } from "./keyset-settings.ts";
import { type Keyset, type KeysetSecrets, WELL_KNOWN_KEYSETS, isWellKnown } from "./keysets.ts";
import { NO_PUSH, type PushCredentialsChange, changedCredentials } from "./push-credentials.ts";
import { openSecrets, sealSecrets } from "./sealing.ts";

/** What a keyset is made from; keys that are not given are made up. */
export interface KeysetRequest {
  readonly name: string;
  readonly publishKey?: string | undefined;
  readonly subscribeKey?: string | undefined;
  readonly secretKey?: string | undefined;
  readonly settings?: Partial<KeysetSettings> | undefined;
}

/** What can be made anew. */
export type Rotation =
  /** Signatures of the old one are refused from then on. */
  | { readonly what: "secretKey" }
  /** Tokens that the old one signed are refused from then on, unless it is still accepted. */
  | { readonly what: "tokenKey"; readonly isOldAccepted: boolean };

/** A keyset with the key that its owner has to be told. */
export interface MadeKeyset {
  readonly keyset: Keyset;
  readonly secretKey: string;
}

const NOTE_MADE = "well-known-keysets";
const PUBLIC_KEY = /^[A-Za-z0-9._-]{1,92}$/;
const SECRET_KEY = /^[!-~]{1,256}$/;

/** Makes and changes keysets. */
export class KeysetOffice {
  readonly #access: Access;
  readonly #masterKey: Uint8Array;

  readonly #hidden = new Set<string>(); // names and subscribe keys that are kept and were left out at this start
  #turn: Promise<unknown> = Promise.resolve(); // changes happen one after the other

  /** @param masterKey 32 bytes, kept outside the store. */
  constructor(access: Access, masterKey: Uint8Array) {
    this.#access = access;
    this.#masterKey = masterKey;
  }

  /**
   * Opens what was kept, and at the first start makes the keysets that everybody knows.
   *
   * @param hasWellKnown whether those are wanted; where not, kept ones are left out.
   * @throws {StartupError} when the master key does not open what is there.
   */
  async open(kept: KeptAccess, hasWellKnown: boolean): Promise<void> {
    for (const record of kept.keysets) this.#restore(record, hasWellKnown);
    this.#access.restore(kept);
    if (hasWellKnown && !kept.notes.has(NOTE_MADE)) await this.#makeWellKnown();
  }

  /** Makes a keyset. @throws {NetworkError} `keysetMalformed`, `keysetExists`, `keysetsTooMany`. */
  create(request: KeysetRequest, actor: string): Promise<MadeKeyset> {
    return this.#inTurn(() => this.#create(request, actor));
  }

  async #create(request: KeysetRequest, actor: string): Promise<MadeKeyset> {
    this.#assertNew(request);
    const { subscribeKey = `sub-lw-${randomUUID()}`, publishKey = `pub-lw-${randomUUID()}` } = request;
    const secretKey = request.secretKey ?? newSecretKey();
    const { name, settings } = request;
    const keyset: Keyset = { ...DEFAULT_KEYSET_SETTINGS, ...settings, name, publishKey, subscribeKey };
    const detail = `"${name}"`;
    await this.#put(keyset, { secretKey, tokenKeys: [newTokenKey()] }, { actor, action: "keyset created", detail });
    return { keyset, secretKey };
  }

  /** Changes settings. @throws {NetworkError} `keysetUnknown`. */
  set(subscribeKey: string, settings: Partial<KeysetSettings>, actor: string): Promise<Keyset> {
    return this.#inTurn(() => this.#set(subscribeKey, settings, actor));
  }

  async #set(subscribeKey: string, settings: Partial<KeysetSettings>, actor: string): Promise<Keyset> {
    const { keyset, secrets } = this.#find(subscribeKey);
    const changed = { ...keyset, ...settings };
    const detail = Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
    await this.#put(changed, secrets, { actor, action: "settings changed", detail });
    return changed;
  }

  /** Changes what a keyset sends push notifications with. @throws {NetworkError} `keysetUnknown`. */
  setPush(subscribeKey: string, change: PushCredentialsChange, actor: string): Promise<Keyset> {
    return this.#inTurn(() => this.#setPush(subscribeKey, change, actor));
  }

  async #setPush(subscribeKey: string, change: PushCredentialsChange, actor: string): Promise<Keyset> {
    const { keyset, secrets } = this.#find(subscribeKey);
    const push = changedCredentials(secrets.push ?? NO_PUSH, change);
    const detail = Object.entries(change)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${value === null ? "removed" : "set"}`)
      .join(" ");
    await this.#put(keyset, { ...secrets, push }, { actor, action: "push credentials changed", detail });
    return keyset;
  }

  /** Makes a key anew. @throws {NetworkError} `keysetUnknown`. */
  rotate(subscribeKey: string, rotation: Rotation, actor: string): Promise<MadeKeyset> {
    return this.#inTurn(() => this.#rotate(subscribeKey, rotation, actor));
  }

  async #rotate(subscribeKey: string, rotation: Rotation, actor: string): Promise<MadeKeyset> {
    const { keyset, secrets } = this.#find(subscribeKey);
    const rotated = rotatedSecrets(secrets, rotation);
    const isAccepted = rotation.what === "tokenKey" && rotation.isOldAccepted;
    const line = {
      actor,
      action: rotation.what === "secretKey" ? "secret key rotated" : "token key rotated",
      detail: isAccepted ? "tokens of the old one stay valid" : "",
    };
    await this.#put(keyset, rotated, line);
    return { keyset, secretKey: rotated.secretKey };
  }

  /**
   * Removes a keyset with its grants and its files. Its messages stay in the store. It is gone at once; fulfilled when its
   * files are, so that none of them is there when a later keyset has the same keys.
   *
   * @throws {NetworkError} `keysetUnknown`.
   */
  delete(subscribeKey: string, actor: string): Promise<void> {
    return this.#inTurn(() => this.#delete(subscribeKey, actor));
  }

  async #delete(subscribeKey: string, actor: string): Promise<void> {
    const { keyset } = this.#find(subscribeKey);
    const line = { actor, action: "keyset deleted", detail: `"${keyset.name}"` };
    await this.#access.keep([{ kind: "keysetRemoved", subscribeKey }, this.#access.audited(subscribeKey, line)]);
    this.#access.directory.delete(subscribeKey);
    this.#access.forget(subscribeKey);
    this.#access.announceKeyset(subscribeKey);
    await this.#access.forgetElsewhere(subscribeKey);
  }

  /** Whether there is a keyset of this key, one included that this start left out. */
  isKept(subscribeKey: string): boolean {
    return this.#access.directory.find(subscribeKey) !== undefined || this.#hidden.has(subscribeKey);
  }

  // Each looks at what the one before it left: two makings of one name, or two settings at once, would else go wrong.
  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => {});
    return result;
  }

  #restore(record: KeysetRecord, hasWellKnown: boolean): void {
    const { name, publishKey, subscribeKey } = record;
    if (!hasWellKnown && isWellKnown(record)) {
      this.#hidden.add(name).add(subscribeKey);
      return;
    }
    const secrets = openSecrets(this.#masterKey, subscribeKey, record.sealed);
    if (!secrets) {
      throw new StartupError(
        `The master key does not open the keyset "${name}". Name the file that was made with this data directory with ` +
          "--master-key-file.",
      );
    }
    this.#access.directory.put({ ...restoreSettings(record.settings), name, publishKey, subscribeKey }, secrets);
  }

  async #makeWellKnown(): Promise<void> {
    const { directory } = this.#access;
    const missing = WELL_KNOWN_KEYSETS.filter(({ keyset }) => !directory.find(keyset.subscribeKey));
    const made = missing.map(({ keyset, secretKey }) => ({
      keyset,
      secrets: { secretKey, tokenKeys: [newTokenKey()] },
    }));
    // Where the disk refuses they are there all the same, until the next start, so that a full disk locks nobody out.
    const changes = made.map(({ keyset, secrets }) => this.#record(keyset, secrets));
    await this.#access.keep([...changes, { kind: "note", name: NOTE_MADE, value: "1" }]).catch(ignoreUnavailable);
    for (const { keyset, secrets } of made) directory.put(keyset, secrets);
  }

  async #put(keyset: Keyset, secrets: KeysetSecrets, line: AuditLine): Promise<void> {
    const { subscribeKey } = keyset;
    await this.#access.keep([this.#record(keyset, secrets), this.#access.audited(subscribeKey, line)]);
    this.#access.directory.put(keyset, secrets);
    this.#access.announceKeyset(subscribeKey);
  }

  #record(keyset: Keyset, secrets: KeysetSecrets): AccessChange {
    const { name, publishKey, subscribeKey, ...settings } = keyset;
    const sealed = sealSecrets(this.#masterKey, subscribeKey, secrets);
    const record = { name, publishKey, subscribeKey, settings: JSON.stringify(settings), sealed };
    return { kind: "keyset", record };
  }

  #find(subscribeKey: string): { readonly keyset: Keyset; readonly secrets: KeysetSecrets } {
    const keyset = this.#access.directory.find(subscribeKey);
    const secrets = this.#access.directory.secretsOf(subscribeKey);
    if (!keyset || !secrets) throw new NetworkError("keysetUnknown");
    return { keyset, secrets };
  }

  #assertNew({ name, publishKey, subscribeKey, secretKey }: KeysetRequest): void {
    const { all } = this.#access.directory;
    if (name.trim() !== name || !/^[^\p{C}]{1,92}$/u.test(name)) throw malformed("name is 1 to 92 characters");
    for (const key of [publishKey, subscribeKey]) {
      if (key !== undefined && !PUBLIC_KEY.test(key)) throw malformed("keys are 1 to 92 of A-Z a-z 0-9 . _ -");
    }
    if (secretKey !== undefined && !SECRET_KEY.test(secretKey)) throw malformed("secretKey is 1 to 256 of ASCII");
    if (all.length >= LIMITS.keysetsMax) throw new NetworkError("keysetsTooMany");
    const isTaken = all.some((other) => other.name === name || other.subscribeKey === subscribeKey);
    if (isTaken || this.#hidden.has(name) || this.#hidden.has(subscribeKey ?? ""))
      throw new NetworkError("keysetExists");
  }
}

const malformed = (reason: string): NetworkError => new NetworkError("keysetMalformed", { reason });

function rotatedSecrets(secrets: KeysetSecrets, rotation: Rotation): KeysetSecrets {
  if (rotation.what === "secretKey") return { ...secrets, secretKey: newSecretKey() };
  const [current] = secrets.tokenKeys;
  return { ...secrets, tokenKeys: [newTokenKey(), ...(rotation.isOldAccepted && current ? [current] : [])] };
}

/** Secrets that nobody knows. */
export function makeSecrets(): KeysetSecrets {
  return { secretKey: newSecretKey(), tokenKeys: [newTokenKey()] };
}

function newSecretKey(): string {
  return `sec-lw-${randomBytes(32).toString("base64url")}`;
}

function newTokenKey(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

function ignoreUnavailable(failure: unknown): void {
  if (!(failure instanceof NetworkError && failure.code === "accessUnavailable")) throw failure;
}
