/**
 * The admin API's door: one token, of which only a hash is kept.
 *
 * Rules: spec/ACCESS.md ACC70, ACC71.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Characters that a token which somebody chose has at least. */
export const ADMIN_TOKEN_CHARACTERS_MIN = 16;

/** Lets in whoever has the token. */
export class AdminDoor {
  readonly #hash: Buffer;

  /** @param hash as {@link hashAdminToken} wrote it. */
  constructor(hash: string) {
    this.#hash = Buffer.from(hash, "hex");
  }

  /** Whether a request's `Authorization` header holds the token. */
  opensFor(authorization: string | null): boolean {
    const [, token] = /^Bearer ([!-~]{1,512})$/i.exec(authorization ?? "") ?? [];
    if (token === undefined) return false;
    const given = Buffer.from(hashAdminToken(token), "hex");
    return given.length === this.#hash.length && timingSafeEqual(given, this.#hash);
  }
}

/** A token that nobody can guess. */
export function makeAdminToken(): string {
  return `adm-lw-${randomBytes(32).toString("base64url")}`;
}

/** What is kept of a token. A plain hash does: what is made here has 256 bits of chance. */
export function hashAdminToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
