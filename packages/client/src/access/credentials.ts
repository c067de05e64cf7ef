/**
 * What a client shows to be let in: the auth key of its configuration, or the access token that was set last.
 *
 * Each request asks for it when it is sent, so a new token counts from the next request on. Rules: spec/SDK.md SDK52.
 *
 * @module
 */
import { invalidParameter } from "../endpoints/parameters.ts";

/** Where credentials come from. */
export interface CredentialsOptions {
  /** A key of the older grants. */
  readonly authKey?: string | undefined;
  /** Whether tokens are kept, but not sent. @defaultValue false */
  readonly disableTokenManager?: boolean | undefined;
}

/** The credentials of one client. */
export class Credentials {
  /** The token that was set last; nothing where none was. */
  token: string | undefined;
  readonly #options: CredentialsOptions;

  constructor(options: CredentialsOptions = {}) {
    this.#options = options;
  }

  /** The value of the parameter `auth`: a token counts more than the auth key. */
  get auth(): string | undefined {
    const { authKey, disableTokenManager } = this.#options;
    return (disableTokenManager ? undefined : this.token) ?? authKey;
  }
}

/** Checks a token that must be there, but not whether it is one: that is the network's to judge. */
export function requireToken(token: unknown): string {
  if (typeof token === "string" && token !== "" && token.isWellFormed()) return token;
  throw invalidParameter("token is missing; give the text that grantToken gave");
}
