/**
 * Tokens that were revoked, until they would have expired anyway. In memory; its owner keeps the changes.
 *
 * Rules: spec/ACCESS.md ACC23.
 *
 * @module
 */
import { LIMITS, NetworkError } from "@longwave/protocol";
import type { RevokedRecord } from "../ports/keyset-store.ts";

/** The revoked tokens of all keysets. */
export class RevokedTokens {
  readonly #byKeyset = new Map<string, Map<string, number>>(); // when each expires, by its id

  /** Notes a revocation. */
  put({ keyset, tokenId, expiresMs }: RevokedRecord): void {
    const revoked = this.#byKeyset.get(keyset) ?? new Map<string, number>();
    this.#byKeyset.set(keyset, revoked.set(tokenId, expiresMs));
  }

  /** @throws {NetworkError} `revokedTooMany` when a keyset remembers as many as it may. */
  assertRoom(keyset: string, nowMs: number): void {
    const revoked = this.#byKeyset.get(keyset);
    if (!revoked || revoked.size < LIMITS.revokedTokensPerKeysetMax) return;
    for (const [id, expiresMs] of revoked) if (expiresMs <= nowMs) revoked.delete(id);
    if (revoked.size >= LIMITS.revokedTokensPerKeysetMax) throw new NetworkError("revokedTooMany");
  }

  /** Forgets a keyset's. */
  forget(keyset: string): void {
    this.#byKeyset.delete(keyset);
  }

  /** Whether a token was revoked. */
  has(keyset: string, tokenId: string): boolean {
    return this.#byKeyset.get(keyset)?.has(tokenId) ?? false;
  }
}
