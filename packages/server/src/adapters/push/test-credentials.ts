/**
 * Credentials that nobody has given out, for tests.
 *
 * @module
 */
import { type KeyObject, generateKeyPairSync } from "node:crypto";
import type { ApnsCredentials, FcmCredentials } from "../../ports/push-gateway.ts";

const pem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();

const APPLE = generateKeyPairSync("ec", { namedCurve: "P-256" });
const GOOGLE = generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** What the signatures of these credentials are checked with. */
export const PUBLIC_KEYS: Readonly<Record<"apns" | "fcm", KeyObject>> = {
  apns: APPLE.publicKey,
  fcm: GOOGLE.publicKey,
};

/** A signing key of Apple's. */
export function appleCredentials(given: Partial<ApnsCredentials> = {}): ApnsCredentials {
  return {
    teamId: "TEAM123456",
    keyId: "KEY1234567",
    privateKey: pem(APPLE.privateKey),
    topic: "com.example.app",
    environment: "production",
    ...given,
  };
}

/** A service account of Google's. */
export function googleCredentials(given: Partial<FcmCredentials> = {}): FcmCredentials {
  return {
    projectId: "project-1",
    clientEmail: "sender@project-1.example",
    privateKey: pem(GOOGLE.privateKey),
    tokenUrl: "https://oauth2.example/token",
    ...given,
  };
}
