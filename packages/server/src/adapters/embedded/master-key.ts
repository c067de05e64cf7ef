/**
 * The master key's file: the one secret that is kept outside the database and its backups.
 *
 * It holds 32 bytes as 64 hexadecimal digits and a line break, and only its owner may read it. Rules: spec/ACCESS.md ACC13.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { StartupError } from "../../startup-error.ts";

const BYTES = 32;

/** Where the key of a data directory is when nobody says: beside the directory, so that a copy of one lacks the other. */
export function defaultMasterKeyFile(dataDirectory: string): string {
  return `${resolve(dataDirectory)}.master-key`;
}

/** A key that is gone with the process. */
export function makeMasterKey(): Uint8Array {
  return new Uint8Array(randomBytes(BYTES));
}

/**
 * Reads the key, or makes the file where there is none.
 *
 * @throws {StartupError} when it cannot be read or made, is no key, or others may read it.
 */
export function openMasterKey(path: string): Uint8Array {
  const key = readKey(path) ?? writeKey(path);
  assertPrivate(path);
  return key;
}

function readKey(path: string): Uint8Array | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{64}\s*$/i.test(text)) {
    throw new StartupError(`The master key file ${path} holds no key. Name the right one with --master-key-file.`);
  }
  return new Uint8Array(Buffer.from(text.trim(), "hex"));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (refusal) {
    if (refusal instanceof Error && "code" in refusal && refusal.code === "ENOENT") return undefined;
    throw unusable(path, refusal);
  }
}

function writeKey(path: string): Uint8Array {
  const key = makeMasterKey();
  try {
    // Exclusive, so that a file that appears meanwhile is never overwritten.
    writeFileSync(path, `${Buffer.from(key).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch (refusal) {
    throw unusable(path, refusal);
  }
  return key;
}

function assertPrivate(path: string): void {
  if (process.platform === "win32") return; // it has no such bits
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return;
  throw new StartupError(
    `Others may read the master key file ${path}. Run \`chmod 600 ${path}\`, or name another file.`,
  );
}

function unusable(path: string, refusal: unknown): StartupError {
  const reason = refusal instanceof Error ? refusal.message : String(refusal);
  return new StartupError(
    `The master key file ${path} cannot be used: ${reason}. Name another with --master-key-file.`,
  );
}
