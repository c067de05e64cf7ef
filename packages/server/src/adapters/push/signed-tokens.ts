/**
 * The tokens by which providers know us: JSON Web Tokens, signed by the library `jose`
 * (docs/adr/0010-push-tokens.md).
 *
 * @module
 */
import { SignJWT, importPKCS8 } from "jose";
import type { ApnsCredentials, FcmCredentials } from "../../ports/push-gateway.ts";

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const ASSERTION_SECONDS = 3_600;

/**
 * A token with which Apple lets us send.
 *
 * @param nowMs in milliseconds since the Unix epoch: Apple refuses one that is older than an hour.
 * @throws when the key is none.
 */
export async function signProviderToken(credentials: ApnsCredentials, nowMs: number): Promise<string> {
  const key = await importPKCS8(credentials.privateKey, "ES256");
  return new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: credentials.keyId })
    .setIssuer(credentials.teamId)
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .sign(key);
}

/**
 * What Google gives an access token for.
 *
 * @param nowMs in milliseconds since the Unix epoch.
 * @throws when the key is none.
 */
export async function signAssertion(credentials: FcmCredentials, nowMs: number): Promise<string> {
  const key = await importPKCS8(credentials.privateKey, "RS256");
  const seconds = Math.floor(nowMs / 1_000);
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(credentials.clientEmail)
    .setAudience(credentials.tokenUrl)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ASSERTION_SECONDS)
    .sign(key);
}
