/**
 * The crypto module: encrypts with one cryptor, and decrypts with whichever of several the ciphertext names.
 *
 * A header is `PNED`, a version, the cryptor's identifier, the length of its metadata (one byte, or 255 and two) and the
 * metadata. What has no header was made by the older cryptor. Rules: spec/SDK.md SDK47-SDK50.
 *
 * @module
 */
import { decodeBase64Url } from "@longwave/protocol";
import { base64Of } from "../base64.ts";
import { PubNubError, refusalOf } from "../errors.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import {
  type Bytes,
  type CipherParameters,
  type Cryptor,
  type LegacyCipherParameters,
  type PlainKind,
  type Sealed,
  aesCbcCryptor,
  ascii,
  joined,
  legacyCryptor,
} from "./cryptors.ts";

/** What a crypto module is made of. */
export interface CryptoModuleParameters {
  /** Encrypts, and decrypts what names it. */
  readonly default: Cryptor;
  /** Only decrypt what names them. */
  readonly cryptors?: readonly Cryptor[] | undefined;
}

const MARK = "PNED";
const VERSION = 1;
const IDENTIFIER_BYTES = 4;
const METADATA_AT = MARK.length + 1 + IDENTIFIER_BYTES;
const LONG_METADATA = 255; // in place of a length: two bytes of it follow

/**
 * Encrypts and decrypts texts and bytes with a key that the network does not know.
 *
 * @example
 * ```ts
 * const cryptoModule = CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" });
 * const pubnub = new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "alice", cryptoModule });
 * await pubnub.publish({ channel: "hello", message: "only for those who know the key" });
 * ```
 * @see spec/SDK.md SDK47
 */
export class CryptoModule {
  /** Encrypts in the newer way; decrypts both. */
  static aesCbcCryptoModule(parameters: CipherParameters & LegacyCipherParameters): CryptoModule {
    return new CryptoModule({ default: aesCbcCryptor(parameters), cryptors: [legacyCryptor(parameters)] });
  }

  /** Encrypts in the older way, as `cipherKey` of the configuration does; decrypts both. */
  static legacyCryptoModule(parameters: LegacyCipherParameters): CryptoModule {
    return new CryptoModule({ default: legacyCryptor(parameters), cryptors: [aesCbcCryptor(parameters)] });
  }

  readonly #default: Cryptor;
  readonly #cryptors: readonly Cryptor[];

  /** @throws {PubNubError} `PNValidationErrorCategory` when an identifier has another length than none or four. */
  constructor({ default: first, cryptors = [] }: CryptoModuleParameters) {
    this.#default = first;
    this.#cryptors = [first, ...cryptors];
    for (const { identifier } of this.#cryptors) {
      if (identifier === "" || /^[\x21-\x7e]{4}$/.test(identifier)) continue;
      throw refusalOf("Nothing can be encrypted", "the identifier of a cryptor is not four characters of ASCII");
    }
  }

  /** Encrypts a text. @returns base64. */
  encrypt(plain: string): Promise<string>;
  /** Encrypts the bytes of a file. */
  encrypt(plain: Uint8Array): Promise<Uint8Array>;
  async encrypt(plain: string | Uint8Array): Promise<string | Uint8Array> {
    if (typeof plain !== "string") return this.#seal(new Uint8Array(plain), "file");
    const bytes = await this.#seal(new TextEncoder().encode(plain), "text");
    return base64Of(bytes);
  }

  /**
   * Decrypts a text.
   *
   * @param sealed base64, as {@link encrypt} gives it.
   * @throws {PubNubError} `PNDecryptionErrorCategory` when it was not encrypted with this key in a way that is known here.
   */
  decrypt(sealed: string): Promise<string>;
  /** Decrypts the bytes of a file. @throws {PubNubError} `PNDecryptionErrorCategory` as above. */
  decrypt(sealed: Uint8Array): Promise<Uint8Array>;
  async decrypt(sealed: string | Uint8Array): Promise<string | Uint8Array> {
    if (typeof sealed !== "string") return this.#open(new Uint8Array(sealed), "file");
    const bytes = decodeBase64Url(sealed);
    if (bytes === undefined) throw undecryptable("it is no base64");
    return textOf(await this.#open(new Uint8Array(bytes), "text"));
  }

  async #seal(plain: Bytes, kind: PlainKind): Promise<Bytes> {
    const { identifier } = this.#default;
    const { metadata, data } = await this.#default.encrypt(plain, kind);
    if (identifier === "") return data;
    const { length } = metadata;
    const lengths = length < LONG_METADATA ? [length] : [LONG_METADATA, length >> 8, length & 255];
    return joined(ascii(MARK), Uint8Array.of(VERSION), ascii(identifier), Uint8Array.from(lengths), metadata, data);
  }

  async #open(bytes: Bytes, kind: PlainKind): Promise<Bytes> {
    const { identifier, ...sealed } = headed(bytes);
    const cryptor = this.#cryptors.find((candidate) => candidate.identifier === identifier);
    if (cryptor === undefined) throw undecryptable("it is an unknown cryptor's; give it to the crypto module");
    try {
      return await cryptor.decrypt(sealed, kind);
    } catch (failure) {
      throw failure instanceof PubNubError ? failure : undecryptable(WRONG_KEY);
    }
  }
}

const WRONG_KEY = "it was encrypted with another key, in another way, or not at all";

function headed(bytes: Bytes): Sealed & Pick<Cryptor, "identifier"> {
  if (bytes.length === 0) throw undecryptable("it is empty");
  const latin = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (latin(0, MARK.length) !== MARK) return { identifier: "", metadata: new Uint8Array(), data: bytes };
  const [version = 0, short = 0] = [bytes[MARK.length], bytes[METADATA_AT]];
  if (version > VERSION) throw undecryptable("it is an unknown cryptor's, of a later version");
  const isLong = short === LONG_METADATA;
  const from = METADATA_AT + (isLong ? 3 : 1);
  const end = from + (isLong ? ((bytes[METADATA_AT + 1] ?? 0) << 8) | (bytes[METADATA_AT + 2] ?? 0) : short);
  if (version < VERSION || bytes.length < end) throw undecryptable("its header is cut short");
  const identifier = latin(MARK.length + 1, METADATA_AT);
  return { identifier, metadata: bytes.slice(from, end), data: bytes.slice(end) };
}

// Half a character shows that the key was wrong where padding did not.
function textOf(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw undecryptable(WRONG_KEY);
  }
}

function undecryptable(reason: string): PubNubError {
  return new PubNubError(`Nothing was decrypted: ${reason}.`, { category: STATUS_CATEGORIES.decryption });
}
