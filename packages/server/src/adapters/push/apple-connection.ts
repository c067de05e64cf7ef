/**
 * One connection to Apple, over HTTP/2: opened when it is needed, opened anew when it is gone.
 *
 * No more requests are under way than the other side says that it takes; the others wait here. A request that was lost with
 * its connection before it was answered is sent once more, over a new one.
 *
 * @module
 */
import { type ClientHttp2Session, type IncomingHttpHeaders, connect, constants } from "node:http2";
import { LIMITS } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";
import type { ProviderAnswer } from "./apns-outcome.ts";
import { Places } from "./places.ts";

/** Where and how to connect. */
export interface AppleConnectionSettings {
  readonly clock: Clock;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Certificates to trust besides those of the system, in PEM form; for tests. */
  readonly ca?: string | undefined;
}

/** A request to Apple. */
export interface AppleRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** No answer: the connection was lost, or nothing came in time. */
export type Lost = "lost" | "timeout";

/** Until the other side says how many it takes. */
const STREAMS_AT_FIRST = 1;
const STREAMS_MAX = 500;

/** A connection that is there when it is needed. */
export class AppleConnection {
  readonly #settings: AppleConnectionSettings;
  #session: ClientHttp2Session | undefined;
  readonly #places = new Places(() => this.#streamsMax());
  #usedMs: number;
  #isStopped = false;

  constructor(settings: AppleConnectionSettings) {
    this.#settings = settings;
    this.#usedMs = settings.clock.monotonicMs();
  }

  /** Milliseconds for which nothing has been sent. */
  get idleMs(): number {
    return this.#places.busy > 0 ? 0 : this.#settings.clock.monotonicMs() - this.#usedMs;
  }

  /** Sends a request. */
  async send(request: AppleRequest): Promise<ProviderAnswer | Lost> {
    const answer = await this.#places.hold(async () => {
      const first = await this.#sendOnce(request);
      return first === "lost" ? this.#sendOnce(request) : first;
    });
    this.#usedMs = this.#settings.clock.monotonicMs();
    return answer;
  }

  /** Closes it; what is under way, and what waits, is lost. */
  stop(): void {
    this.#isStopped = true;
    this.#session?.destroy();
    this.#session = undefined;
    this.#places.admit();
  }

  #streamsMax(): number {
    if (this.#isStopped) return Number.POSITIVE_INFINITY; // nothing is sent any more
    const theirs = this.#session?.remoteSettings?.maxConcurrentStreams ?? STREAMS_AT_FIRST;
    return Math.max(Math.min(theirs, STREAMS_MAX), 1);
  }

  #sendOnce(request: AppleRequest): Promise<ProviderAnswer | Lost> {
    if (this.#isStopped) return Promise.resolve("lost");
    if (this.#session?.closed || this.#session?.destroyed) this.#session = undefined; // and has not said so yet
    const session = (this.#session ??= this.#open());
    return new Promise((resolve) => {
      const stream = session.request({ ":method": "POST", ":path": request.path, ...request.headers });
      let status = 0;
      let retryAfter: string | undefined;
      let body = "";
      const deadline = this.#settings.clock.after(LIMITS.pushAnswerSecondsMax * 1_000, () => {
        this.#forget(session); // silent: nothing more is sent over it
        stream.close(constants.NGHTTP2_CANCEL);
        finish("timeout");
      });
      const finish = (answer: ProviderAnswer | Lost): void => {
        deadline.cancel();
        resolve(answer);
      };
      stream.setEncoding("utf8");
      stream.on("response", (headers: IncomingHttpHeaders & { readonly ":status"?: number }) => {
        status = headers[":status"] ?? 0;
        retryAfter = headers["retry-after"];
      });
      stream.on("data", (text: string) => {
        if (body.length < LIMITS.pushAnswerBytesMax) body += text;
      });
      stream.on("error", () => {}); // it closes, too
      // A stream that is reset may raise no error: one that closes without a status was not answered.
      stream.on("close", () => finish(status === 0 ? "lost" : { status, body, retryAfter }));
      stream.end(request.body);
    });
  }

  #open(): ClientHttp2Session {
    const { origin, ca } = this.#settings;
    const session = connect(origin, ca === undefined ? {} : { ca });
    const forget = (): void => this.#forget(session);
    session.on("remoteSettings", () => this.#places.admit());
    session.on("goaway", forget); // what is under way may still be answered
    session.on("error", forget);
    session.on("close", forget);
    return session;
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    if (!session.closed) session.close();
  }
}
