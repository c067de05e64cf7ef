/**
 * Sends to Apple: HTTP/2, known by a signed token that is renewed before it is an hour old.
 *
 * Each keyset's credentials have connections of their own, since one connection knows one team.
 * Rules: spec/PUSH.md PSH60-PSH69.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { type Clock, type Timer, every } from "../../ports/clock.ts";
import type { ApnsCredentials, PushGateway, PushLetter, SendOutcome } from "../../ports/push-gateway.ts";
import type { PushEnvironment } from "../../ports/push-store.ts";
import { type ApnsOutcome, apnsOutcome } from "./apns-outcome.ts";
import { AppleConnection } from "./apple-connection.ts";
import { signProviderToken } from "./signed-tokens.ts";

/** What the gateway is made with. */
export interface ApnsSettings {
  readonly clock: Clock;
  /** Scheme, host and port of Apple's hosts; others for tests. */
  readonly origins?: Readonly<Record<PushEnvironment, string>> | undefined;
  /** Certificates to trust besides those of the system, in PEM form; for tests. */
  readonly ca?: string | undefined;
}

const ORIGINS: Readonly<Record<PushEnvironment, string>> = Object.freeze({
  development: "https://api.sandbox.push.apple.com",
  production: "https://api.push.apple.com",
});

/** Apple takes a token for an hour, and not more than one in twenty minutes. */
const TOKEN_AGE_MS_MAX = 2_700_000;
const SWEEP_MS = 60_000;

interface Account {
  readonly connections: Map<PushEnvironment, AppleConnection>;
  token: { readonly text: Promise<string>; readonly madeMs: number } | undefined;
}

/** Sends to Apple's devices. */
export class ApnsGateway implements PushGateway<ApnsCredentials> {
  readonly #settings: ApnsSettings;
  readonly #accounts = new Map<ApnsCredentials, Account>();
  readonly #sweeping: Timer;
  #isStopped = false;

  constructor(settings: ApnsSettings) {
    this.#settings = settings;
    this.#sweeping = every(settings.clock, SWEEP_MS, () => this.#sweep());
  }

  async send(credentials: ApnsCredentials, letter: PushLetter): Promise<SendOutcome> {
    const { app } = letter.notice;
    const { environment, topic } = app.gateway === "apns2" ? app : credentials;
    if (topic === undefined) return { kind: "unsendable", reason: "no topic is set for devices without one" };
    const outcome = await this.#send(credentials, letter, { environment, topic });
    if (outcome.kind !== "renew") return outcome;
    this.#account(credentials).token = undefined;
    const again = await this.#send(credentials, letter, { environment, topic });
    return again.kind === "renew" ? { kind: "later", reason: "ExpiredProviderToken", afterMs: undefined } : again;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#sweeping.cancel();
    for (const { connections } of this.#accounts.values()) for (const one of connections.values()) one.stop();
    this.#accounts.clear();
  }

  async #send(
    credentials: ApnsCredentials,
    { notice, token }: PushLetter,
    { environment, topic }: { readonly environment: PushEnvironment; readonly topic: string },
  ): Promise<ApnsOutcome> {
    const signed = await this.#token(credentials).catch(() => undefined);
    if (signed === undefined) return { kind: "later", reason: "the signing key is unusable", afterMs: undefined };
    if (this.#isStopped) return { kind: "later", reason: "stopping", afterMs: undefined };
    const headers = { ...notice.headers, "apns-topic": topic, authorization: `bearer ${signed}` };
    const request = { path: `/3/device/${encodeURIComponent(token)}`, headers, body: notice.body };
    const answer = await this.#connection(credentials, environment).send(request);
    if (typeof answer === "string") return { kind: "later", reason: answer, afterMs: undefined };
    return apnsOutcome(answer, notice.app.gateway === "apns2", this.#settings.clock.wallMs());
  }

  #account(credentials: ApnsCredentials): Account {
    const known = this.#accounts.get(credentials);
    if (known) return known;
    const account: Account = { connections: new Map(), token: undefined };
    this.#accounts.set(credentials, account);
    return account;
  }

  #token(credentials: ApnsCredentials): Promise<string> {
    const { clock } = this.#settings;
    const account = this.#account(credentials);
    if (!account.token || this.#isOld(account.token)) {
      const text = signProviderToken(credentials, clock.wallMs());
      account.token = { text, madeMs: clock.monotonicMs() };
    }
    return account.token.text;
  }

  #connection(credentials: ApnsCredentials, environment: PushEnvironment): AppleConnection {
    const { connections } = this.#account(credentials);
    const known = connections.get(environment);
    if (known) return known;
    const { clock, origins = ORIGINS, ca } = this.#settings;
    const made = new AppleConnection({ clock, origin: origins[environment], ca });
    connections.set(environment, made);
    return made;
  }

  #isOld({ madeMs }: NonNullable<Account["token"]>): boolean {
    return this.#settings.clock.monotonicMs() - madeMs >= TOKEN_AGE_MS_MAX;
  }

  // Also how accounts end whose credentials were replaced. A token that is young is kept: Apple counts new ones.
  #sweep(): void {
    for (const [credentials, { connections, token }] of this.#accounts) {
      for (const [environment, connection] of connections) {
        if (connection.idleMs < LIMITS.pushIdleSecondsMax * 1_000) continue;
        connection.stop();
        connections.delete(environment);
      }
      if (connections.size === 0 && (!token || this.#isOld(token))) this.#accounts.delete(credentials);
    }
  }
}
