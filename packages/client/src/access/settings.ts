/**
 * The properties of a configuration that say who may do what: read, checked, and kept off connections that anybody can read.
 *
 * Rules: spec/SDK.md SDK52, SDK53.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import { type Setting, invalid } from "../setting.ts";
import { Credentials } from "./credentials.ts";

/** What is read. */
export interface AccessSettings {
  readonly publishKey: Setting;
  readonly secretKey: Setting;
  readonly authKey: Setting;
  readonly disableTokenManager: Setting;
  readonly allowPlainCredentials: Setting;
}

/**
 * Reads them.
 *
 * @param origin scheme, host and port of the network.
 */
export function readAccess(
  { publishKey, secretKey, authKey, disableTokenManager, allowPlainCredentials }: AccessSettings,
  origin: string,
): Pick<Configuration, "secretKey" | "credentials" | "maySendCredentials"> {
  const maySendCredentials = allowPlainCredentials.value === true || staysSecret(origin);
  for (const setting of [secretKey, authKey].filter(({ isGiven }) => isGiven)) {
    requireText(setting);
    if (!maySendCredentials) throw invalid(`${setting.name} is given, and ${PLAIN_WAY}`);
  }
  if (secretKey.isGiven && !publishKey.isGiven) {
    throw invalid(`${publishKey.name} is missing; what ${secretKey.name} signs names it`);
  }
  const sendsTokens = disableTokenManager.value !== true;
  return {
    secretKey: secretKey.isGiven ? String(secretKey.value) : undefined,
    credentials: new Credentials({ authKey: authKey.isGiven ? String(authKey.value) : undefined, sendsTokens }),
    maySendCredentials,
  };
}

/** Why credentials are not sent, and what to do. */
export const PLAIN_WAY =
  "origin is another machine without TLS, where it could be read on the way; set ssl to true, or allowPlainCredentials";

function requireText({ name, value }: Setting): void {
  if (typeof value === "string" && value.trim() !== "" && value.isWellFormed()) return;
  throw invalid(`${name} is empty or holds half of a character; give it whole, or leave it out`);
}

function staysSecret(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return (
    protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname)
  );
}
