/**
 * Sends to Google's FCM over its HTTP v1 interface, with an access token that a service account is given.
 *
 * Rules: spec/PUSH.md PSH60-PSH69.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";
import type { FcmCredentials, PushGateway, PushLetter, SendOutcome } from "../../ports/push-gateway.ts";
import type { ProviderAnswer } from "./apns-outcome.ts";
import { type FcmOutcome, fcmOutcome } from "./fcm-outcome.ts";
import { Places } from "./places.ts";
import { parseObject } from "./provider-json.ts";
import { signAssertion } from "./signed-tokens.ts";

/** What the gateway is made with. */
export interface FcmSettings {
  readonly clock: Clock;
  /** Scheme, host and port; another one for tests. */
  readonly origin?: string | undefined;
  /** Certificates to trust besides those of the system, in PEM form; for tests. */
  readonly ca?: string | undefined;
}

const ORIGIN = "https://fcm.googleapis.com";
/** An access token is renewed so long before it expires. */
const EARLY_MS = 120_000;
/** For so long nobody asks again for an access token that was refused. */
const REFUSED_MS = 10_000;

interface AccessToken {
  /** Nothing where none was given. */
  readonly text: string | undefined;
  readonly untilMs: number;
}

/** Letters under way at the same time. */
const LETTERS_MAX = 100;

/** Sends to Google's devices. */
export class FcmGateway implements PushGateway<FcmCredentials> {
  readonly #settings: FcmSettings;
  readonly #tokens = new WeakMap<FcmCredentials, Promise<AccessToken>>();
  readonly #stopping = new AbortController();
  readonly #places = new Places(() => LETTERS_MAX);

  constructor(settings: FcmSettings) {
    this.#settings = settings;
  }

  send(credentials: FcmCredentials, letter: PushLetter): Promise<SendOutcome> {
    return this.#places.hold(() => this.#sendTwice(credentials, letter));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  async #sendTwice(credentials: FcmCredentials, letter: PushLetter): Promise<SendOutcome> {
    const outcome = await this.#send(credentials, letter);
    if (outcome.kind !== "renew") return outcome;
    this.#tokens.delete(credentials);
    const again = await this.#send(credentials, letter);
    return again.kind === "renew" ? { kind: "later", reason: "UNAUTHENTICATED", afterMs: undefined } : again;
  }

  async #send(credentials: FcmCredentials, letter: PushLetter): Promise<FcmOutcome> {
    const { text } = await this.#accessToken(credentials);
    if (text === undefined) return { kind: "later", reason: "no access token is given", afterMs: undefined };
    const { origin = ORIGIN, clock } = this.#settings;
    const url = `${origin}/v1/projects/${encodeURIComponent(credentials.projectId)}/messages:send`;
    const headers = { Authorization: `Bearer ${text}`, "Content-Type": "application/json" };
    const answer = await this.#post(url, headers, printMessage(letter));
    if (answer === "lost") return { kind: "later", reason: "lost", afterMs: undefined };
    return fcmOutcome(answer, clock.wallMs());
  }

  async #accessToken(credentials: FcmCredentials): Promise<AccessToken> {
    const asked = this.#tokens.get(credentials);
    const known = await asked;
    if (known && known.untilMs > this.#settings.clock.monotonicMs()) return known;
    const current = this.#tokens.get(credentials);
    if (current && current !== asked) return current; // somebody else has asked meanwhile
    const asking = this.#askForToken(credentials);
    this.#tokens.set(credentials, asking);
    return asking;
  }

  async #askForToken(credentials: FcmCredentials): Promise<AccessToken> {
    const { clock } = this.#settings;
    const refused = (): AccessToken => ({ text: undefined, untilMs: clock.monotonicMs() + REFUSED_MS });
    const assertion = await signAssertion(credentials, clock.wallMs()).catch(() => undefined);
    if (assertion === undefined) return refused();
    const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await this.#post(credentials.tokenUrl, headers, form.toString());
    if (answer === "lost" || answer.status !== 200) return refused();
    const { access_token: text, expires_in: seconds } = parseObject(answer.body);
    if (typeof text !== "string" || typeof seconds !== "number") return refused();
    return { text, untilMs: clock.monotonicMs() + Math.max(seconds * 1_000 - EARLY_MS, REFUSED_MS) };
  }

  async #post(url: string, headers: Record<string, string>, body: string): Promise<ProviderAnswer | "lost"> {
    const { clock, ca } = this.#settings;
    const late = new AbortController();
    const deadline = clock.after(LIMITS.pushAnswerSecondsMax * 1_000, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#stopping.signal]);
    const tls = ca === undefined ? undefined : { ca };
    try {
      const response = await fetch(url, {
        method: "POST",
        headers,
        body,
        signal,
        redirect: "error",
        ...(tls && { tls }),
      });
      const text = await readSome(response);
      return { status: response.status, body: text, retryAfter: response.headers.get("retry-after") ?? undefined };
    } catch {
      return "lost";
    } finally {
      deadline.cancel();
    }
  }
}

// The message's own bytes, with the address before them.
function printMessage({ notice: { body }, token }: PushLetter): string {
  const members = body === "{}" ? "" : `,${body.slice(1, -1)}`;
  return `{"message":{"token":${JSON.stringify(token)}${members}}}`;
}

async function readSome({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > LIMITS.pushAnswerBytesMax) break;
  }
  return text;
}
