/**
 * Cryptors: the two ways in which payloads are encrypted, both AES-256 in CBC mode, made by WebCrypto.
 *
 * The older one has no header and a key of half the strength; it is there for what was encrypted with it, and for clients
 * that know nothing else. Rules: spec/SDK.md SDK47, SDK48.
 *
 * @module
 */
import { refusalOf } from "../errors.ts";

/** Bytes that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What is encrypted: a text, or the bytes of a file. */
export type PlainKind = "text" | "file";

/** What a cryptor makes: the ciphertext, and what stands in its header. */
export interface Sealed {
  /** What decrypting needs besides the key; in the header, at most 65,535 bytes. */
  readonly metadata: Bytes;
  readonly data: Bytes;
}

/**
 * One way of encrypting.
 *
 * @example
 * ```ts
 * const backwards: Cryptor = {
 *   identifier: "BACK",
 *   encrypt: async (plain) => ({ metadata: new Uint8Array(), data: plain.toReversed() }),
 *   decrypt: async ({ data }) => data.toReversed(),
 * };
 * const cryptoModule = new CryptoModule({ default: backwards });
 * ```
 * @see spec/SDK.md SDK48
 */
export interface Cryptor {
  /** Four characters of ASCII by which a header names it; an empty text for the one way without a header. */
  readonly identifier: string;
  /** Encrypts. */
  encrypt(plain: Bytes, kind: PlainKind): Promise<Sealed>;
  /** Decrypts; whatever it throws says that this cannot be decrypted. */
  decrypt(sealed: Sealed, kind: PlainKind): Promise<Bytes>;
}

/** What a cryptor is made of. */
export interface CipherParameters {
  /** A secret that everybody who reads and writes shares; not empty. */
  readonly cipherKey: string;
}

/** What the older cryptor is made of. */
export interface LegacyCipherParameters extends CipherParameters {
  /** Whether each text gets an initialization vector of its own; false for very old clients only. @defaultValue true */
  readonly useRandomIVs?: boolean | undefined;
}

const IV_BYTES = 16;
const LEGACY_KEY_CHARACTERS = 32;
const FIXED_IV = ascii("0123456789012345");

/** Sixteen bytes by chance. */
export const randomIv = (): Bytes => crypto.getRandomValues(new Uint8Array(IV_BYTES));

/**
 * The newer cryptor: the key is the hash of the cipher key, the initialization vector stands in the header.
 *
 * @param iv for tests: an initialization vector that is known.
 */
export function aesCbcCryptor({ cipherKey }: CipherParameters, iv = randomIv): Cryptor {
  const aes = aesOf(cipherKey, (hash) => hash);
  return {
    identifier: "ACRH",
    encrypt: async (plain) => {
      const metadata = iv();
      return { metadata, data: await aes("encrypt", metadata, plain) };
    },
    decrypt: ({ metadata, data }) => aes("decrypt", metadata, data),
  };
}

/**
 * The older cryptor, without a header: the key is the beginning of the hash in hexadecimals, the initialization vector stands
 * before the ciphertext, or is the fixed one and stands nowhere. Files always have one of their own.
 *
 * @param iv for tests: an initialization vector that is known.
 */
export function legacyCryptor({ cipherKey, useRandomIVs = true }: LegacyCipherParameters, iv = randomIv): Cryptor {
  const aes = aesOf(cipherKey, (hash) => ascii(hexOf(hash).slice(0, LEGACY_KEY_CHARACTERS)));
  const isFixed = (kind: PlainKind): boolean => kind === "text" && !useRandomIVs;
  const metadata = new Uint8Array();
  return {
    identifier: "",
    encrypt: async (plain, kind) => {
      if (isFixed(kind)) return { metadata, data: await aes("encrypt", FIXED_IV, plain) };
      const own = iv();
      return { metadata, data: joined(own, await aes("encrypt", own, plain)) };
    },
    decrypt: ({ data }, kind) =>
      isFixed(kind)
        ? aes("decrypt", FIXED_IV, data)
        : aes("decrypt", data.subarray(0, IV_BYTES), data.subarray(IV_BYTES)),
  };
}

/** Several bytes as one. */
export function joined(...parts: readonly Bytes[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A text of ASCII as bytes. */
export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

type Aes = (way: "encrypt" | "decrypt", iv: Bytes, bytes: Bytes) => Promise<Bytes>;

// The key is made once, when it is first needed.
function aesOf(cipherKey: string, derive: (hash: Bytes) => Bytes): Aes {
  if (typeof cipherKey !== "string" || cipherKey === "") {
    throw refusalOf("Nothing can be encrypted", "cipherKey is missing; give the text that readers and writers share");
  }
  let key: Promise<CryptoKey> | undefined;
  return async (way, iv, bytes) => {
    const subtle = requireSubtle();
    key ??= keyOf(subtle, cipherKey, derive);
    return new Uint8Array(await subtle[way]({ name: "AES-CBC", iv }, await key, bytes));
  };
}

async function keyOf(subtle: SubtleCrypto, cipherKey: string, derive: (hash: Bytes) => Bytes): Promise<CryptoKey> {
  const hash = new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(cipherKey)));
  return subtle.importKey("raw", derive(hash), "AES-CBC", false, ["encrypt", "decrypt"]);
}

/**
 * The runtime's WebCrypto. Browsers hide it from pages that came over plain http, but for those of the machine itself.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` where there is none.
 */
export function requireSubtle(): SubtleCrypto {
  const { subtle } = (globalThis as { readonly crypto?: Partial<Crypto> }).crypto ?? {};
  if (subtle !== undefined) return subtle;
  throw refusalOf("Nothing was encrypted or signed", "this runtime has no WebCrypto here; serve the page over https");
}

function hexOf(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
