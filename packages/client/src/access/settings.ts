/**
 * The properties of a configuration that say who may do what: read, checked, and kept off connections that anybody can read.
 *
 * Rules: spec/SDK.md SDK52, SDK53.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import { type Read, type Setting, invalid } from "../setting.ts";
import { Credentials } from "./credentials.ts";

/**
 * Reads what every client may show to be let in.
 *
 * @param origin scheme, host and port of the network.
 */
export function readAccess(
  read: Read<"authKey" | "disableTokenManager" | "allowPlainCredentials">,
  origin: string,
): Pick<Configuration, "credentials" | "maySendCredentials"> {
  const maySendCredentials = read("allowPlainCredentials").value === true || staysSecret(origin);
  const authKey = secretIn(read("authKey"), maySendCredentials);
  return {
    credentials: new Credentials({ authKey, sendsTokens: read("disableTokenManager").value !== true }),
    maySendCredentials,
  };
}

/** Reads the key that signs requests. */
export function readSecretKey(
  secretKey: Setting,
  publishKey: Setting,
  { maySendCredentials }: Pick<Configuration, "maySendCredentials">,
): string | undefined {
  const key = secretIn(secretKey, maySendCredentials);
  if (key === undefined || publishKey.isGiven) return key;
  throw invalid(`${publishKey.name} is missing; what ${secretKey.name} signs names it`);
}

/** Why credentials are not sent, and what to do. */
export const PLAIN_WAY =
  "origin is another machine without TLS, where it could be read on the way; set ssl to true, or allowPlainCredentials";

function secretIn({ name, value, isGiven }: Setting, maySendCredentials: boolean): string | undefined {
  if (!isGiven) return undefined;
  if (typeof value !== "string" || value.trim() === "" || !value.isWellFormed()) {
    throw invalid(`${name} is empty or holds half of a character; give it whole, or leave it out`);
  }
  if (maySendCredentials) return value;
  throw invalid(`${name} is given, and ${PLAIN_WAY}`);
}

function staysSecret(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return (
    protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname)
  );
}
