/**
 * The properties of a configuration that say who may do what: read, checked, and kept off connections that anybody can read.
 *
 * Rules: spec/SDK.md SDK52, SDK53.
 *
 * @module
 */
import { readOrigin } from "../core/origin.ts";
import { type Read, type Setting, invalid } from "../setting.ts";

/** Whether credentials may be sent: the connection is encrypted, stays on the machine, or the application says so. */
export function maySendCredentials(read: Read): boolean {
  return read("allowPlainCredentials").value === true || staysSecret(readOrigin(read));
}

/** Reads a key that goes along with requests, or signs them. */
export function readAuthKey({ name, value, isGiven }: Setting, read: Read): string | undefined {
  if (!isGiven) return undefined;
  if (typeof value !== "string" || value.trim() === "" || !value.isWellFormed()) {
    throw invalid(`${name} is empty or holds half of a character; give it whole, or leave it out`);
  }
  if (maySendCredentials(read)) return value;
  throw invalid(`${name} is given, and ${PLAIN_WAY}`);
}

/** Reads the key that signs requests. */
export function readSecretKey(setting: Setting, read: Read): string | undefined {
  const [secretKey, publishKey] = [readAuthKey(setting, read), read("publishKey")];
  if (secretKey === undefined || publishKey.isGiven) return secretKey;
  throw invalid(`${publishKey.name} is missing; what ${setting.name} signs names it`);
}

/** Why credentials are not sent, and what to do. */
export const PLAIN_WAY =
  "origin is another machine without TLS, where it could be read on the way; set ssl to true, or allowPlainCredentials";

function staysSecret(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return (
    protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname)
  );
}
