/**
 * The room of access as the rest of the network sees it: decides about requests, grants, revokes, and tells of changes.
 *
 * What is in memory decides; what was changed is kept first and in force afterwards, so that nothing is permitted, and
 * nothing revoked, that a restart would forget. Rules: spec/ACCESS.md ACC16, ACC20-ACC36, ACC51.
 *
 * @module
 */
import { LIMITS, NetworkError, parseToken } from "@longwave/protocol";
import type { Clock } from "../ports/clock.ts";
import type {
  AccessChange,
  AuditEntry,
  AuditRequest,
  GrantRecord,
  KeptAccess,
  KeysetStore,
} from "../ports/keyset-store.ts";
import { type AccessRequest, type Decision, authorise } from "./authorise.ts";
import { CheckedTokens } from "./checked-tokens.ts";
import { GrantBook } from "./grant-book.ts";
import type { Keyset, KeysetDirectory, KeysetSecrets } from "./keysets.ts";
import { Patterns } from "./patterns.ts";
import { RevokedTokens } from "./revoked-tokens.ts";
import { type TokenDraft, issueToken } from "./tokens.ts";

/** Something because of which a request that is held may no longer be allowed. */
export type AccessEvent =
  | { readonly kind: "tokenRevoked"; readonly keyset: string; readonly tokenId: string }
  | { readonly kind: "grantsChanged"; readonly keyset: string }
  /** Settings or keys were changed, or it is gone. */
  | { readonly kind: "keysetChanged"; readonly keyset: string };

/** What access needs from outside. */
export interface AccessPorts {
  readonly store: KeysetStore;
  readonly clock: Clock;
  /** Is told of every change right after it is in force. */
  readonly announce: (event: AccessEvent) => void;
  /** Takes away what other rooms keep of a keyset that is gone. */
  readonly removed: (subscribeKey: string) => Promise<void>;
}

/** Who changes something, and what the trail says about it. */
export type AuditLine = Pick<AuditEntry, "actor" | "action" | "detail">;

/** Decides, and keeps what it decides by. */
export class Access {
  readonly directory: KeysetDirectory;
  readonly #ports: AccessPorts;
  readonly #patterns = new Patterns();
  readonly #tokens = new CheckedTokens(this.#patterns);
  readonly #grants = new GrantBook();
  readonly #revoked = new RevokedTokens();

  constructor(ports: AccessPorts, directory: KeysetDirectory) {
    this.#ports = ports;
    this.directory = directory;
  }

  /** Takes what was kept before this start. */
  restore({ grants, revoked }: Pick<KeptAccess, "grants" | "revoked">): void {
    for (const grant of grants) this.#grants.put(grant);
    for (const one of revoked) this.#revoked.put(one);
  }

