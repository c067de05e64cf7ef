/**
 * Seals secrets for the database: AES-256-GCM under a master key that is kept elsewhere.
 *
 * A sealed text is base64 of a version byte, a nonce of 12 bytes, the ciphertext and a tag of 16 bytes. It is bound to the
 * subscribe key of its keyset, so that sealed texts cannot be swapped in the database. Rules: spec/ACCESS.md ACC13.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeysetSecrets } from "./keysets.ts";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

/** Seals a keyset's secrets. */
export function sealSecrets(
  masterKey: Uint8Array,
  subscribeKey: string,
  { secretKey, tokenKeys, push }: KeysetSecrets,
): string {
  const printedKeys = tokenKeys.map((key) => Buffer.from(key).toString("base64"));
  const text = JSON.stringify({ secretKey, tokenKeys: printedKeys, push });
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, masterKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(subscribeKey));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, sealed, cipher.getAuthTag()]).toString("base64");
}

/** Opens what was sealed. @returns nothing when this master key does not open it, or it was sealed for another keyset. */
export function openSecrets(masterKey: Uint8Array, subscribeKey: string, sealed: string): KeysetSecrets | undefined {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
  const text = decrypt(masterKey, subscribeKey, bytes);
  return text === undefined ? undefined : readSecrets(text);
}

function decrypt(masterKey: Uint8Array, subscribeKey: string, bytes: Buffer): string | undefined {
  const decipher = createDecipheriv(ALGORITHM, masterKey, bytes.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(subscribeKey));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const opened = [decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString("utf8");
  } catch {
    return undefined; // the tag does not fit: another key, another keyset, or changed bytes
  }
}

// The tag has shown that it is ours, so its shape is believed.
function readSecrets(text: string): KeysetSecrets {
  const { secretKey, tokenKeys, push } = JSON.parse(text) as Omit<KeysetSecrets, "tokenKeys"> & {
    readonly tokenKeys: readonly string[];
  };
  const keys = tokenKeys.map((key) => new Uint8Array(Buffer.from(key, "base64")));
  return { secretKey, tokenKeys: keys, ...(push && { push: { fcm: push.fcm, apns: push.apns } }) };
}
