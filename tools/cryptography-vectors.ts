/**
 * Runs the vectors of ciphertexts wherever JavaScript runs: Bun, Node, browsers. For tests only.
 *
 * On web standards alone, so that one bundle of it serves them all.
 *
 * @module
 */
import { CryptoModule } from "../packages/client/src/crypto/crypto-module.ts";
import vectors from "../spec/vectors/cryptography.json" with { type: "json" };
import type { VectorRun } from "./access-vectors.ts";

/** Decrypts what the vectors say was encrypted, texts and files. */
export async function runCryptographyVectors(): Promise<VectorRun> {
  const failed: string[] = [];
  for (const { cipherKey, way, plain, sealed } of vectors.texts) {
    if ((await moduleOf(way, cipherKey).decrypt(sealed)) !== plain) failed.push(sealed);
  }
  for (const { cipherKey, way, plain, sealedHex } of vectors.files) {
    const bytes = await moduleOf(way, cipherKey).decrypt(bytesOf(sealedHex));
    if (new TextDecoder().decode(bytes) !== plain) failed.push(sealedHex);
  }
  return { count: vectors.texts.length + vectors.files.length, failed };
}

function moduleOf(way: string, cipherKey: string): CryptoModule {
  if (way === "aesCbc") return CryptoModule.aesCbcCryptoModule({ cipherKey });
  return CryptoModule.legacyCryptoModule({ cipherKey, useRandomIVs: way !== "legacyFixed" });
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
