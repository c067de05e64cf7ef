/**
 * Credentials for push providers: read from an operator, told to one, and never in full.
 *
 * Pure. Rules: spec/ACCESS.md ACC85-ACC88.
 *
 * @module
 */
import { createPrivateKey } from "node:crypto";
import { LIMITS } from "@longwave/protocol";
import type { ApnsCredentials, FcmCredentials, PushCredentials } from "../ports/push-gateway.ts";

/** What is to become of a keyset's credentials: `undefined` leaves them, `null` takes them away. */
export interface PushCredentialsChange {
  readonly fcm?: FcmCredentials | null | undefined;
  readonly apns?: ApnsCredentials | null | undefined;
}

/** What came of reading a change. */
export type PushCredentialsOutcome =
  | { readonly kind: "change"; readonly change: PushCredentialsChange }
  /** A sentence that says what is wrong, and holds nothing secret. */
  | { readonly kind: "refused"; readonly reason: string };

/** No credentials. */
export const NO_PUSH: PushCredentials = Object.freeze({ fcm: undefined, apns: undefined });

class Refused extends Error {}

/**
 * Checks credentials that an operator gives.
 *
 * @param given unknown JSON: `fcm`, the JSON file of a Google service account, and `apns`, an object of `teamId`, `keyId`,
 *   `privateKey` and perhaps `topic` and `environment`; either may be absent or null.
 */
export function readPushCredentials(given: Readonly<Record<string, unknown>>): PushCredentialsOutcome {
  try {
    const unknown = Object.keys(given).find((name) => name !== "fcm" && name !== "apns");
    if (unknown !== undefined) throw new Refused("push credentials are fcm and apns");
    const change = { fcm: readOne("fcm", given["fcm"], readFcm), apns: readOne("apns", given["apns"], readApns) };
    return { kind: "change", change };
  } catch (refusal) {
    if (refusal instanceof Refused) return { kind: "refused", reason: refusal.message };
    throw refusal;
  }
}

/** Credentials after a change. */
export function changedCredentials(before: PushCredentials, { fcm, apns }: PushCredentialsChange): PushCredentials {
  return {
    fcm: fcm === undefined ? before.fcm : (fcm ?? undefined),
    apns: apns === undefined ? before.apns : (apns ?? undefined),
  };
}

/** What may be told of credentials: whose they are, and nothing that they are worth. */
export function toldCredentials({ fcm, apns }: PushCredentials): object {
  return {
    fcm: fcm ? { projectId: fcm.projectId } : null,
    apns: apns
      ? { teamId: apns.teamId, keyId: apns.keyId, topic: apns.topic ?? null, environment: apns.environment }
      : null,
  };
}

type Given = Readonly<Record<string, unknown>>;

function readOne<Credentials>(
  name: string,
  value: unknown,
  read: (given: Given) => Credentials,
): Credentials | null | undefined {
  if (value === undefined || value === null) return value;
  if (typeof value !== "object" || Array.isArray(value)) throw new Refused(`${name} must be an object or null`);
  return read(value as Given);
}

// The file as Google gives it out; what else is in it is not kept.
function readFcm(given: Given): FcmCredentials {
  const tokenUrl = given["token_uri"] === undefined ? "https://oauth2.googleapis.com/token" : text(given, "token_uri");
  if (!URL.canParse(tokenUrl) || new URL(tokenUrl).protocol !== "https:") {
    throw new Refused("fcm.token_uri must be an https address");
  }
  return {
    projectId: text(given, "project_id"),
    clientEmail: text(given, "client_email"),
    privateKey: privateKey(given, "private_key", "rsa"),
    tokenUrl,
  };
}

function readApns(given: Given): ApnsCredentials {
  const { environment = "production", topic } = given;
  if (environment !== "production" && environment !== "development") {
    throw new Refused("apns.environment must be production or development");
  }
  if (topic !== undefined && (typeof topic !== "string" || !/^[!-~]{1,256}$/.test(topic))) {
    throw new Refused(`apns.topic must be an app's identifier of 1 to ${LIMITS.pushTopicCharactersMax} characters`);
  }
  const [teamId, keyId] = ["teamId", "keyId"].map((name) => text(given, name));
  return {
    teamId: teamId ?? "",
    keyId: keyId ?? "",
    privateKey: privateKey(given, "privateKey", "ec"),
    topic,
    environment,
  };
}

function text(given: Given, name: string): string {
  const value = given[name];
  if (typeof value === "string" && /^[!-~]{1,512}$/.test(value)) return value;
  throw new Refused(`${name} must be a text of 1 to 512 printable ASCII characters`);
}

function privateKey(given: Given, name: string, kind: "rsa" | "ec"): string {
  const value = given[name];
  if (typeof value === "string" && value.length <= 16_384 && kindOf(value) === kind) return value;
  throw new Refused(`${name} must be a private ${kind === "rsa" ? "RSA key" : "key on the curve P-256"} in PEM form`);
}

function kindOf(pem: string): "rsa" | "ec" | undefined {
  if (!pem.trimStart().startsWith("-----BEGIN PRIVATE KEY-----")) return undefined; // PKCS #8, as both give them out
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    if (asymmetricKeyType === "rsa") return "rsa";
    return asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1" ? "ec" : undefined;
  } catch {
    return undefined;
  }
}
