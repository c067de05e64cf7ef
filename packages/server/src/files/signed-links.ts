/**
 * Forms and links that the network signs: what may be uploaded, or downloaded, until when, by whoever holds them.
 *
 * Signed with a keyset's token key, in texts of their own that no token can be: so they end where tokens do when that key is
 * made anew. Pure but for the keys. Rules: spec/FILES.md FIL4, FIL10, FIL20.
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { LIMITS, decodeBase64Url, encodeBase64Url } from "@longwave/protocol";
import type { KeysetSecrets } from "../access/keysets.ts";
import type { FilePlace } from "../ports/file-store.ts";

/** What an upload may be. */
export interface UploadPolicy extends FilePlace {
  readonly name: string;
  readonly bytesMax: number;
  /** Milliseconds since the Unix epoch from which on it may no longer begin. */
  readonly expiresMs: number;
}

/** A policy as clients carry it. */
export interface SignedPolicy {
  readonly policy: string;
  readonly signature: string;
}

/** A file that a link is about. */
export interface NamedFile extends FilePlace {
  readonly name: string;
}

/** A link's own parameters. */
export interface LinkSeal {
  /** Seconds since the Unix epoch from which on it is void. */
  readonly expiresSeconds: number;
  readonly signature: string;
}

/** Signs a policy. */
export function signPolicy(secrets: KeysetSecrets, policy: UploadPolicy): SignedPolicy {
  const text = encodeBase64Url(new TextEncoder().encode(JSON.stringify(policy)), false);
  return { policy: text, signature: seal(secrets, ["upload", text]) };
}

/** Reads a policy. @returns nothing where it was not signed here. */
export function readPolicy(secrets: KeysetSecrets, { policy, signature }: SignedPolicy): UploadPolicy | undefined {
  if (!isSealed(secrets, ["upload", policy], signature)) return undefined;
  return JSON.parse(new TextDecoder().decode(decodeBase64Url(policy))) as UploadPolicy; // nobody else can have written it
}

/** What the store's key of an upload is in its form: its keyset, its channel's digest, its identifier, its name. */
export function uploadKey({ keyset, channel, id, name }: NamedFile): string {
  return `${keyset}/${createHash("sha256").update(channel).digest("base64url")}/${id}/${name}`;
}

const HOUR_SECONDS = 3_600;

/** Signs a link to a file; all of one hour are the same, so that they can be cached. */
export function signLink(secrets: KeysetSecrets, file: NamedFile, nowMs: number): LinkSeal {
  const hour = Math.floor(nowMs / 1_000 / HOUR_SECONDS) * HOUR_SECONDS;
  const expiresSeconds = hour + LIMITS.fileLinkSecondsMax;
  return { expiresSeconds, signature: seal(secrets, linkParts(file, expiresSeconds)) };
}

/** Whether a link to a file was signed here. */
export function isLinkGenuine(secrets: KeysetSecrets, file: NamedFile, link: LinkSeal): boolean {
  return isSealed(secrets, linkParts(file, link.expiresSeconds), link.signature);
}

function linkParts({ keyset, channel, id, name }: NamedFile, expiresSeconds: number): readonly string[] {
  return ["download", keyset, channel, id, name, String(expiresSeconds)];
}

function seal({ tokenKeys: [key] }: KeysetSecrets, parts: readonly string[]): string {
  if (!key) throw new Error("a keyset without a token key");
  return digest(key, parts).toString("hex");
}

function isSealed({ tokenKeys }: KeysetSecrets, parts: readonly string[], signature: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, "hex");
  return tokenKeys.some((key) => timingSafeEqual(digest(key, parts), given));
}

// As JSON, so that no part can end where another begins.
function digest(key: Uint8Array, parts: readonly string[]): Buffer {
  return createHmac("sha256", key)
    .update(JSON.stringify(["longwave file", ...parts]))
    .digest();
}
