/**
 * A subscriber that never gives up: polls with its cursor, through whatever happens to the server, and keeps what it got.
 *
 * For tests only.
 *
 * @module
 */

/** A message as it was delivered. */
export interface Received {
  readonly channel: string;
  readonly payload: unknown;
  readonly timetoken: string;
  readonly isSignal: boolean;
}

interface SubscribeAnswer {
  readonly t: { readonly t: string };
  readonly m: readonly {
    readonly c: string;
    readonly d: unknown;
    readonly e?: number;
    readonly p: { readonly t: string };
  }[];
}

const RETRY_MS = 20;
const PATIENCE_MS = 45_000;

/** One subscriber. Disposed of, it polls no more. */
export class Follower implements AsyncDisposable {
  /** The channels and wildcards that it asks for, comma-separated. */
  readonly names: string;
  readonly received: Received[] = [];
  /** Answers without a message: of handshakes, of polls that were held in vain. */
  emptyAnswers = 0;
  /** Polls that ended without an answer, or with an error. */
  failures = 0;
  readonly #url: string;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  readonly #handshaken = Promise.withResolvers<void>();
  #cursor: string;
  #grown = Promise.withResolvers<void>();

  /** @param cursor where it begins; without one, now. */
  constructor(url: string, names: string, cursor = "0") {
    this.#url = url;
    this.names = names;
    this.#cursor = cursor;
    this.#running = this.#run();
  }

  /** Fulfilled when it has a cursor: everything published later is for it. */
  get ready(): Promise<void> {
    return this.#handshaken.promise;
  }

  get cursor(): string {
    return this.#cursor;
  }

  /** Waits for a payload. */
  async until(payload: unknown): Promise<void> {
    let seen = 0;
    const late = Bun.sleep(PATIENCE_MS).then(() => "late" as const);
    for (;;) {
      for (; seen < this.received.length; seen++) if (this.received[seen]?.payload === payload) return;
      if ((await Promise.race([this.#grown.promise, late])) === "late") {
        throw new Error(`${this.names}: no ${payload} in ${PATIENCE_MS} ms, but ${this.received.length} others`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const answer = await this.#poll();
      if (answer) {
        this.#take(answer);
      } else {
        this.failures += 1;
        await Bun.sleep(RETRY_MS);
      }
    }
  }

  async #poll(): Promise<SubscribeAnswer | undefined> {
    try {
      const path = `/v2/subscribe/demo/${this.names}/0?tt=${this.#cursor}`;
      const response = await fetch(`${this.#url}${path}`, { signal: this.#ending.signal });
      return response.ok ? ((await response.json()) as SubscribeAnswer) : undefined;
    } catch {
      return undefined;
    }
  }

  #take({ t, m }: SubscribeAnswer): void {
    this.#cursor = t.t;
    this.#handshaken.resolve();
    if (m.length === 0) this.emptyAnswers += 1;
    this.received.push(...m.map(({ c, d, e, p }) => ({ channel: c, payload: d, timetoken: p.t, isSignal: e === 1 })));
    this.#grown.resolve();
    this.#grown = Promise.withResolvers<void>();
  }
}
