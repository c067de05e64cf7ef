/**
 * The calls that need a key: granting and revoking, encrypting and decrypting; and reading what a token grants.
 *
 * Inherited by the whole client as those of the core are.
 *
 * @module
 */
import {
  type GrantParameters,
  type GrantResult,
  type GrantSubject,
  type AuditParameters,
  auditCall,
  grantCall,
  revokeCall,
} from "./access/older-grants.ts";
import { type Sign } from "./access/signing.ts";
import {
  type GrantTokenParameters,
  type ParsedToken,
  type RevokeTokenResult,
  grantTokenCall,
  readToken,
  revokeTokenCall,
} from "./access/tokens.ts";
import { CryptoModule } from "./crypto/crypto-module.ts";
import { decryptJson } from "./crypto/payload.ts";
import { type CallOptions, type Caller, perform } from "./endpoints/call.ts";
import { refusalOf } from "./errors.ts";
import { Calls } from "./calls.ts";
import type { Engine } from "./engine.ts";

/** What the whole client does with keys. */
export class SecretCalls extends Calls {
  readonly #caller: Caller;

  /** @param sign signs addresses, where there is a secret key. */
  constructor(engine: Engine, sign: Sign | undefined) {
    super(engine, sign);
    this.#caller = engine.caller;
  }

  /**
   * Grants an access token.
   *
   * @returns the token; who sets it with {@link setToken} may do what it grants.
   * @throws {PubNubError} `PNValidationErrorCategory` without a secret key, or where nothing is granted.
   * @example
   * ```ts
   * const server = new PubNub({ subscribeKey: "s", publishKey: "p", secretKey: "secret", userId: "server" });
   * const token = await server.grantToken({
   *   ttl: 60,
   *   authorizedUserId: "alice",
   *   resources: { channels: { hello: { read: true, write: true } } },
   *   patterns: { channels: { "^news[.]": { read: true } } },
   * });
   * ```
   * @see spec/SDK.md SDK54
   */
  grantToken(parameters: GrantTokenParameters): Promise<string> {
    return perform(this.#caller, grantTokenCall, parameters);
  }

  /** Revokes a token: nobody may use it any more. Needs the secret key. @see spec/SDK.md SDK54 */
  revokeToken(token: string, options: CallOptions = {}): Promise<RevokeTokenResult> {
    return perform(this.#caller, revokeTokenCall, { ...options, token });
  }

  /**
   * Reads what a token grants, without asking anybody.
   *
   * @returns nothing where the text is no token. Whether one is genuine and not revoked, only the network can tell.
   * @example
   * ```ts
   * const { ttl, resources } = pubnub.parseToken(pubnub.getToken() ?? "") ?? {};
   * console.log(ttl, resources?.channels?.["hello"]?.write);
   * ```
   * @see spec/SDK.md SDK55
   */
  parseToken(token: string): ParsedToken | undefined {
    return readToken(token);
  }

  /**
   * Grants in the older way: to the keyset, to names, or to names for auth keys. Needs the secret key.
   *
   * @example
   * ```ts
   * await pubnub.grant({ channels: ["hello"], authKeys: ["key-of-alice"], read: true, write: true, ttl: 60 });
   * ```
   * @see spec/SDK.md SDK56
   */
  grant(parameters: GrantParameters = {}): Promise<GrantResult> {
    return perform(this.#caller, grantCall, parameters);
  }

  /** Takes back what was granted in the older way. Needs the secret key. @see spec/SDK.md SDK56 */
  revoke(parameters: GrantSubject = {}): Promise<GrantResult> {
    return perform(this.#caller, revokeCall, parameters);
  }

  /** Lists what was granted in the older way. Needs the secret key. @see spec/SDK.md SDK56 */
  audit(parameters: AuditParameters = {}): Promise<GrantResult> {
    return perform(this.#caller, auditCall, parameters);
  }

  /**
   * Encrypts a text, or the bytes of a file, as messages are.
   *
   * @param data what to encrypt. A message is encrypted as JSON: `JSON.stringify(message)`.
   * @param cipherKey a key of its own, for the older way; without it the configuration's crypto module is used.
   * @returns base64 of a text; bytes of bytes.
   * @throws {PubNubError} `PNValidationErrorCategory` when there is no key.
   * @example
   * ```ts
   * const push = { pn_gcm: {}, pn_other: await pubnub.encrypt(JSON.stringify({ text: "hi" }), "enigma") };
   * await pubnub.publish({ channel: "hello", message: push });
   * ```
   * @see spec/SDK.md SDK51
   */
  encrypt(data: string, cipherKey?: string): Promise<string>;
  /** Encrypts the bytes of a file. */
  encrypt(data: Uint8Array, cipherKey?: string): Promise<Uint8Array>;
  async encrypt(data: string | Uint8Array, cipherKey?: string): Promise<string | Uint8Array> {
    const cryptoModule = this.#cryptoModule(cipherKey);
    return typeof data === "string" ? cryptoModule.encrypt(data) : cryptoModule.encrypt(data);
  }

  /**
   * Decrypts what {@link encrypt} gave.
   *
   * @returns of a text what its JSON says, or itself where it is no JSON; bytes of bytes.
   * @throws {PubNubError} `PNDecryptionErrorCategory` when that is impossible.
   * @example
   * ```ts
   * await pubnub.decrypt(await pubnub.encrypt('{"text":"hi"}', "enigma"), "enigma"); // { text: "hi" }
   * ```
   * @see spec/SDK.md SDK51
   */
  decrypt(data: string, cipherKey?: string): Promise<unknown>;
  /** Decrypts the bytes of a file. */
  decrypt(data: Uint8Array, cipherKey?: string): Promise<Uint8Array>;
  async decrypt(data: string | Uint8Array, cipherKey?: string): Promise<unknown> {
    const cryptoModule = this.#cryptoModule(cipherKey);
    return typeof data === "string" ? decryptJson(cryptoModule, data) : cryptoModule.decrypt(data);
  }

  #cryptoModule(cipherKey: string | undefined): CryptoModule {
    if (cipherKey !== undefined) return CryptoModule.legacyCryptoModule({ cipherKey });
    const { cryptoModule } = this.#caller.configuration;
    if (cryptoModule !== undefined) return cryptoModule;
    throw refusalOf(
      "Nothing was encrypted or decrypted",
      "there is no key; set cipherKey or cryptoModule, or give one",
    );
  }
}