  /** Decides about a request. */
  decide(request: AccessRequest): Decision {
    const parts = { tokens: this.#tokens, grants: this.#grants, revoked: this.#revoked };
    return authorise(parts, request, this.#ports.clock.wallMs());
  }

  /**
   * Issues a token.
   *
   * @throws {NetworkError} `grantPatternMalformed` for a pattern that the engine does not take, `grantTooLarge` for more
   *   than a request can carry.
   */
  grantToken({ subscribeKey }: Keyset, secrets: KeysetSecrets, draft: Omit<TokenDraft, "issuedSeconds">): string {
    const patterns = Object.values(draft.patterns).flatMap((masks) => [...masks.keys()]);
    if (patterns.length > LIMITS.tokenPatternsMax) throw new NetworkError("grantTooLarge");
    if (!patterns.every((pattern) => this.#patterns.of(pattern))) throw new NetworkError("grantPatternMalformed");
    const issuedSeconds = Math.floor(this.#ports.clock.wallMs() / 1_000);
    const token = issueToken(subscribeKey, secrets, { ...draft, issuedSeconds });
    // A request carries it percent-encoded, with its own path and parameters beside it.
    if (token.length > LIMITS.tokenCharactersMax / 2) throw new NetworkError("grantTooLarge");
    assertReadable(token);
    return token;
  }

  /**
   * Revokes a token, at once.
   *
   * @throws {NetworkError} `revokeMalformed` for what was not issued here, `revokeExpired` for what is void already.
   */
  async revokeToken({ subscribeKey }: Keyset, secrets: KeysetSecrets, text: string): Promise<void> {
    const { id, expiresMs } = this.#readForRevocation(subscribeKey, secrets, text);
    const nowMs = this.#ports.clock.wallMs();
    if (expiresMs <= nowMs) throw new NetworkError("revokeExpired");
    this.#revoked.assertRoom(subscribeKey, nowMs);
    const revoked = { keyset: subscribeKey, tokenId: id, expiresMs };
    await this.keep([
      { kind: "expired", nowMs },
      { kind: "revoked", revoked },
      this.audited(subscribeKey, { actor: "secret key", action: "token revoked", detail: id }),
    ]);
    this.#revoked.put(revoked);
    this.#ports.announce({ kind: "tokenRevoked", keyset: subscribeKey, tokenId: id });
  }

  /** Replaces grants of the older kind; a mask of 0 takes one back. All of one keyset, at once. */
  async grant(keyset: string, grants: readonly GrantRecord[]): Promise<void> {
    const nowMs = this.#ports.clock.wallMs();
    if (grants.length > LIMITS.grantsPerRequestMax) throw new NetworkError("grantsTooMany");
    this.#grants.assertRoom(keyset, grants.length, nowMs);
    const detail = `${grants.length} ${grants[0]?.level ?? "subkey"} grant(s), mask ${grants[0]?.mask ?? 0}`;
    const audit = this.audited(keyset, { actor: "secret key", action: "grants changed", detail });
    await this.keep([...grants.map(changeOf), audit]);
    for (const grant of grants) this.#grants.put(grant);
    this.#ports.announce({ kind: "grantsChanged", keyset });
  }

  /** The grants of a keyset that are in force. */
  grantsOf(keyset: string): readonly GrantRecord[] {
    return this.#grants.all(keyset, this.#ports.clock.wallMs());
  }

  /** Forgets what belongs to a keyset that is gone. */
  forget(keyset: string): void {
    this.#grants.forget(keyset);
    this.#revoked.forget(keyset);
  }

  /** Lets other rooms take away what they keep of a keyset that is gone. */
  forgetElsewhere(keyset: string): Promise<void> {
    return this.#ports.removed(keyset);
  }

  /** Tells of a change of a keyset. */
  announceKeyset(keyset: string): void {
    this.#ports.announce({ kind: "keysetChanged", keyset });
  }

  /** The trail, newest first. */
  readAudit(request: AuditRequest): Promise<readonly AuditEntry[]> {
    return this.#ports.store.readAudit(request);
  }

  /** Keeps changes. @throws {NetworkError} `accessUnavailable` when the disk refuses; then nothing has changed. */
  async keep(changes: readonly AccessChange[]): Promise<void> {
    if ((await this.#ports.store.keep(changes)) === "unavailable") throw new NetworkError("accessUnavailable");
  }

  /** A line of the trail, of now. */
  audited(keyset: string, line: AuditLine): AccessChange {
    return { kind: "audit", entry: { ...line, keyset, atMs: this.#ports.clock.wallMs() } };
  }

  #readForRevocation(
    subscribeKey: string,
    secrets: KeysetSecrets,
    text: string,
  ): { readonly id: string; readonly expiresMs: number } {
    try {
      return this.#tokens.of(subscribeKey, secrets, text);
    } catch (refusal) {
      if (refusal instanceof NetworkError) throw new NetworkError("revokeMalformed");
      throw refusal;
    }
  }
}

function changeOf(grant: GrantRecord): AccessChange {
  return grant.mask === 0 ? { kind: "grantRemoved", keyset: grant.keyset, subject: grant } : { kind: "grant", grant };
}

// What nests deeper than a reader follows would be of no use to anybody.
function assertReadable(token: string): void {
  try {
    parseToken(token);
  } catch {
    throw new NetworkError("grantTooLarge");
  }
}
