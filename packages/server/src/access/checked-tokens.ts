/**
 * Tokens that requests carry: read and told genuine, once, not once a request.
 *
 * Rules: spec/ACCESS.md ACC20, ACC24.
 *
 * @module
 */
import { LIMITS, NetworkError, type Token, type TokenGrants, expirySeconds, parseToken } from "@longwave/protocol";
import type { KeysetSecrets } from "./keysets.ts";
import type { Patterns } from "./patterns.ts";
import { isGenuine, tokenIdOf } from "./tokens.ts";

/** The kinds of resources that requests name. */
export type ResourceKind = "channel" | "group" | "uuid";

const KINDS = { channel: "channels", group: "groups", uuid: "uuids" } as const satisfies Record<
  ResourceKind,
  keyof TokenGrants
>;

/** A genuine token, ready to be asked. */
export class CheckedToken {
  readonly id: string;
  readonly expiresMs: number;
  readonly authorizedUuid: string | undefined;
  readonly #token: Token;
  // Asked for each name, not kept here: compiled patterns weigh far more than tokens, and theirs is the bound that counts.
  readonly #patterns: Patterns;

  constructor(token: Token, patterns: Patterns) {
    this.id = tokenIdOf(token);
    this.expiresMs = expirySeconds(token) * 1_000;
    this.authorizedUuid = token.authorizedUuid;
    this.#token = token;
    this.#patterns = patterns;
  }

  /** What it grants on a name: its own entry, and those of all patterns that match. */
  maskOf(kind: ResourceKind, name: string): number {
    const explicit = this.#token.resources[KINDS[kind]];
    let mask = explicit.get(name) ?? 0;
    if (kind === "group") mask |= explicit.get(`:${name}`) ?? 0;
    for (const [pattern, granted] of this.#token.patterns[KINDS[kind]]) {
      if (this.#matches(pattern, kind, name)) mask |= granted;
    }
    return mask;
  }

  // A pattern that cannot be compiled was not granted here, or by a version that knew more: it matches nothing. Some write
  // patterns for groups over the name with its leading colon.
  #matches(pattern: string, kind: ResourceKind, name: string): boolean {
    const test = this.#patterns.of(pattern);
    return test !== undefined && (test(name) || (kind === "group" && test(`:${name}`)));
  }
}

interface Known {
  readonly checked: CheckedToken;
  /** With which it was found genuine; a key that is rotated makes other ones. */
  readonly secrets: KeysetSecrets;
}

/** Remembers the tokens used lately. */
export class CheckedTokens {
  readonly #known = new Map<string, Known>(); // oldest use first
  readonly #patterns: Patterns;

  constructor(patterns: Patterns) {
    this.#patterns = patterns;
  }

  /**
   * Reads a token and tells whether it is genuine; not whether it is alive.
   *
   * @throws {NetworkError} `tokenMalformed` for what cannot be read and for what was not issued here.
   */
  of(subscribeKey: string, secrets: KeysetSecrets, text: string): CheckedToken {
    const key = `${subscribeKey}\n${text}`;
    const known = this.#known.get(key);
    if (known?.secrets === secrets) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known.checked;
    }
    const token = parseToken(text);
    if (!isGenuine(subscribeKey, secrets, text)) throw new NetworkError("tokenMalformed");
    const checked = new CheckedToken(token, this.#patterns);
    if (text.length <= LIMITS.checkedTokenCharactersMax) this.#keep(key, { checked, secrets });
    return checked;
  }

  #keep(key: string, known: Known): void {
    this.#known.set(key, known);
    if (this.#known.size <= LIMITS.checkedTokensMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
